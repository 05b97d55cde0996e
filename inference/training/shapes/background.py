"""Objects that are not labelled: walls, fences, plants, poles."""

import numpy as np

from .shape import Shape


def wall(rng, length, height, depth=0.3):
    s = Shape("wall", np.array([length, depth, height]))
    s.box(-length / 2, length / 2, -depth / 2, depth / 2, 0, height, refl=rng.uniform(0.15, 0.7))
    return s.done()


def fence(rng, length, height):
    s = Shape("fence", np.array([length, 0.1, height]))
    s.box(-length / 2, length / 2, -0.03, 0.03, 0.05, height, refl=0.4, porous=rng.uniform(0.3, 0.75))
    for x in (-length / 2, 0, length / 2):
        s.box(x - 0.05, x + 0.05, -0.05, 0.05, 0, height + 0.05, refl=0.4)
    return s.done()


def hedge(rng, length, height, depth):
    s = Shape("hedge", np.array([length, depth, height]))
    n = max(2, int(length / 0.9))
    for x in np.linspace(-length / 2 + 0.4, length / 2 - 0.4, n):
        s.ball(
            [x, rng.normal(0, 0.05), height * 0.5],
            [0.75, depth / 2 * rng.uniform(0.8, 1.15), height * 0.52 * rng.uniform(0.85, 1.12)],
            refl=0.4,
            porous=rng.uniform(0.2, 0.6),
        )
    return s.done()


def bush(rng):
    r, h = rng.uniform(0.3, 1.1), rng.uniform(0.5, 2.0)
    s = Shape("bush", np.array([2 * r, 2 * r, h]))
    for _ in range(int(rng.integers(1, 4))):
        s.ball(
            [rng.normal(0, r * 0.3), rng.normal(0, r * 0.3), h * 0.48],
            [r * rng.uniform(0.6, 1), r * rng.uniform(0.6, 1), h * 0.52],
            refl=0.4,
            porous=rng.uniform(0.2, 0.65),
        )
    return s.done()


def tree(rng):
    h, r = rng.uniform(4, 9), rng.uniform(1.2, 3.2)
    t = rng.uniform(0.08, 0.3)
    base = rng.uniform(1.8, 3.2)
    s = Shape("tree", np.array([2 * t, 2 * t, h]))
    s.limb([0, 0, 0], [rng.normal(0, 0.1), rng.normal(0, 0.1), base + 1.2], t, t * 0.7, refl=0.3, sides=8)
    for _ in range(int(rng.integers(2, 5))):
        s.ball(
            [rng.normal(0, r * 0.4), rng.normal(0, r * 0.4), base + (h - base) * rng.uniform(0.35, 0.6)],
            [r * 0.7, r * 0.7, (h - base) * 0.45],
            refl=0.4,
            porous=rng.uniform(0.4, 0.8),
        )
    return s.done()


def pole(rng):
    r, h = rng.uniform(0.03, 0.14), rng.uniform(2.2, 7)
    s = Shape("pole", np.array([2 * r, 2 * r, h]))
    s.limb([0, 0, 0], [0, 0, h], r, r, refl=rng.uniform(0.2, 0.6), sides=8)
    if rng.random() < 0.4:
        w, z = rng.uniform(0.25, 0.5), rng.uniform(2.0, 2.6)
        s.box(-0.03, 0.03, -w, w, z, z + 2 * w, refl=0.9)
    return s.done()


def post(rng):
    r, h = rng.uniform(0.05, 0.15), rng.uniform(0.5, 1.3)
    s = Shape("post", np.array([2 * r, 2 * r, h]))
    s.limb([0, 0, 0], [0, 0, h], r, r, refl=rng.uniform(0.2, 0.6), sides=8)
    return s.done()


def cabinet(rng):
    L, W, H = rng.uniform(0.4, 1.6), rng.uniform(0.3, 0.8), rng.uniform(0.8, 1.6)
    s = Shape("cabinet", np.array([L, W, H]))
    s.box(-L / 2, L / 2, -W / 2, W / 2, 0, H, refl=0.4)
    return s.done()
