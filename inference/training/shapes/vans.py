"""Vans."""

import numpy as np

from .shape import Shape, sym
from .vehicle_parts import WINDOW, pillars, plan, tint, wheels


def van(rng):
    k = rng.random()
    if k < 0.35:
        L, W, H = rng.uniform(4.1, 4.6), rng.uniform(1.7, 1.86), rng.uniform(1.72, 1.9)
    elif k < 0.75:
        L, W, H = rng.uniform(4.7, 5.4), rng.uniform(1.85, 2.02), rng.uniform(1.75, 2.1)
    else:
        L, W, H = rng.uniform(5.3, 6.9), rng.uniform(1.95, 2.1), rng.uniform(2.2, 2.8)
    s = Shape("van", np.array([L, W, H]))
    clear, belt = rng.uniform(0.18, 0.3), min(1.3, H * rng.uniform(0.52, 0.6))
    bevel = rng.uniform(0.5, 1.1)
    hood = rng.uniform(0.35, 1.0)
    spec_ = rng.uniform(0.2, 0.9)
    xw = L / 2 - hood
    s.hull(
        plan(L, W, bevel, clear, 0.1, 0.9)
        + plan(L, W, bevel, 0.45)
        + plan(L, W, bevel, belt * rng.uniform(0.7, 0.9), 0.08, 0.97, back=False)
        + plan(L, W, bevel * 0.5, belt, 0.0, 0.98, front=False)
        + sym([(xw, 0.485 * W, belt)]),
        specular=spec_,
    )
    rise = H - belt
    rf = xw - rise * rng.uniform(0.5, 1.1)
    tw = rng.uniform(0.40, 0.46) * W
    rear = rng.uniform(0.02, 0.2)
    cargo = rng.random() < 0.5
    middle = rf - 0.4
    s.hull(  # cabin
        sym(
            [
                (xw + 0.1, 0.42 * W, belt - 0.1),
                (xw - 0.1, 0.48 * W, belt - 0.1),
                (middle, 0.49 * W, belt - 0.1),
                (rf, tw, H - 0.08),
                (rf - 0.2, tw * 0.8, H),
                (middle, tw, H - 0.04),
                (middle, tw * 0.8, H),
            ]
        ),
        glass=lambda e: e[2] < WINDOW,
        leak=rng.uniform(0.4, 0.9),
        specular=spec_,
        inner=rng.uniform(0.3, 0.9),
        clear=tint(rng),
    )
    s.hull(
        sym(
            [
                (middle, 0.49 * W, belt - 0.1),
                (-L / 2 + 0.03, 0.48 * W, belt - 0.1),
                (middle, tw, H - 0.05),
                (middle, tw * 0.8, H),
                (-L / 2 + rear, tw, H - 0.06),
                (-L / 2 + rear, tw * 0.8, H - 0.02),
            ]
        ),
        glass=None if cargo else (lambda e: e[2] < WINDOW),
        leak=rng.uniform(0.2, 0.8),
        specular=spec_,
        inner=rng.uniform(0.3, 0.9),
        clear=tint(rng),
    )
    posts = [
        (xw - 0.05, 0.475 * W, belt - 0.05),
        (middle, 0.485 * W, belt - 0.05),
        ((middle - L / 2) / 2, 0.48 * W, belt - 0.05),
        (-L / 2 + 0.12, 0.475 * W, belt - 0.05),
    ]
    heads = [
        (rf, tw, H - 0.09),
        (middle, tw, H - 0.06),
        ((middle - L / 2) / 2, tw, H - 0.06),
        (-L / 2 + rear + 0.08, tw, H - 0.07),
    ]
    pillars(
        s,
        rng,
        posts,
        heads,
        [rng.uniform(0.03, 0.06), rng.uniform(0.04, 0.1), rng.uniform(0.04, 0.1), rng.uniform(0.05, 0.12)],
    )
    wheels(
        s,
        L,
        W,
        rng.uniform(0.31, 0.37),
        L / 2 - rng.uniform(0.16, 0.19) * L,
        -L / 2 + rng.uniform(0.17, 0.23) * L,
    )
    s.box(rf - 0.35, rf - 0.1, -0.38 * W, 0.38 * W, 0.7, belt + 0.25, refl=0.15)
    for y in (1, -1):
        s.box(xw - 0.25, xw - 0.1, y * (0.5 * W + 0.02), y * (0.5 * W + 0.2), belt, belt + 0.3, refl=0.1)
    return s.done()
