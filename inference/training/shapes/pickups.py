"""Pickups."""

import numpy as np

from .shape import Shape, sym
from .vehicle_parts import WINDOW, pillars, plan, tint, wheels


def pickup(rng):
    L, W, H = rng.uniform(5.0, 6.1), rng.uniform(1.8, 2.06), rng.uniform(1.7, 1.98)
    s = Shape("pickup", np.array([L, W, H]))
    clear, belt = rng.uniform(0.25, 0.4), H * rng.uniform(0.58, 0.64)
    bevel = rng.uniform(0.6, 1.2)
    bed = L * rng.uniform(0.27, 0.36)
    rail = belt * rng.uniform(0.98, 1.1)
    floor = rng.uniform(0.65, 0.85)
    cab_rear = -L / 2 + bed
    spec_ = rng.uniform(0.2, 0.9)
    s.hull(
        plan(L, W, bevel, clear, 0.12, 0.88)
        + plan(L, W, bevel, floor * 0.6)
        + plan(L, W, bevel, floor, 0.02, 0.99),
        specular=spec_,
    )
    hood = plan(L, W, bevel, floor * 0.8, 0.01, 0.99, back=False) + plan(
        L, W, bevel, belt * rng.uniform(0.86, 0.95), rng.uniform(0.04, 0.15), 0.95, back=False
    )
    xw = L / 2 - L * rng.uniform(0.22, 0.27)
    hood += sym(
        [
            (xw, 0.47 * W, belt),
            (cab_rear, 0.48 * W, belt),
            (cab_rear, 0.49 * W, floor * 0.8),
            (cab_rear, 0.495 * W, floor),
        ]
    )
    s.hull(hood, specular=spec_)
    rise = H - belt
    rf, rr = xw - rise * rng.uniform(0.9, 1.3), cab_rear + rise * rng.uniform(0.05, 0.3)
    tw = rng.uniform(0.36, 0.41) * W
    leak = rng.uniform(0.3, 0.8)
    s.hull(
        sym(
            [
                (xw, 0.46 * W, belt - 0.1),
                (cab_rear, 0.46 * W, belt - 0.1),
                (rf, tw, H - 0.06),
                (rf - 0.2, tw * 0.7, H),
                (rr, tw, H - 0.06),
                (rr + 0.1, tw * 0.7, H - 0.02),
            ]
        ),
        glass=lambda e: e[2] < WINDOW,
        leak=leak,
        specular=spec_,
        inner=rng.uniform(0.3, 0.9),
        clear=tint(rng),
    )
    mid = (rf + rr) / 2
    pillars(
        s,
        rng,
        [(xw, 0.46 * W, belt - 0.04), (mid, 0.46 * W, belt - 0.04), (cab_rear + 0.08, 0.46 * W, belt - 0.04)],
        [(rf, tw, H - 0.07), (mid, tw, H - 0.06), (rr + 0.05, tw, H - 0.07)],
        [rng.uniform(0.03, 0.06), rng.uniform(0.04, 0.08), rng.uniform(0.06, 0.14)],
    )
    t = 0.06
    for y in (1, -1):
        s.box(
            -L / 2 + 0.05,
            cab_rear,
            *sorted((y * (0.485 * W - t), y * 0.485 * W)),
            floor - 0.1,
            rail,
            specular=spec_,
        )
    s.box(-L / 2 + 0.02, -L / 2 + 0.09, -0.47 * W, 0.47 * W, floor - 0.1, rail, specular=spec_)
    if rng.random() < 0.25:  # covered bed, or a cap as high as the cab
        top = rail if rng.random() < 0.6 else H - 0.08
        s.hull(
            sym(
                [
                    (-L / 2 + 0.08, 0.46 * W, rail - 0.05),
                    (cab_rear, 0.46 * W, rail - 0.05),
                    (-L / 2 + 0.15, 0.4 * W, top),
                    (cab_rear, 0.4 * W, top),
                ]
            )
        )
    elif rng.random() < 0.3:
        s.box(
            -L / 2 + 0.2,
            cab_rear - rng.uniform(0.1, 0.8),
            -0.35 * W,
            0.3 * W,
            floor,
            floor + rng.uniform(0.2, 0.6),
            refl=rng.uniform(0.05, 0.5),
        )
    wheels(s, L, W, rng.uniform(0.36, 0.43), L / 2 - 0.17 * L, -L / 2 + 0.21 * L, 0.26)
    s.box(rf - 0.4, rf - 0.15, -0.36 * W, 0.36 * W, 0.7, belt + 0.2, refl=0.15)
    for y in (1, -1):
        s.box(xw - 0.3, xw - 0.12, y * (0.5 * W + 0.02), y * (0.5 * W + 0.24), belt - 0.02, belt + 0.22)
    return s.done()
