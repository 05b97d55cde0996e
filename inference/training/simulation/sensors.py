"""Beam patterns and noise of the simulated scanners. Elevations from the makers' published tables, rounded;
noise and power drawn around them.
"""

from dataclasses import dataclass

import numpy as np


@dataclass
class Sensor:
    name: str
    origin: np.ndarray
    elevations: np.ndarray  # radians, float32, one a beam
    azimuth_offsets: np.ndarray
    bias: np.ndarray  # metres, constant error of each beam
    columns: int
    azimuths: tuple  # first and last, radians
    noise: float  # standard deviation of a range, metres
    power: float  # (range at which a perpendicular white target is barely seen) squared
    max_range: float
    drop: float  # chance that a return is missing for no reason
    mixed: float  # chance of a mixed return at an edge


def _pattern(name, rng):
    if name == "hdl64":
        return np.concatenate([2 - np.arange(32) / 3, -8.83 - np.arange(32) / 2]), 2083
    if name == "pandar64":
        fine = 2 - np.arange(49) / 6
        return np.concatenate([[15, 11, 8, 5, 3], fine, -7 - np.arange(6), [-14, -15.5, -19, -25]]), 1800
    if name == "hdl32":
        return 10.67 - 1.333 * np.arange(32), 1084
    if name == "vlp32":
        return np.array(
            [
                15,
                10.3,
                7,
                4.7,
                3.3,
                2.3,
                1.7,
                *(1.33 - np.arange(17) / 3),
                -4.7,
                -5.3,
                -6.1,
                -7.3,
                -8.8,
                -11.3,
                -15.6,
                -25,
            ]
        ), 1800
    if name == "vlp16":
        return np.arange(16) * 2.0 - 15, 1800
    if name == "top64":  # a roof sensor with 64 beams crowded about the horizon
        u = np.linspace(0, 1, 64)
        return 2.4 - 20 * (0.55 * u + 0.45 * u**2), 2650
    if name == "os128":
        return np.linspace(22.5, -22.5, 128), int(rng.choice([1024, 1536]))
    if name == "ruby128":
        return np.concatenate(
            [np.linspace(15, 3, 20), np.linspace(2.6, -6, 80), np.linspace(-6.6, -25, 28)]
        ), 1500
    n = int(rng.integers(24, 100))
    top, bottom = rng.uniform(1, 16), rng.uniform(-30, -14)
    u = np.linspace(0, 1, n)
    bend = rng.uniform(0, 0.6)
    return top + (bottom - top) * ((1 - bend) * u + bend * u**1.7), int(rng.integers(1000, 2200))


NAMES = ["hdl64", "pandar64", "hdl32", "vlp32", "vlp16", "top64", "os128", "ruby128", "generic"]
CHANCES = np.array([0.24, 0.2, 0.09, 0.1, 0.04, 0.12, 0.06, 0.07, 0.08])


# Metres at which a white target is barely seen, from, to. Makers state ranges at 10 % reflectivity: times 3.2
# (the root of ten) for white.
REACH_METRES = {
    "hdl64": (110, 170),
    "pandar64": (300, 600),
    "hdl32": (90, 150),
    "vlp32": (180, 320),
    "vlp16": (90, 150),
    "top64": (200, 350),
    "os128": (130, 200),
    "ruby128": (350, 600),
    "generic": (100, 400),
}


def draw_sensor(rng, name=None):
    name = name or str(rng.choice(NAMES, p=CHANCES / CHANCES.sum()))
    elevations, columns = _pattern(name, rng)
    elevations = np.sort(np.radians(elevations + rng.normal(0, 0.02, len(elevations)) + rng.normal(0, 0.15)))
    height = rng.uniform(1.5, 2.2) if rng.random() < 0.88 else rng.uniform(2.2, 3.2)
    if name == "hdl64":
        height = rng.normal(1.73, 0.08)
    azimuths = (-np.pi, np.pi)
    if rng.random() < 0.15:
        centre, half = rng.uniform(-np.pi, np.pi), np.radians(rng.uniform(35, 70))
        azimuths = (centre - half, centre + half)
        columns = int(columns * half / np.pi)
    reach = np.exp(rng.uniform(*np.log(REACH_METRES[name])))
    return Sensor(
        name=name,
        origin=np.array([0, 0, height]),
        elevations=elevations.astype(np.float32),
        azimuth_offsets=np.radians(rng.normal(0, rng.choice([0.0, 0.05, 1.5]), len(elevations))).astype(
            np.float32
        ),
        bias=rng.normal(0, rng.uniform(0.002, 0.022), len(elevations)).astype(np.float32),
        columns=columns,
        azimuths=azimuths,
        noise=rng.uniform(0.008, 0.025),
        power=reach**2,
        max_range=85,
        drop=rng.uniform(0.0, 0.12),
        mixed=rng.uniform(0.0, 0.3),
    )
