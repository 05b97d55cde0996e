"""Rectangles on the ground, and whether they overlap."""

import numpy as np


def corners(x, y, yaw, l, w):
    c, s = np.cos(yaw), np.sin(yaw)
    k = np.array([[l, w], [-l, w], [-l, -w], [l, -w]]) / 2
    return np.column_stack([x + k[:, 0] * c - k[:, 1] * s, y + k[:, 0] * s + k[:, 1] * c])


def separate(a, b):
    """True if two rectangles (corner arrays) do not overlap."""
    for p in (a, b):
        for i in range(2):
            axis = p[i + 1] - p[i]
            ua, ub = a @ axis, b @ axis
            if ua.max() < ub.min() or ub.max() < ua.min():
                return True
    return False
