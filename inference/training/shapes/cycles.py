"""Bicycles, motorcycles and kick scooters with their riders."""

import numpy as np

from .people import figure
from .shape import Shape, sym


def _cycle(s, rng, reach, r, dark, motor=False):
    """Two wheels and a frame; reach is the half wheelbase."""
    for x in (-reach, reach):
        s.ball([x, 0, r], [r, 0.03 if not motor else 0.08, r], refl=0.15, porous=0.0 if motor else 0.45)
    seat = [-reach * 0.35, 0, 0.95 if not motor else 0.78]
    bar = [reach * 0.62, 0, 1.02]
    if motor:
        s.hull(
            sym(
                [
                    (reach * 0.7, 0.1, 0.5),
                    (reach * 0.5, 0.14, 0.95),
                    (-reach * 0.2, 0.16, 0.85),
                    (-reach * 0.9, 0.1, 0.8),
                    (-reach * 0.6, 0.15, 0.3),
                    (reach * 0.35, 0.18, 0.28),
                ]
            ),
            refl=dark,
        )
        s.hull(
            sym(
                [
                    (reach * 0.75, 0.16, 0.55),
                    (reach * 0.95, 0.12, 0.8),
                    (reach * 0.55, 0.14, 1.15),
                    (reach * 0.6, 0.2, 0.9),
                ]
            ),
            refl=dark,
        )
    else:
        for a, b in (
            (seat, [0, 0, 0.3]),
            ([0, 0, 0.3], bar),
            (seat, bar),
            ([-reach, 0, r], [0, 0, 0.3]),
            ([-reach, 0, r], seat),
            ([reach, 0, r], bar),
        ):
            s.limb(a, b, 0.025, 0.025, refl=dark, sides=4)
        s.box(seat[0] - 0.14, seat[0] + 0.12, -0.08, 0.08, 0.92, 0.99, refl=0.1)
    s.box(
        bar[0] - 0.1,
        bar[0] + 0.03,
        -0.3 if not motor else -0.38,
        0.3 if not motor else 0.38,
        1.0,
        1.07,
        refl=0.2,
    )
    return seat, bar


def kick_scooter(rng):
    """Who stands on a kick scooter."""
    s = Shape("cyclist", np.zeros(3))
    half, r, dark = rng.uniform(0.38, 0.48), rng.uniform(0.09, 0.13), rng.uniform(0.08, 0.5)
    for x in (-half, half):
        s.ball([x, 0, r], [r, 0.03, r], refl=0.1)
    s.box(-half, half * 0.7, -0.08, 0.08, 0.08, 0.15, refl=dark)
    bar = [half * 0.72, 0, rng.uniform(0.95, 1.15)]
    s.limb([half, 0, r], bar, 0.03, 0.025, refl=dark, sides=4)
    s.box(bar[0] - 0.04, bar[0] + 0.03, -0.23, 0.23, bar[2] - 0.03, bar[2] + 0.03, refl=0.2)
    h = float(np.clip(rng.normal(1.7, 0.1), 1.35, 1.95))
    stand = -0.1
    top = figure(
        s,
        rng,
        h,
        (stand, 0.92 * h / 1.75 + 0.13),
        rng.uniform(0.0, 0.2),
        0.0,
        lambda side, sx, sz, w: [bar[0] - 0.03, side * 0.2, bar[2]],
        rng.uniform(0.38, 0.5),
        rng.uniform(0.06, 0.7),
        rng.uniform(0.06, 0.5),
        lambda side, y: ([stand + 0.06, y, 0.6], [stand + side * 0.12, y * 0.5, 0.15]),
    )
    s.size = np.array(
        [2 * (half + r) + rng.uniform(-0.02, 0.06), np.clip(rng.normal(0.64, 0.06), 0.5, 0.8), top]
    )
    return s.done()


def cyclist(rng):
    if rng.random() < 0.08:
        return kick_scooter(rng)
    s = Shape("cyclist", np.zeros(3))
    reach, r = rng.uniform(0.48, 0.56), rng.uniform(0.30, 0.36)
    seat, bar = _cycle(s, rng, reach, r, rng.uniform(0.08, 0.5))
    top = 1.1
    if rng.random() < 0.85:
        h = float(np.clip(rng.normal(1.72, 0.09), 1.45, 1.95))
        phase = rng.uniform(0, 2 * np.pi)

        def legs(side, y):
            a = phase + (0 if side > 0 else np.pi)
            foot = [0.05 + 0.17 * np.cos(a), y, 0.3 + 0.17 * np.sin(a)]
            return [0.22 + 0.08 * np.cos(a), y * 1.2, 0.68 + 0.1 * np.sin(a)], foot

        top = figure(
            s,
            rng,
            h,
            (seat[0], 1.0),
            rng.uniform(0.15, 0.8),
            0,
            lambda side, sx, sz, w: [bar[0] - 0.05, side * 0.26, 1.08],
            rng.uniform(0.38, 0.5),
            rng.uniform(0.06, 0.7),
            rng.uniform(0.06, 0.5),
            legs,
        )
        if rng.random() < 0.2:
            s.box(seat[0] - 0.15, seat[0] + 0.05, -0.16, 0.16, 1.15, 1.5, refl=0.15)
    if rng.random() < 0.12:
        s.box(-reach - 0.25, -reach + 0.2, -0.18, 0.18, 0.72, 1.05, refl=0.15)
    s.size = np.array(
        [2 * (reach + r) + rng.uniform(-0.02, 0.06), np.clip(rng.normal(0.66, 0.07), 0.5, 0.85), top]
    )
    return s.done()


def motorcyclist(rng):
    s = Shape("motorcyclist", np.zeros(3))
    reach, r = rng.uniform(0.6, 0.76), rng.uniform(0.24, 0.33)
    seat, bar = _cycle(s, rng, reach, r, rng.uniform(0.06, 0.5), motor=True)
    top = rng.uniform(1.15, 1.35)
    if rng.random() < 0.6:
        h = float(np.clip(rng.normal(1.74, 0.08), 1.5, 1.95))
        top = figure(
            s,
            rng,
            h,
            (seat[0], 0.88),
            rng.uniform(0.0, 0.5),
            0,
            lambda side, sx, sz, w: [bar[0] - 0.05, side * 0.32, 1.05],
            rng.uniform(0.42, 0.55),
            rng.uniform(0.06, 0.6),
            rng.uniform(0.06, 0.4),
            lambda side, y: ([seat[0] + 0.42, y * 2, 0.78], [seat[0] + 0.3, y * 2, 0.35]),
        )
    if rng.random() < 0.25:
        s.box(-reach - 0.35, -reach + 0.05, -0.22, 0.22, 0.8, 1.25, refl=0.15)
    s.size = np.array(
        [2 * (reach + r) + rng.uniform(-0.02, 0.08), np.clip(rng.normal(0.8, 0.08), 0.6, 1.0), top]
    )
    return s.done()
