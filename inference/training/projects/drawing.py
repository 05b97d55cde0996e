"""How the annotators of a project draw: from an object's body to its labelled box.

A way of drawing is a record of the numbers that a project has; `way_draws` makes many at once.
"""

import numpy as np

from shapes import CLASSES

WAY = np.dtype(
    [
        # Vehicles: metres that faces stand beyond the body; `floor` is its height over the ground.
        ("ends", "f8"),
        ("sides", "f8"),
        ("top", "f8"),
        ("floor", "f8"),
        # Of what stands beyond the outermost returns on the far end and side, the share that is kept.
        ("far_share", "f8"),
        # Room at the far end and side alone, and room that grows with the distance (a metre beyond 15 m).
        ("far_room", "f8"),
        ("room_per_metre", "f8"),
        # Standard deviations of faces (ends, sides, top, floor) and of the yaw.
        ("jitter", "f8", 4),
        ("turn", "f8"),
        # People, and riders: factors of length and width, room at the top, height of the floor.
        ("people", "f8", 4),
        ("riders", "f8", 4),
    ]
)
PEOPLE = CLASSES.index("pedestrian")
RIDERS = [CLASSES.index("cyclist"), CLASSES.index("motorcyclist")]
WITH_FAR_SHARE = [CLASSES.index(name) for name in ("car", "van", "pickup")]

# The usual ways: shares of tight, usual and roomy drawing, from published mean boxes of data sets beside the
# cars that were sold where and when they were recorded. Metres at ends, sides and top, and far_share.
USUAL_SHARES = [0.20, 0.26, 0.54]
USUAL_ROOM = np.array(
    [
        [(-0.03, 0.06), (-0.03, 0.03), (-0.01, 0.07), (0.5, 1.0)],
        [(-0.01, 0.09), (-0.01, 0.05), (0.0, 0.09), (1.0, 1.0)],
        [(0.04, 0.15), (0.03, 0.12), (0.03, 0.14), (1.0, 1.0)],
    ]
)
USUAL_JITTER = [0.02, 0.012, 0.02, 0.025]
FAR_FROM, MOST_FAR_ROOM = 15.0, 0.5


def way_draws(rng, wide):
    """A way of drawing for each of `wide` (n,): False for a usual one, True for one of far more kinds."""
    n = len(wide)
    way = np.zeros(n, WAY)
    low, high = USUAL_ROOM[rng.choice(3, n, p=USUAL_SHARES)].transpose(2, 1, 0)
    room = low + (high - low) * rng.random((4, n))
    for name, values in zip(("ends", "sides", "top", "far_share"), room):
        way[name] = values
    way["floor"] = rng.normal(0, 0.03, n)
    way["jitter"] = USUAL_JITTER
    way["people"] = way["riders"] = [1, 1, 0, 0]
    for name in ("people", "riders"):
        way[name][:, 2:] = np.column_stack([way["top"], way["floor"]])
    way[wide] = _wide_ways(rng, int(np.sum(wide)))
    return way


def _wide_ways(rng, n):
    """Ways of drawing from five centimetres inside of the body to 25 beyond it."""
    way = np.zeros(n, WAY)
    within = lambda low, high: rng.uniform(low, high, n)
    chance = lambda share: rng.random(n) < share
    roomy = rng.random(n)
    way["ends"] = -0.05 + 0.2 * roomy + within(-0.02, 0.1)
    mirrors = np.where(chance(0.15), within(0.08, 0.17), 0)  # in the box, or left out
    way["sides"] = np.minimum(-0.05 + 0.18 * roomy + within(-0.02, 0.08) + mirrors, 0.27)
    way["top"] = -0.03 + 0.13 * roomy + within(-0.02, 0.08)
    # On the ground, at the sill, or sunk into the ground.
    kind = rng.random(n)
    floors = [within(0.08, 0.25), within(-0.12, -0.04)]
    way["floor"] = np.select([kind < 0.25, kind < 0.35], floors, rng.normal(0, 0.03, n))
    way["far_share"] = np.where(chance(0.25), within(0.2, 1.0), 1.0)
    way["far_room"] = np.where(chance(0.3) & (way["far_share"] == 1), within(0.05, 0.25), 0)
    way["room_per_metre"] = np.where(chance(0.25), within(0.002, 0.01), 0)
    sloppy = chance(0.2)
    way["jitter"] = rng.uniform(np.where(sloppy, 0.04, 0.008), np.where(sloppy, 0.12, 0.04), (4, n)).T
    way["turn"] = rng.uniform(np.where(sloppy, 0.01, 0), np.where(sloppy, 0.05, 0.01))
    # Published mean boxes of pedestrians go from .5 x .55 to 1.1 x .95 m, of cyclists from .6 to .95 m wide.
    for name, length, width in (("people", (-0.4, 0.4), (-0.3, 0.3)), ("riders", (-0.12, 0.12), (-0.2, 0.4))):
        factors = np.exp(within(*length)), np.exp(within(*width))
        way[name] = np.column_stack([*factors, within(-0.03, 0.15), rng.normal(0, 0.065, n)])
    return way


def drawn_boxes(rng, way, cls, bodies, returns):
    """The labelled boxes (n, 7) of objects: way (n,) of WAY, cls (n,), bodies (n, 7), returns (n, 5).

    The far end and side are those that face away from x = y = 0, where scanners stand.
    """
    n = len(bodies)
    c, s = np.cos(bodies[:, 6]), np.sin(bodies[:, 6])
    x, y = bodies[:, 0], bodies[:, 1]
    people, riders = cls == PEOPLE, np.isin(cls, RIDERS)
    given = np.where(people[:, None], way["people"], way["riders"])
    vehicle = ~(people | riders)
    room = np.where(
        vehicle, np.clip(way["room_per_metre"] * (np.hypot(x, y) - FAR_FROM), 0, MOST_FAR_ROOM), 0
    )
    top = np.where(vehicle, way["top"] + room / 2, given[:, 2])
    floor = np.where(vehicle, way["floor"], given[:, 3])
    half = bodies[:, 3:6] / 2
    ends = np.where(vehicle, way["ends"] + room, half[:, 0] * (given[:, 0] - 1))
    sides = np.where(vehicle, way["sides"] + room, half[:, 1] * (given[:, 1] - 1))
    # Outward moves of front, rear, left, right.
    jitter = rng.normal(0, 1, (n, 6)) * way["jitter"][:, [0, 0, 1, 1, 2, 3]]
    move = np.column_stack([ends, ends, sides, sides]) + jitter[:, :4]
    away = np.column_stack([c * x + s * y, -c * x - s * y, c * y - s * x, s * x - c * y]) > 0
    move += away * np.where(vehicle, way["far_room"], 0)[:, None]
    beyond = half[:, [0, 0, 1, 1]] + move - returns[:, :4]
    cut = np.minimum(beyond * (1 - way["far_share"])[:, None], 0.12 * bodies[:, [3, 3, 4, 4]])
    sure = away & np.isin(cls, WITH_FAR_SHARE)[:, None] & np.isfinite(beyond)
    move -= np.where(sure, np.maximum(cut, 0), 0)
    top = np.maximum(top + jitter[:, 4], -0.05)
    floor = floor + jitter[:, 5]
    along, across = (move[:, 0] - move[:, 1]) / 2, (move[:, 2] - move[:, 3]) / 2
    out = bodies.copy()
    out[:, 0] += along * c - across * s
    out[:, 1] += along * s + across * c
    out[:, 2] += (top + floor) / 2
    out[:, 3] = np.maximum(out[:, 3] + move[:, 0] + move[:, 1], 0.5 * bodies[:, 3])
    out[:, 4] = np.maximum(out[:, 4] + move[:, 2] + move[:, 3], 0.5 * bodies[:, 4])
    out[:, 5] = np.maximum(out[:, 5] + top - floor, 0.5 * bodies[:, 5])
    out[:, 6] += rng.normal(0, 1, n) * np.where(vehicle, way["turn"], 0)
    return out
