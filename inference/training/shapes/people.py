"""People: on foot, and the figures of riders."""

import numpy as np

from .shape import Shape, sym


def figure(s, rng, h, hip, lean, stride, arms, width, cloth, trousers, seat_legs=None):
    """A person: hip is (x, z) of the pelvis, lean the forward tilt of the trunk, stride the half step."""
    k = h / 1.75
    hx, hz = hip
    sx, sz = hx + np.sin(lean) * 0.52 * k, hz + np.cos(lean) * 0.52 * k
    w = width * k
    s.hull(
        [[hx + a * 0.11 * k, b * w * 0.40, hz - 0.06] for a in (-1, 1) for b in (-1, 1)]
        + [[(hx + sx) / 2 + a * 0.13 * k, b * w * 0.42, (hz + sz) / 2] for a in (-1, 1) for b in (-1, 1)]
        + [[sx + a * 0.10 * k, b * w * 0.5, sz - 0.06] for a in (-1, 1) for b in (-1, 1)]
        + [[sx + a * 0.06 * k, b * w * 0.28, sz + 0.03] for a in (-1, 1) for b in (-1, 1)],
        refl=cloth,
    )
    head = [sx + np.sin(lean) * 0.2 * k, 0, sz + 0.17 * k]
    s.ball(head, [0.105 * k, 0.085 * k, 0.13 * k], refl=rng.uniform(0.1, 0.5))
    feet = []
    for side, y in ((1, 0.1 * k), (-1, -0.1 * k)):
        if seat_legs is None:
            fx = hx + side * stride
            knee = [(hx + fx) / 2 + 0.05 * k, y, hz * 0.52]
            foot = [fx, y, 0.05]
        else:
            knee, foot = seat_legs(side, y)
        s.limb([hx, y, hz], knee, 0.095 * k, 0.07 * k, refl=trousers)
        s.limb(knee, foot, 0.07 * k, 0.05 * k, refl=trousers)
        if seat_legs is None:
            s.box(foot[0] - 0.08, foot[0] + 0.17, y - 0.05, y + 0.05, 0, 0.1, refl=0.15)
        feet.append(foot)
        hand = arms(side, sx, sz, w)
        elbow = [(sx + hand[0]) / 2 - 0.05, side * w * 0.56, (sz + hand[2]) / 2 - 0.02]
        s.limb([sx, side * w * 0.47, sz - 0.05], elbow, 0.055 * k, 0.05 * k, refl=cloth)
        s.limb(elbow, hand, 0.05 * k, 0.04 * k, refl=cloth)
    return head[2] + 0.13 * k


# What a label of a person looks like: annotators give people room for arms and stride. Published class means:
# KITTI .84 x .66 x 1.76, nuScenes .73 x .67 x 1.77, Waymo .91 x .86 x 1.74, others up to 1.0 x .8; the drawn
# convention lies among them.
def pedestrian(rng):
    child = rng.random() < 0.1
    h = rng.uniform(1.0, 1.5) if child else float(np.clip(rng.normal(1.71, 0.09), 1.48, 1.98))
    k = h / 1.75
    s = Shape("pedestrian", np.zeros(3))
    walking = rng.random() < 0.65
    stride = rng.uniform(0.1, 0.36) * k if walking else rng.uniform(-0.06, 0.06)
    swing = rng.uniform(0.05, 0.35) * k if walking else 0
    bent = rng.random() < 0.15
    width = rng.uniform(0.38, 0.52)

    def arms(side, sx, sz, w):
        if bent:
            return [sx + 0.32 * k, side * w * 0.3, sz - 0.25 * k]
        return [sx - side * swing, side * (w * 0.5 + rng.uniform(0.02, 0.1)), sz - 0.52 * k]

    cloth, trousers = rng.uniform(0.06, 0.7), rng.uniform(0.06, 0.5)
    top = figure(s, rng, h, (0, 0.92 * k), rng.uniform(-0.05, 0.15), stride, arms, width, cloth, trousers)
    extra = rng.random()
    if extra < 0.15:
        s.box(-0.36 * k, -0.12 * k, -0.17, 0.17, 1.0 * k, 1.45 * k, refl=rng.uniform(0.05, 0.4))
    elif extra < 0.25:
        y = rng.choice([-1, 1]) * 0.36
        s.box(-0.15, 0.15, y - 0.06, y + 0.06, 0.4, 0.75, refl=rng.uniform(0.05, 0.4))
    elif extra < 0.31:
        s.hull(
            sym([(0.15, 0.25, 0), (-0.2, 0.28, 0.1), (0.1, 0.25, 0.9 * k), (-0.15, 0.25, 0.9 * k)]),
            refl=cloth,
        )
    length = np.clip(rng.normal(0.80, 0.10) + 0.35 * abs(stride), 0.45, 1.2) * (0.8 if child else 1)
    wide = np.clip(rng.normal(0.70, 0.07), 0.45, 0.95) * (0.8 if child else 1)
    s.size = np.array([length, wide, top])
    return s.done()
