"""The frame in which the proposing network works: from the scanner through the click."""

import numpy as np


def to_frame(q, boxes):
    """Boxes (B, 7) in the proposing network's frame: x, y from the click, z over the ground, yaw from the
    frame's direction.
    """
    turn = np.where(
        q["has_sensor"] > 0,
        np.arctan2(q["click"][:, 1] - q["sensor"][:, 1], q["click"][:, 0] - q["sensor"][:, 0]),
        q["turn"],
    )
    c, s = np.cos(turn), np.sin(turn)
    dx, dy = boxes[:, 0] - q["click"][:, 0], boxes[:, 1] - q["click"][:, 1]
    ground = q["plane"][:, 0] * boxes[:, 0] + q["plane"][:, 1] * boxes[:, 1] + q["plane"][:, 2]
    z = np.where(q["has_ground"] > 0, boxes[:, 2] - ground, boxes[:, 2] - q["click"][:, 2] + 0.8)
    return np.column_stack([dx * c + dy * s, dy * c - dx * s, z, boxes[:, 3:6], boxes[:, 6] - turn])


def from_frame(q, local):
    """The reverse of to_frame."""
    turn = np.where(
        q["has_sensor"] > 0,
        np.arctan2(q["click"][:, 1] - q["sensor"][:, 1], q["click"][:, 0] - q["sensor"][:, 0]),
        q["turn"],
    )
    c, s = np.cos(turn), np.sin(turn)
    x = q["click"][:, 0] + local[:, 0] * c - local[:, 1] * s
    y = q["click"][:, 1] + local[:, 0] * s + local[:, 1] * c
    ground = q["plane"][:, 0] * x + q["plane"][:, 1] * y + q["plane"][:, 2]
    z = np.where(q["has_ground"] > 0, local[:, 2] + ground, local[:, 2] + q["click"][:, 2] - 0.8)
    return np.column_stack([x, y, z, local[:, 3:6], local[:, 6] + turn])
