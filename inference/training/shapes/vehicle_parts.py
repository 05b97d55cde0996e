"""What vehicles have in common: outlines, windows, posts, wheels."""

import numpy as np

from .shape import PAINT, sym

# A cabin's face is a window unless it faces up more than this: raked windscreens face up by 0.9, roofs by
# 0.97.
WINDOW = 0.94


def tint(rng):
    """The part of a return that is left after it went in and out through glass: little, and far less if it is
    dark. A scanner sees the inside of near cars only.
    """
    return float(np.exp(rng.uniform(np.log(0.02), np.log(0.45))))


def pillars(s, rng, low, high, thick):
    """The parts of a cabin that are not glass: posts between its windows and the frame of its roof. low,
    high: x and half width of the cabin's edges (front, between, rear) at the belt and under the roof, with
    their heights: [(x, y, z), ...] each, as long as the other. thick: half widths of the posts along x.
    """
    for a, b, t in zip(low, high, thick):
        for side in (1, -1):
            dark = 0.06 if rng.random() < 0.3 else PAINT
            at = lambda p, dx, out: [p[0] + dx, side * (p[1] + out), p[2]]
            s.hull([at(p, dx, out) for p in (a, b) for dx in (-t, t) for out in (-0.05, 0.012)], refl=dark)
    for a, b in zip(high, high[1:]):  # roof frame
        for side in (1, -1):
            s.hull(
                [
                    [p[0], side * (p[1] + out), p[2] + up]
                    for p in (a, b)
                    for out in (-0.06, 0.012)
                    for up in (-0.06, 0.02)
                ]
            )


def wheels(s, L, W, r, front, back, width=0.22):
    for x in (front, back):
        for y in (0.5 * W - width / 2 - 0.02, -0.5 * W + width / 2 + 0.02):
            s.ball([x, y, r], [r, width * 0.62, r], refl=0.07)


def plan(L, W, bevel, z, shrink_x=0.0, shrink_y=1.0, front=True, back=True):
    """Outline of a car body seen from above, rounded at its ends."""
    out = []
    stations = [(0.0, 0.14), (0.03, 0.27), (0.09, 0.37), (0.20, 0.45), (0.45, 0.493)]
    for dx, y in stations:
        if front:
            out.append((L / 2 - shrink_x - dx * bevel, y * W * shrink_y, z))
        if back:
            out.append((-L / 2 + shrink_x * 0.8 + dx * bevel * 0.8, y * W * shrink_y, z))
    out.append((0, 0.5 * W * shrink_y, z))
    return sym(out)
