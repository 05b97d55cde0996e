"""Trucks, semi-trailers and buses."""

import numpy as np

from .shape import Shape, sym
from .vehicle_parts import plan, tint


def trailer(rng):
    """A semi-trailer that stands without what pulls it, on its legs."""
    L, W, H = rng.uniform(6.0, 14.0), rng.uniform(2.4, 2.6), rng.uniform(3.0, 4.1)
    floor = rng.uniform(0.9, 1.3)
    s = Shape("truck", np.array([L, W, H]))
    if rng.random() < 0.75:
        s.box(-L / 2, L / 2, -W / 2, W / 2, floor, H, specular=rng.uniform(0, 0.4))
    else:  # a flat one with a load
        s.box(-L / 2, L / 2, -W / 2, W / 2, floor - 0.1, floor + 0.1)
        s.box(
            -L / 2 + rng.uniform(0, 1),
            L / 2 - rng.uniform(0, 1),
            -W * 0.46,
            W * 0.46,
            floor,
            H,
            refl=rng.uniform(0.1, 0.5),
        )
    r = rng.uniform(0.42, 0.52)
    rear = -L / 2 + rng.uniform(0.9, 2.2)
    for x in (rear, rear + 1.3)[: int(rng.integers(1, 3))]:
        for y in (1, -1):
            s.ball([x, y * (W / 2 - 0.17), r], [r, 0.17, r], refl=0.06)
    legs = L / 2 - rng.uniform(1.8, 3.0)
    for y in (1, -1):
        s.box(legs - 0.08, legs + 0.08, y * 0.75 - 0.08, y * 0.75 + 0.08, 0.0, floor, refl=0.15)
    if rng.random() < 0.5:
        s.box(-L / 2 + 0.3 * L, legs - 0.3, -W * 0.48, W * 0.48, 0.45, 0.9, refl=0.15, porous=0.3)
    return s.done()


def truck(rng):
    if rng.random() < 0.08:
        return trailer(rng)
    k = rng.random()
    semi = k < 0.2
    L = rng.uniform(12, 17) if semi else rng.uniform(5.6, 10.5)
    W = rng.uniform(2.0, 2.55) if L < 7.5 else rng.uniform(2.3, 2.6)
    H = rng.uniform(2.4, 3.2) if L < 7.5 else rng.uniform(2.9, 4.0)
    s = Shape("truck", np.array([L, W, H]))
    cab = rng.uniform(1.7, 2.4) + (rng.uniform(0.8, 1.6) if rng.random() < 0.3 else 0)
    bonnet = cab > 2.5
    cab_h = H * rng.uniform(0.72, 0.98)
    belt = min(cab_h * 0.62, 1.9)
    floor = rng.uniform(0.85, 1.2) if L > 7 else rng.uniform(0.7, 0.95)
    spec_ = rng.uniform(0.1, 0.7)
    x1 = L / 2 - cab
    ws = L / 2 - (rng.uniform(0.9, 1.4) if bonnet else rng.uniform(0.02, 0.25))
    s.hull(
        plan(L, W * 0.97, 0.5, 0.35, 0.05, 0.96, back=False)
        + plan(L, W * 0.97, 0.5, belt * 0.8, 0.0, 1.0, back=False)
        + sym([(ws, 0.46 * W, belt), (x1, 0.48 * W, belt), (x1, 0.48 * W, 0.5)]),
        specular=spec_,
    )
    s.hull(
        sym(
            [
                (ws, 0.46 * W, belt - 0.1),
                (x1, 0.48 * W, belt - 0.1),
                (ws - 0.3, 0.44 * W, cab_h - 0.1),
                (ws - 0.6, 0.4 * W, cab_h),
                (x1, 0.45 * W, cab_h),
            ]
        ),
        glass=lambda e: e[2] < 0.75 and e[0] > -0.8,
        leak=rng.uniform(0.2, 0.7),
        specular=spec_,
        clear=tint(rng),
    )
    s.box(-L / 2, x1 + 0.3, -0.2 * W, 0.2 * W, 0.5, floor, refl=0.08)
    gap = rng.uniform(0.1, 0.8) + (0.5 if semi else 0)
    back = x1 - gap
    load = rng.random()
    if load < 0.6:  # box
        s.box(-L / 2, back, -W / 2, W / 2, floor, H, specular=rng.uniform(0, 0.4))
    elif load < 0.75:  # flat bed with a load
        s.box(-L / 2, back, -W / 2, W / 2, floor - 0.05, floor + 0.15)
        s.box(
            -L / 2 + rng.uniform(0.1, 1),
            back - rng.uniform(0.1, 1),
            -W * 0.4,
            W * 0.4,
            floor,
            rng.uniform(floor + 0.3, H),
            refl=rng.uniform(0.1, 0.5),
        )
        s.box(back - 0.1, back, -W / 2, W / 2, floor, cab_h)
    elif load < 0.9:  # tipper
        top = rng.uniform(floor + 0.7, max(floor + 0.9, H * 0.85))
        for y in (1, -1):
            s.box(-L / 2, back, *sorted((y * W / 2, y * (W / 2 - 0.08))), floor, top)
        s.box(-L / 2, -L / 2 + 0.08, -W / 2, W / 2, floor, top)
        s.box(back - 0.08, back, -W / 2, W / 2, floor, min(H, top + 0.3))
        s.box(-L / 2, back, -W / 2, W / 2, floor, floor + rng.uniform(0.1, 0.8), refl=0.2)
    else:  # tank
        rad = min(W / 2, (H - floor) / 2)
        for x in np.linspace(-L / 2, back, 5)[:-1] + (back + L / 2) / 8:
            s.ball([x, 0, floor + rad], [(back + L / 2) / 6, W / 2 * 0.97, rad])
        s.box(-L / 2 + 0.2, back - 0.2, -W * 0.34, W * 0.34, floor + 0.1, floor + rad * 1.7)
    r = rng.uniform(0.4, 0.52)
    rears = [-L / 2 + 0.2 * L] if L < 8 else [-L / 2 + rng.uniform(1.2, 2.6), -L / 2 + rng.uniform(2.7, 3.8)]
    for x in [L / 2 - rng.uniform(0.9, 1.4), *rears] + ([x1 - 0.9, x1 - 2.0] if semi else []):
        for y in (1, -1):
            s.ball([x, y * (W / 2 - 0.17), r], [r, 0.17, r], refl=0.06)
    if rng.random() < 0.6:  # side guards, tanks
        s.box(-L / 2 + 0.3 * L, x1 - 0.2, -W * 0.48, W * 0.48, 0.45, 0.8, refl=0.15, porous=0.3)
    for y in (1, -1):
        s.box(ws - 0.2, ws - 0.05, y * (W / 2 + 0.05), y * (W / 2 + 0.25), belt, belt + 0.7, refl=0.1)
    # The extent that counts is what was built.
    s.size = np.array([L, W, H if load < 0.6 else max(cab_h, floor + 0.3, H if load >= 0.9 else 0)])
    if 0.6 <= load < 0.9:
        tops = [p for p in s.prim]
        s.size[2] = max(p[2] + 0 for p in tops)
        s.size[2] = _height(s)
    return s.done()


def _height(s):
    """Height of the hulls: by the planes that face up, because bounding spheres are too large."""
    best = 0.0
    for first, n, kind, p, planes in zip(s.first, s.nplane, s.kind, s.prim, _per_prim(s)):
        if kind == 0:
            up = planes[planes[:, 2] > 0.95]
            if len(up):
                best = max(
                    best, float(np.max(up[:, 3] / up[:, 2] - (up[:, 0] * p[0] + up[:, 1] * p[1]) / up[:, 2]))
                )
        else:
            best = max(best, p[2] + p[10])
    return best


def _per_prim(s):
    planes = iter(s.plane)
    return [next(planes) if k == 0 else None for k in s.kind]


def bus(rng):
    L = (
        rng.uniform(10.5, 13.5)
        if rng.random() < 0.65
        else (rng.uniform(6.5, 9.5) if rng.random() < 0.7 else rng.uniform(16, 18.5))
    )
    W, H = rng.uniform(2.4, 2.6), rng.uniform(2.9, 3.4) if L > 9 else rng.uniform(2.6, 3.1)
    if L < 8:
        W = rng.uniform(2.1, 2.4)
    if rng.random() < 0.08:
        H = rng.uniform(3.9, 4.4)
    s = Shape("bus", np.array([L, W, H]))
    belt = rng.uniform(1.1, 1.6)
    clear = rng.uniform(0.25, 0.4)
    spec_ = rng.uniform(0.1, 0.8)
    s.hull(plan(L, W, 0.35, clear, 0.03, 0.97) + plan(L, W, 0.35, belt), specular=spec_)
    s.hull(
        plan(L, W, 0.35, belt, 0.01, 0.995) + plan(L, W, 0.35, H - 0.35, 0.08, 0.98),
        glass=lambda e: abs(e[2]) < 0.5,
        leak=rng.uniform(0.2, 0.7),
        specular=spec_,
        clear=tint(rng),
    )
    s.hull(plan(L, W, 0.35, H - 0.38, 0.08, 0.98) + plan(L, W, 0.35, H, 0.2, 0.9), specular=spec_)
    for x in np.arange(-L / 2 + 1.2, L / 2 - 1.5, 0.9):
        for y in (1, -1):
            s.box(x, x + 0.15, *sorted((y * 0.1 * W, y * 0.42 * W)), clear + 0.2, belt + 0.3, refl=0.15)
    for x in (L / 2 - rng.uniform(2.2, 2.8), -L / 2 + rng.uniform(2.4, 3.4)):
        for y in (1, -1):
            s.ball([x, y * (W / 2 - 0.14), 0.48], [0.48, 0.16, 0.48], refl=0.06)
    for y in (1, -1):
        s.box(L / 2 - 0.1, L / 2 + 0.15, y * (W / 2), y * (W / 2 + 0.22), H - 1.2, H - 0.6, refl=0.1)
    return s.done()
