"""What differs by region: the vehicles that drive there, and how boxes are drawn."""

# Vehicles by region: probability of the region, of a van and a pickup among its vehicles, and the shares of
# shapes.CARS in their order. From published sales.
REGIONS = [
    ("europe", 0.36, 0.12, 0.02, [0.06, 0.24, 0.20, 0.06, 0.12, 0.03, 0.09, 0.03, 0.06, 0.06, 0.04, 0.01]),
    ("america", 0.40, 0.10, 0.16, [0.00, 0.03, 0.06, 0.08, 0.25, 0.10, 0.03, 0.05, 0.02, 0.10, 0.18, 0.10]),
    ("asia", 0.24, 0.12, 0.05, [0.08, 0.12, 0.12, 0.17, 0.20, 0.04, 0.02, 0.01, 0.08, 0.08, 0.06, 0.02]),
]

# How people draw, by region (tight, usual, roomy): from published mean boxes of data sets beside the cars
# that were sold where and when they were recorded, and so that margins over the returns lie between those of
# the real frames that realism.py was run on.
HABITS = {"europe": [0.35, 0.3, 0.35], "america": [0.1, 0.25, 0.65], "asia": [0.2, 0.3, 0.5]}

# Metres that a box stands beyond the body at its ends, sides and top, and the share of what is not seen of
# the far side that is given to it.
ROOM = [
    ((-0.03, 0.06), (-0.03, 0.03), (-0.01, 0.07), (0.5, 1.0)),
    ((-0.01, 0.09), (-0.01, 0.05), (0.0, 0.09), (1.0, 1.0)),
    ((0.04, 0.15), (0.03, 0.12), (0.03, 0.14), (1.0, 1.0)),
]
