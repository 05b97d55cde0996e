"""Labelled objects of no other class: cones, bins, barriers, trailers, carts."""

import numpy as np

from .shape import Shape, sym


def other(rng):
    k = rng.random()
    s = Shape("other", np.zeros(3))
    if k < 0.25:  # cone
        h, w = rng.uniform(0.5, 1.0), rng.uniform(0.3, 0.42)
        s.hull(
            sym([(w / 3, w / 3, 0.04), (-w / 3, w / 3, 0.04), (0.03, 0.03, h), (-0.03, 0.03, h)]), refl=0.4
        )
        s.box(-w / 2, w / 2, -w / 2, w / 2, 0, 0.05, refl=0.2)
        s.size = np.array([w, w, h])
    elif k < 0.45:  # bin
        L, W, H = rng.uniform(0.5, 1.4), rng.uniform(0.5, 1.1), rng.uniform(0.9, 1.4)
        s.hull(
            sym(
                [
                    (L / 2 * 0.9, W / 2 * 0.9, 0),
                    (-L / 2 * 0.9, W / 2 * 0.9, 0),
                    (L / 2, W / 2, H * 0.9),
                    (-L / 2, W / 2, H),
                ]
            )
        )
        s.size = np.array([L, W, H])
    elif k < 0.6:  # barrier
        L, W, H = rng.uniform(1.0, 3.0), rng.uniform(0.3, 0.6), rng.uniform(0.7, 1.1)
        s.hull(sym([(L / 2, W / 2, 0), (-L / 2, W / 2, 0), (L / 2, 0.1, H), (-L / 2, 0.1, H)]))
        s.size = np.array([L, W, H])
    elif k < 0.8:  # trailer
        L, W, H = rng.uniform(2.2, 6.5), rng.uniform(1.4, 2.4), rng.uniform(1.0, 2.8)
        s.box(-L / 2, L / 2 - 0.8, -W / 2, W / 2, 0.4, H)
        s.box(L / 2 - 0.9, L / 2, -0.1, 0.1, 0.4, 0.55, refl=0.1)
        for y in (1, -1):
            s.ball([-0.1 * L, y * (W / 2 - 0.1), 0.3], [0.3, 0.1, 0.3], refl=0.07)
        s.size = np.array([L, W, H])
    else:  # cart or pram
        L, W, H = rng.uniform(0.7, 1.1), rng.uniform(0.5, 0.65), rng.uniform(0.95, 1.1)
        s.box(-L / 2 + 0.1, L / 2, -W / 2, W / 2, 0.35, 0.8, porous=rng.uniform(0, 0.5))
        s.limb([-L / 2 + 0.1, -0.2, 0.7], [-L / 2, -0.2, H], 0.03, 0.03)
        s.limb([-L / 2 + 0.1, 0.2, 0.7], [-L / 2, 0.2, H], 0.03, 0.03)
        for x in (L / 2 - 0.15, -L / 2 + 0.2):
            for y in (1, -1):
                s.ball([x, y * W * 0.45, 0.12], [0.12, 0.03, 0.12], refl=0.1)
        s.size = np.array([L, W, H])
    return s.done()
