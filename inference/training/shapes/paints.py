"""Colours of vehicles."""

import numpy as np

# Body colours: share among new cars (published yearly by the makers of paint), reflectivity at 905 nm from,
# to.
PAINTS = [
    ("white", 0.33, 0.55, 0.85),
    ("black", 0.21, 0.03, 0.09),
    ("grey", 0.18, 0.08, 0.35),
    ("silver", 0.09, 0.30, 0.60),
    ("blue", 0.08, 0.07, 0.5),
    ("other", 0.11, 0.15, 0.7),
]


def draw_paint(rng):
    _, _, low, high = PAINTS[rng.choice(len(PAINTS), p=[p[1] for p in PAINTS])]
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))
