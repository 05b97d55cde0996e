"""The vehicles of a place: which kinds of cars drive there, how many vans and pickups, how large they are."""

from dataclasses import dataclass

import numpy as np

from shapes import CARS

# Vehicles by region: probability of the region, of a van and a pickup among its vehicles, and the shares of
# shapes.CARS in their order. From published sales.
REGIONS = [
    ("europe", 0.36, 0.12, 0.02, [0.06, 0.24, 0.20, 0.06, 0.12, 0.03, 0.09, 0.03, 0.06, 0.06, 0.04, 0.01]),
    ("america", 0.40, 0.10, 0.16, [0.00, 0.03, 0.06, 0.08, 0.25, 0.10, 0.03, 0.05, 0.02, 0.10, 0.18, 0.10]),
    ("asia", 0.24, 0.12, 0.05, [0.08, 0.12, 0.12, 0.17, 0.20, 0.04, 0.02, 0.01, 0.08, 0.08, 0.06, 0.02]),
]
SCALED = ("car", "van", "pickup")


@dataclass
class Fleet:
    region: str
    vans: float  # their share of the vehicles
    pickups: float
    mix: list  # shares of shapes.CARS
    scale: np.ndarray  # of length, width, height of cars, vans and pickups


def usual_fleet(rng):
    """The fleet of one of the regions."""
    region, _, vans, pickups, mix = REGIONS[rng.choice(len(REGIONS), p=[r[1] for r in REGIONS])]
    return Fleet(region, vans, pickups, mix, np.ones(3))


def draw_fleet(rng):
    """A fleet unlike that of a whole region: from kei cars alone to full-size pickups and vans."""
    region, _, _, _, mix = REGIONS[rng.choice(len(REGIONS), p=[r[1] for r in REGIONS])]
    kind = rng.random()
    vans, pickups = rng.uniform(0.0, 0.35), rng.uniform(0.0, 0.4) ** 2
    scale = np.exp(rng.normal(0, [0.04, 0.03, 0.03]))
    # Few kinds of cars make up most of a street, a company's yard or a country's villages.
    mix = (np.array(mix) + 0.02) * rng.gamma(0.7, 1.0, len(CARS))
    if kind < 0.15:  # kei cars are micro cars that are a little longer, narrower and taller: 3.4 x 1.48 m
        mix[0] += mix.sum() * rng.uniform(0.5, 6)
        scale = scale * [1.06, 0.93, 1.1]
        vans, pickups = vans * 0.5, 0.0
    elif kind < 0.35:  # large ones
        mix[[5, 10, 11]] += mix.sum() * rng.uniform(0.2, 1.5, 3)
        pickups = rng.uniform(0.15, 0.5)
        scale = scale * [1.03, 1.02, 1.02]
    return Fleet(region, vans, pickups, list(mix / mix.sum()), scale)
