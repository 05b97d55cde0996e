"""Streets with parked rows, crossings, parking lots, highways and squares."""

import numpy as np

from shapes import wall

from .roadside import people, roadside
from .scene import Scene
from .traffic import crossing, parked, traffic


def street(rng, stock, fleet):
    lanes = int(rng.integers(1, 4))
    width = rng.uniform(2.9, 3.6)
    rows = [rng.random() < 0.75, rng.random() < 0.75]
    kinds = rng.random()
    half = lanes * width + (2.3 if kinds < 0.8 else 5.0)
    if lanes == 1 and rng.random() < 0.4:
        half = width * 0.5 + 2.3
    kerb = (0.0, 0.0) if rng.random() < 0.2 else tuple(rng.uniform(0.05, 0.2, 2))
    offset = -rng.uniform(-0.3, max(0.5, half - 3.0))
    scene = Scene(rng, stock, half, kerb, rng.uniform(-np.pi, np.pi), -offset, fleet)
    busy = rng.choice([0.3, 1.0, 2.5])
    inner = half
    for side, on in zip((1, -1), rows):
        if on:
            inner = min(inner, half - parked(scene, half, side, 1))
    if rng.random() < 0.35:
        crossing(scene, rng.uniform(-45, 45), width, 0.08)
    usable = max(1, int(inner / width))
    ways = [(width * (i + 0.5), -1) for i in range(usable)] + [(-width * (i + 0.5), 1) for i in range(usable)]
    traffic(scene, ways, width, rng.choice([0.03, 0.12]), rng.choice([1.5, 8, 25], p=[0.2, 0.4, 0.4]))
    for _ in range(int(rng.poisson(1.5 * busy))):
        people(scene, *scene.road(rng.uniform(-40, 40), rng.uniform(-half, half)))
    for side in (1, -1):
        roadside(scene, half, side, busy)
    return scene


def parking(rng, stock, fleet):
    scene = Scene(rng, stock, 60, (0, 0), rng.uniform(-np.pi, np.pi), rng.uniform(-2, 2), fleet)
    aisle, depth = rng.uniform(5.5, 7.5), rng.uniform(4.9, 5.4)
    pitch = rng.uniform(2.4, 2.8)
    fill = rng.uniform(0.4, 0.97) * scene.density
    v = aisle / 2
    lines = []
    while v < 45:
        lines += [(v + depth / 2, 1), (v + depth * 1.5, -1)]
        v += 2 * depth + aisle
    lines += [(-a, -b) for a, b in lines]
    for v, way in lines:
        for u in np.arange(-60, 60, pitch):
            if rng.random() < fill and abs(u) < 62:
                yaw = (
                    scene.direction
                    + np.pi / 2 * way * (1 if rng.random() < 0.75 else -1)
                    + rng.normal(0, 0.03)
                )
                shape = scene.vehicle(0.0)
                if shape.size[0] < 6.3:
                    scene.put(
                        shape, *scene.road(u + rng.normal(0, 0.1), v + rng.normal(0, 0.2)), yaw, margin=0.0
                    )
        if rng.random() < 0.3:
            for u in np.arange(-55, 55, 7.5):
                if rng.random() < 0.3:
                    scene.put(
                        scene.pick(rng.choice(["tree", "pole", "bush"])),
                        *scene.road(u, v + depth / 2),
                        0,
                        label=False,
                    )
    traffic(scene, [(0, 1)], 3, 0.03, 30)
    for _ in range(int(rng.poisson(8))):
        people(scene, *rng.uniform(-35, 35, 2))
    for _ in range(6):
        scene.put(scene.pick("other"), *rng.uniform(-30, 30, 2), rng.uniform(-3, 3))
    return scene


def highway(rng, stock, fleet):
    lanes, width = int(rng.integers(2, 5)), rng.uniform(3.4, 3.8)
    median = rng.uniform(1, 5)
    half = lanes * width + median
    scene = Scene(
        rng,
        stock,
        half + 2.5,
        (0, 0),
        rng.uniform(-np.pi, np.pi),
        median / 2 + width * (int(rng.integers(lanes)) + 0.5),
        fleet,
    )
    ways = [(median / 2 + width * (i + 0.5), -1) for i in range(lanes)] + [
        (-median / 2 - width * (i + 0.5), 1) for i in range(lanes)
    ]
    traffic(scene, ways, width, rng.uniform(0.08, 0.35), rng.choice([3, 15, 30]))
    for v in (0, half + 1.5, -half - 1.5):
        if rng.random() < 0.8:
            for u in np.arange(-72, 72, 6.0):
                scene.put(
                    wall(rng, 6.0, rng.uniform(0.7, 0.95), 0.2),
                    *scene.road(u, v),
                    scene.direction,
                    label=False,
                    overlap=True,
                )
    for side in (1, -1):
        roadside(scene, half + 3, side, 0.05)
    return scene


def square(rng, stock, fleet):
    scene = Scene(rng, stock, 60, (0, 0), rng.uniform(-np.pi, np.pi), 0, fleet)
    for _ in range(int(rng.integers(10, 45))):
        people(scene, *rng.normal(0, 22, 2))
    for _ in range(int(rng.integers(3, 16))):
        scene.put(scene.pick("cyclist"), *rng.normal(0, 22, 2), rng.uniform(-3, 3))
    if rng.random() < 0.5:  # a bicycle rack
        u, v, a = *rng.normal(0, 14, 2), rng.uniform(-3, 3)
        for i in range(8):
            scene.put(
                scene.pick("cyclist"), u - i * 0.75 * np.sin(a), v + i * 0.75 * np.cos(a), a, margin=-0.05
            )
    for _ in range(int(rng.integers(2, 10))):
        scene.put(scene.pick("motorcyclist"), *rng.normal(0, 22, 2), rng.uniform(-3, 3))
    for _ in range(int(rng.integers(4, 20))):
        scene.put(scene.pick("other"), *rng.normal(0, 22, 2), rng.uniform(-3, 3))
    for _ in range(int(rng.integers(3, 25))):
        scene.put(scene.vehicle(0.15), *rng.normal(0, 28, 2), rng.uniform(-3, 3))
    for _ in range(25):
        scene.put(
            scene.pick(rng.choice(["tree", "pole", "post", "bush", "cabinet"])),
            *rng.normal(0, 28, 2),
            0,
            label=False,
        )
    for _ in range(14):
        a, r = rng.uniform(0, 6.3), rng.uniform(15, 50)
        scene.put(
            wall(rng, rng.uniform(3, 6), rng.uniform(1, 7)),
            r * np.cos(a),
            r * np.sin(a),
            a + np.pi / 2 + rng.normal(0, 0.3),
            label=False,
        )
    return scene


KINDS = [(street, 0.6), (parking, 0.13), (highway, 0.1), (square, 0.17)]


def draw_scene(rng, stock, fleet=None):
    """A scene of some kind. fleet: what drives there; left out: that of a region."""
    return KINDS[rng.choice(len(KINDS), p=[k[1] for k in KINDS])][0](rng, stock, fleet)
