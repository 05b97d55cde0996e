"""The terrain that a flat scene is sheared over."""

import numpy as np


class Terrain:
    """A gentle surface z = h(x, y) that the flat scene is sheared over; h(0, 0) = 0."""

    def __init__(self, rng):
        self.slope = rng.normal(0, 0.018, 2) if rng.random() < 0.85 else rng.normal(0, 0.05, 2)
        self.waves = [
            (rng.uniform(0.0, 0.25), *rng.normal(0, 2 * np.pi / rng.uniform(40, 130), 2), rng.uniform(0, 6.3))
            for _ in range(2)
        ]
        self.zero = 0.0
        self.zero = self(0.0, 0.0)

    def __call__(self, x, y):
        z = self.slope[0] * x + self.slope[1] * y - self.zero
        for a, kx, ky, p in self.waves:
            z = z + a * np.sin(kx * x + ky * y + p)
        return z
