"""Which moving things run into something: simulated traffic must not drive through cars, walls or people."""

import numpy as np

from scenes import corners, separate

STEP_SECONDS = 0.1
EGO_SIZE = 4.8, 2.0


class Footprints:
    """A rectangle on the ground over time: its place at every step, or one place for all steps."""

    def __init__(self, states, size):
        """states: (n, 3) x, y, yaw, with n = 1 for what stands; size: length, width."""
        self.states, self.size = states, size
        self.radius = np.hypot(*size) / 2

    def meets(self, other):
        away = np.hypot(*(self.states[:, :2] - other.states[:, :2]).T)
        for i in np.flatnonzero(away < self.radius + other.radius):
            a, b = (
                corners(*each.states[min(i, len(each.states) - 1)], *each.size) for each in (self, other)
            )
            if not separate(a, b):
                return True
        return False


def along(path, seconds, size):
    times = np.arange(0, seconds, STEP_SECONDS)
    return Footprints(np.array([path(t)[:3] for t in times]), size)


def size_of(scene, placed):
    shape, *_, scale, _paint, number = placed
    return tuple(scene.items[number][5][:2]) if number >= 0 else tuple((shape.size * scale)[:2])


def standing(scene, paths):
    return [
        Footprints(np.array([[x, y, yaw]]), size_of(scene, placed))
        for k, placed in enumerate(scene.placed)
        if k not in paths
        for _, x, y, _, yaw, *_ in [placed]
    ]


def without_collisions(scene, paths, ego, seconds):
    """Takes out of the scene what would drive or walk into the scanner's car, into something that stands, or
    into traffic that was there before it. Returns the paths of what stays: place in scene.placed -> path."""
    there = [along(ego, seconds, EGO_SIZE), *standing(scene, paths)]
    stays = []
    for k, placed in enumerate(scene.placed):
        if k in paths:
            footprints = along(paths[k], seconds, size_of(scene, placed))
            if any(footprints.meets(other) for other in there):
                continue
            there.append(footprints)
        stays.append(k)
    scene.placed = [scene.placed[k] for k in stays]
    return {at: paths[k] for at, k in enumerate(stays) if k in paths}
