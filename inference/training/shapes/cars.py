"""Cars."""

import numpy as np

from .shape import PAINT, Shape, sym
from .vehicle_parts import WINDOW, pillars, plan, tint, wheels

# name: chance, length, width, height ranges, style
CARS = [
    ("micro", 0.04, (2.7, 3.5), (1.56, 1.66), (1.46, 1.56), "hatch"),
    ("supermini", 0.16, (3.55, 4.05), (1.60, 1.75), (1.42, 1.53), "hatch"),
    ("compact", 0.14, (4.05, 4.4), (1.70, 1.82), (1.42, 1.52), "hatch"),
    ("small sedan", 0.08, (4.1, 4.5), (1.66, 1.79), (1.42, 1.5), "sedan"),
    ("sedan", 0.16, (4.5, 4.95), (1.75, 1.90), (1.40, 1.5), "sedan"),
    ("large sedan", 0.05, (4.9, 5.3), (1.85, 1.95), (1.42, 1.53), "sedan"),
    ("wagon", 0.07, (4.3, 4.9), (1.72, 1.86), (1.44, 1.53), "wagon"),
    ("coupe", 0.03, (4.0, 4.8), (1.75, 1.92), (1.26, 1.40), "coupe"),
    ("mpv", 0.05, (4.1, 4.6), (1.70, 1.85), (1.58, 1.70), "wagon"),
    ("small suv", 0.08, (4.05, 4.45), (1.74, 1.85), (1.56, 1.70), "suv"),
    ("suv", 0.09, (4.45, 4.85), (1.82, 1.95), (1.63, 1.78), "suv"),
    ("large suv", 0.05, (4.85, 5.4), (1.92, 2.06), (1.72, 1.95), "suv"),
]


def car(rng, spec=None):
    if spec is None:
        spec = CARS[rng.choice(len(CARS), p=np.array([c[1] for c in CARS]) / sum(c[1] for c in CARS))]
    L, W, H = rng.uniform(*spec[2]), rng.uniform(*spec[3]), rng.uniform(*spec[4])
    style = spec[5]
    s = Shape("car", np.array([L, W, H]), style=spec[0])
    tall = style in ("suv",) or H > 1.56
    clear = rng.uniform(0.16, 0.26) + (0.05 if tall else 0)
    belt = H * rng.uniform(0.60, 0.66)
    nose = belt * rng.uniform(0.68, 0.84) + (0.06 if tall else 0)
    bevel = rng.uniform(0.6, 1.5)
    xw = L / 2 - L * (rng.uniform(0.21, 0.28) if style in ("hatch", "wagon") else rng.uniform(0.25, 0.32))
    deck = belt * rng.uniform(0.97, 1.06)
    mid = belt * rng.uniform(0.45, 0.6)
    hips = rng.uniform(0.90, 0.97)
    # Bumpers stand out; grille and lamps lean back from them to the edge of the bonnet, the tailgate less so.
    body = (
        plan(L, W, bevel, clear, 0.10, 0.88)
        + plan(L, W, bevel, max(clear + 0.12, 0.34), 0.0, 0.985)
        + plan(L, W, bevel, mid, 0.0, 1.0, back=False)
    )
    body += plan(L, W, bevel * 0.8, mid, rng.uniform(0.0, 0.02), 1.0, front=False)
    hood_in = rng.uniform(0.15, 0.50)
    body += plan(L, W, bevel, nose, hood_in, 0.93, back=False)
    body += plan(L, W, bevel, deck * 0.9, rng.uniform(0.01, 0.17), 0.97, front=False)
    body += sym([(xw, hips * W / 2, belt), (xw + 0.15, 0.7 * W / 2, belt * 1.01)])
    rear_base = -L / 2 + (
        L * rng.uniform(0.10, 0.19) if style in ("sedan", "coupe") else rng.uniform(0.03, 0.16)
    )
    body += sym([(rear_base, hips * W / 2, deck)])
    if style in ("sedan", "coupe"):
        body += sym([(-L / 2 + rng.uniform(0.04, 0.16), 0.40 * W, deck * rng.uniform(0.97, 1.02))])
    spec_ = rng.uniform(0.2, 0.9)
    s.hull(body, specular=spec_)
    rise = H - belt
    roof_front = xw - rise * rng.uniform(1.25, 1.9)
    if style in ("sedan", "coupe"):
        roof_rear = rear_base + rise * rng.uniform(1.0, 1.7)
    else:
        roof_rear = rear_base + rise * rng.uniform(0.15, 0.75)
    roof_rear = min(roof_rear, roof_front - 0.5)
    top_w = rng.uniform(0.35, 0.42) * W if not tall else rng.uniform(0.38, 0.44) * W
    crown = rng.uniform(0.02, 0.07)
    drop = rng.uniform(0.02, 0.10)
    cabin = sym(
        [
            (xw, hips * W / 2 - 0.02, belt - 0.1),
            (rear_base, hips * W / 2 - 0.03, deck - 0.1),
            (xw + 0.1, 0.3 * W, belt - 0.04),
            (roof_front, top_w, H - crown - 0.03),
            (roof_front - 0.25, top_w * 0.75, H - 0.01),
            ((roof_front + roof_rear) / 2, top_w * 0.6, H),
            ((roof_front + roof_rear) / 2, top_w, H - crown),
            (roof_rear, top_w * 0.97, H - crown - drop),
            (roof_rear + 0.2, top_w * 0.6, H - drop * 0.7),
        ]
    )
    leak = rng.uniform(0.5, 0.9) if rng.random() < 0.85 else rng.uniform(0.05, 0.35)
    s.hull(
        cabin,
        glass=lambda e: e[2] < WINDOW,
        leak=leak,
        specular=spec_,
        inner=rng.uniform(0.3, 0.9),
        clear=tint(rng),
    )
    between = (roof_front + roof_rear) / 2 + rng.uniform(-0.15, 0.15)
    rear_post = rng.uniform(0.05, 0.13) if style in ("hatch", "wagon", "suv") else rng.uniform(0.05, 0.2)
    edge = hips * W / 2 - 0.02
    pillars(
        s,
        rng,
        [(xw, edge, belt - 0.04), (between, edge, belt - 0.04), (rear_base + rear_post, edge, deck - 0.04)],
        [
            (roof_front, top_w, H - crown - 0.04),
            (between, top_w, H - crown - 0.02),
            (roof_rear, top_w * 0.97, H - crown - drop - 0.02),
        ],
        [rng.uniform(0.03, 0.06), rng.uniform(0.03, 0.08), rear_post],
    )
    r = rng.uniform(0.29, 0.36) + (0.03 if tall else 0)
    wheels(s, L, W, r, L / 2 - rng.uniform(0.17, 0.21) * L, -L / 2 + rng.uniform(0.16, 0.22) * L)
    seats = rng.uniform(0.06, 0.35)
    for x in (roof_front - 0.25, roof_rear + 0.35):
        top = belt + rng.uniform(0.05, 0.18)
        s.box(x - 0.12, x + 0.12, -0.36 * W, 0.36 * W, 0.4, top, refl=seats)
        for y in (0.21 * W, -0.21 * W):
            s.box(x - 0.06, x + 0.06, y - 0.13, y + 0.13, top, top + 0.17, refl=seats)
    s.box(
        xw - 0.35,
        xw + 0.05,
        -0.38 * W,
        0.38 * W,
        belt - 0.12,
        belt + rng.uniform(0.02, 0.09),
        refl=rng.uniform(0.05, 0.3),
    )  # dashboard
    if style in ("hatch", "wagon", "suv"):  # parcel shelf or load, below the rear window
        s.box(
            rear_base + 0.05,
            roof_rear + 0.25,
            -0.36 * W,
            0.36 * W,
            belt - 0.1,
            belt + rng.uniform(-0.05, 0.12),
            refl=seats,
        )
    if rng.random() < 0.3:
        s.ball([roof_front - 0.15, rng.choice([-1, 1]) * 0.2 * W, belt + 0.22], [0.12, 0.1, 0.15], refl=0.3)
    if rng.random() < 0.9:
        for y in (1, -1):
            s.box(
                xw - 0.25,
                xw - 0.1,
                y * (0.5 * W + 0.02),
                y * (0.5 * W + 0.17),
                belt - 0.05,
                belt + 0.12,
                refl=PAINT,
            )
    if rng.random() < 0.12:  # roof rails or a roof box, which labels leave out or take in at random
        s.box(roof_rear + 0.1, roof_front - 0.2, -0.3, 0.3, H, H + rng.uniform(0.05, 0.1), refl=0.1)
    return s.done()
