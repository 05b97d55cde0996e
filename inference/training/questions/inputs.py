"""What the networks are told besides the points."""

import numpy as np

from kernels import native


def propose_globals(q, hint_class, hint_size, truth_size, used, occlusion):
    """What the proposing network is told besides the points: (B, 20 + OCCLUSION_FEATURES[0])."""
    n = len(q)
    g = np.zeros((n, 20 + native.OCCLUSION_FEATURES[0]), np.float32)
    has = q["has_sensor"] > 0
    g[:, 0] = has
    d = np.hypot(q["click"][:, 0] - q["sensor"][:, 0], q["click"][:, 1] - q["sensor"][:, 1])
    g[:, 1] = np.where(has, np.log(np.maximum(d, 1)) / 3 - 1, 0)
    known = q["has_ground"] > 0
    g[:, 2] = known
    h = q["click"][:, 2] - (
        q["plane"][:, 0] * q["click"][:, 0] + q["plane"][:, 1] * q["click"][:, 1] + q["plane"][:, 2]
    )
    g[:, 3] = np.where(known, np.clip(h - 0.8, -2, 4), 0)
    g[:, 4:13] = hint_class
    g[:, 13] = hint_size
    g[:, 14:17] = np.where(hint_size[:, None], np.log(truth_size) - [1.2, 0.5, 0.5], 0)
    g[:, 17] = q["n_also"] > 1
    g[:, 18] = [(q["also"][i, : q["n_also"][i], 3] == 0).any() for i in range(n)]
    g[:, 19] = np.minimum(used / 512, 1)
    g[:, 20:] = occlusion
    return g


def refine_globals(q, hint_class, hint_size, used, occlusion):
    """What the refining network is told besides the points: (B, 21 + OCCLUSION_FEATURES[1])."""
    n = len(q)
    g = np.zeros((n, 21 + native.OCCLUSION_FEATURES[1]), np.float32)
    b = q["box"]
    g[:, :3] = np.log(b[:, 3:6]) - [1.2, 0.5, 0.5]
    has = q["has_sensor"] > 0
    dx, dy = b[:, 0] - q["sensor"][:, 0], b[:, 1] - q["sensor"][:, 1]
    d = np.maximum(np.hypot(dx, dy), 1e-6)
    c, s = np.cos(b[:, 6]), np.sin(b[:, 6])
    g[:, 3] = has
    g[:, 4] = np.where(has, (dx * c + dy * s) / d, 0)
    g[:, 5] = np.where(has, (dy * c - dx * s) / d, 0)
    g[:, 6] = np.where(has, np.log(np.maximum(d, 1)) / 3 - 1, 0)
    known = q["has_ground"] > 0
    g[:, 7] = known
    floor = (
        b[:, 2] - b[:, 5] / 2 - (q["plane"][:, 0] * b[:, 0] + q["plane"][:, 1] * b[:, 1] + q["plane"][:, 2])
    )
    g[:, 8] = np.where(known, np.clip(floor, -1.5, 1.5), 0)
    g[:, 9:18] = hint_class
    g[:, 18] = hint_size
    g[:, 19] = q["n_also"] > 0
    g[:, 20] = np.minimum(used / 512, 1)
    g[:, 21:] = occlusion
    return g
