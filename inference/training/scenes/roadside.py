"""What stands beside a road: people, plants, poles, walls."""

import numpy as np

from shapes import fence, hedge, wall


def people(scene, x, y, n=None):
    """A few people close together."""
    rng = scene.rng
    n = n or 1 + int(rng.geometric(0.55))
    heading = rng.uniform(-np.pi, np.pi)
    for _ in range(min(n, 8)):
        a, d = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.35 + 0.35 * n)
        scene.put(
            scene.pick("pedestrian"),
            x + d * np.cos(a),
            y + d * np.sin(a),
            heading + rng.normal(0, 0.5),
            margin=-0.12,
        )


def roadside(scene, half, side, busy):
    """Everything beyond the kerb on one side: poles, trees, people, bushes, and a border of walls, fences and
    hedges.
    """
    rng = scene.rng
    d = scene.direction
    depth = rng.uniform(2.0, 7.0)
    for u in np.arange(-74, 74, 5.0):
        at = lambda v, du=0.0: scene.road(u + du, side * (half + v))
        jit = rng.uniform(-2, 2)
        if rng.random() < 0.16:
            scene.put(scene.pick("pole"), *at(rng.uniform(0.3, 1.0), jit), 0, label=False)
        if rng.random() < 0.14:
            scene.put(scene.pick("tree"), *at(rng.uniform(0.5, depth), jit), rng.uniform(0, 6), label=False)
        if rng.random() < 0.07:
            scene.put(scene.pick("post"), *at(rng.uniform(0.1, 0.5), jit), 0, label=False)
        if rng.random() < 0.10:
            scene.put(
                scene.pick("bush"),
                *at(rng.uniform(0.8, depth), jit),
                rng.uniform(0, 6),
                label=False,
                overlap=rng.random() < 0.3,
            )
        if rng.random() < 0.04:
            scene.put(scene.pick("cabinet"), *at(rng.uniform(0.6, depth), jit), d, label=False)
        if rng.random() < 0.04:
            scene.put(
                scene.pick("other"),
                *at(rng.uniform(0.4, depth), jit),
                d + rng.choice([0, np.pi / 2]) + rng.normal(0, 0.2),
            )
        if rng.random() < 0.17 * busy:
            people(scene, *at(rng.uniform(0.5, depth), jit))
        if rng.random() < 0.05 * busy:
            scene.put(
                scene.pick("cyclist"),
                *at(rng.uniform(0.4, depth), jit),
                d + rng.choice([0, np.pi]) + rng.normal(0, 0.3),
            )
        if rng.random() < 0.03 * busy:
            scene.put(scene.pick("motorcyclist"), *at(rng.uniform(0.3, 1.5), jit), rng.uniform(-3, 3))
        if rng.random() < 0.05:  # a car in a drive, behind the pavement
            scene.put(
                scene.vehicle(0),
                *at(rng.uniform(3.5, 9.0), jit),
                d + np.pi / 2 * rng.choice([1, -1, 0]) + rng.normal(0, 0.1),
            )
        r = rng.random()
        if r < 0.45:
            scene.put(
                wall(rng, 5.0, rng.uniform(2.5, 9) if rng.random() < 0.7 else rng.uniform(0.5, 1.8)),
                *at(depth + rng.uniform(0, 4)),
                d,
                label=False,
            )
        elif r < 0.6:
            scene.put(
                hedge(rng, 4.9, rng.uniform(0.8, 2.2), rng.uniform(0.6, 1.4)),
                *at(depth + rng.uniform(-1, 1)),
                d,
                label=False,
            )
        elif r < 0.72:
            scene.put(fence(rng, 4.9, rng.uniform(0.8, 2.0)), *at(depth + rng.uniform(-1, 1)), d, label=False)
