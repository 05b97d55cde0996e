"""Where the outermost returns of objects lie: what label paddings are measured from."""

import numpy as np

# ../../profiles/gaps.ts leaves out as many as stray returns.
STRAY_SHARE = 0.01
MIN_RETURNS = 10


def outermost_returns(xyz, obj, boxes, ids):
    """(n, 5): metres from the centre of each box to the outermost returns of its object, to the front, rear,
    left, right and up. NaN for objects with fewer than ten returns.

    boxes (n, 7); ids (n,): the objects' numbers in `obj`.
    """
    order = np.argsort(obj, kind="stable")
    begin, end = (np.searchsorted(obj[order], ids, side) for side in ("left", "right"))
    out = np.full((len(boxes), 5), np.nan)
    for i in np.flatnonzero(end - begin >= MIN_RETURNS):
        d = xyz[order[begin[i] : end[i]]].astype(float) - boxes[i, :3]
        c, s = np.cos(boxes[i, 6]), np.sin(boxes[i, 6])
        u, v = d[:, 0] * c + d[:, 1] * s, d[:, 1] * c - d[:, 0] * s
        k = int(np.ceil(len(d) * (1 - STRAY_SHARE))) - 1
        out[i] = [np.partition(side, k)[k] for side in (u, -u, v, -v, d[:, 2])]
    return out
