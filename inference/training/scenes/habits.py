"""How boxes are drawn, by region."""

# How people draw, by region (tight, usual, roomy): from published mean boxes of data sets beside the cars
# that were sold where and when they were recorded, and so that margins over the returns lie between those of
# the real frames that measuring/realism.py was run on.
HABITS = {"europe": [0.35, 0.3, 0.35], "america": [0.1, 0.25, 0.65], "asia": [0.2, 0.3, 0.5]}

# Metres that a box stands beyond the body at its ends, sides and top.
ROOM = [
    ((-0.03, 0.06), (-0.03, 0.03), (-0.01, 0.07)),
    ((-0.01, 0.09), (-0.01, 0.05), (0.0, 0.09)),
    ((0.04, 0.15), (0.03, 0.12), (0.03, 0.14)),
]
