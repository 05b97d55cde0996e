"""Simulated shards in memory, and batches of questions drawn from them as annotators would ask."""

import glob

import numpy as np

import native
from shapes import CLASSES

# How often a class is asked for; within a class, few-point objects are asked for less often than they occur.
CLASS_SHARE = {
    "car": 0.49,
    "van": 0.08,
    "truck": 0.08,
    "bus": 0.05,
    "pickup": 0.07,
    "pedestrian": 0.11,
    "cyclist": 0.06,
    "motorcyclist": 0.04,
    "other": 0.02,
}
POINT_SHARE = [(4, 10, 0.07), (10, 20, 0.13), (20, 50, 0.26), (50, 200, 0.30), (200, 10**9, 0.24)]
# Mean box of cars over published data sets (class means as detectors take them for anchors: KITTI, nuScenes,
# Waymo, Lyft, ONCE: 4.47 x 1.89 x 1.66 m). More of their cars are tall than in what the simulator makes:
# among projects with usual fleets, those with tall cars are asked more, so that the mean height of labels is
# theirs, which brings length and width near theirs as well. Bodies are lower than usual labels by .06 m.
CAR_MEAN_HEIGHT = 1.66 - 0.06
# Row columns of a shard.
SCAN, OBJ, CLS, BOX, COUNT, KNOWN, PLANE = 0, 1, 2, slice(3, 10), 10, 11, slice(12, 15)


def tilted(values, mean):
    """Weights exp(k * value) with which the values have this mean, nearly (k within +-8)."""
    low, high = -8.0, 8.0
    for _ in range(40):
        k = (low + high) / 2
        weight = np.exp(k * (values - mean))
        low, high = (k, high) if (weight * values).sum() < mean * weight.sum() else (low, k)
    return weight


def grouped(keys):
    """key -> where it is in `keys`."""
    order = np.argsort(keys, kind="stable")
    found, first = np.unique(keys[order], return_index=True)
    return dict(zip(found.tolist(), np.split(order, first[1:])))


class Scans:
    """Shards in memory. The boxes of simulated rows are bodies: projects.ask draws their labels."""

    def __init__(self, folder, limit=None, verbose=True):
        files = sorted(f for f in glob.glob(f"{folder}/shard-*.npz") if ".part" not in f)[:limit]
        self.keep = []
        points, objs, starts, sensors, rows, returns = [], [], [], [], [], []
        project, usual, drawn = [], [], []  # per row
        self.members = []  # per row: indices of the object's points within its scan
        for f in files:
            d = np.load(f)
            xyz, obj, start, base = (np.ascontiguousarray(d[k]) for k in ("xyz", "obj", "start", "base"))
            r = d["rows"].copy()
            self.keep.append((xyz, obj, start))
            first = len(points)
            for k in range(len(start)):
                points.append(xyz.ctypes.data + 12 * int(base[k]))
                objs.append(obj.ctypes.data + 2 * int(base[k]))
                starts.append(start[k].ctypes.data)
                sensors.append(d["sensors"][k])
                o = obj[base[k] : base[k + 1]]
                order = np.argsort(o, kind="stable")
                ids = o[order]
                for row in r[r[:, SCAN] == k]:
                    a, b = np.searchsorted(ids, [row[OBJ], row[OBJ] + 1])
                    self.members.append((xyz, int(base[k]), order[a:b].astype(np.int32)))
            own = r[:, SCAN].astype(int)
            project.append(d["project"][own] + first)
            usual.append(d["usual"][own])
            drawn.append(np.full(len(r), bool(d["drawn"])))
            returns.append(d["returns"])
            r[:, SCAN] += first
            rows.append(r)
        self.points, self.objs, self.starts = (np.array(v, np.uint64) for v in (points, objs, starts))
        self.sensors = np.array(sensors)
        # Of each row: its project, whether the fleet is a usual one, whether its box is a label already, and
        # outermost_returns.
        self.rows, self.returns = np.concatenate(rows), np.concatenate(returns)
        self.project, self.usual, self.drawn = (np.concatenate(v) for v in (project, usual, drawn))
        scan_of = self.rows[:, SCAN].astype(int)
        self.by_scan = grouped(scan_of)
        self.by_project = grouped(self.project)
        self.by_class = {
            k: {c: rows[of] for c, of in grouped(self.rows[rows, CLS].astype(int)).items()}
            for k, rows in self.by_project.items()
        }
        tilt = np.ones(len(self.rows))
        cars = np.flatnonzero((self.rows[:, CLS] == 0) & self.usual)
        if len(cars):
            height = np.zeros(self.project.max() + 1)
            for k in np.unique(self.project[cars]):
                height[k] = self.rows[self.by_class[k][0], 8].mean()
            tilt[cars] = tilted(height[self.project[cars]], CAR_MEAN_HEIGHT)
            tilt[cars] /= tilt[cars].mean()
        weight = np.zeros(len(self.rows))
        for c, name in enumerate(CLASSES):
            for low, high, share in POINT_SHARE:
                m = (self.rows[:, CLS] == c) & (self.rows[:, COUNT] >= low) & (self.rows[:, COUNT] < high)
                if m.any():
                    weight[m] = CLASS_SHARE[name] * share * tilt[m] / tilt[m].sum()
        self.weight = weight / weight.sum()
        self.cumulative = np.cumsum(self.weight)
        if verbose:
            print(f"{len(files)} shards, {len(points)} scans, {len(self.rows)} objects", flush=True)

    def draw(self, rng, n):
        return np.searchsorted(self.cumulative, rng.random(n) * self.cumulative[-1]).clip(
            0, len(self.rows) - 1
        )

    def point(self, rng, row):
        xyz, base, members = self.members[row]
        return xyz[base + members[rng.integers(len(members))]].astype(np.float64)


def questions(scans, rng, picks, plain=False):
    """One question for each picked row: click, sensor, ground, further clicks, boxes already drawn. Also
    class and size hints.

    plain: nothing but a click, sensor and ground as they are (for evaluation).
    """
    n = len(picks)
    q = np.zeros(n, native.QUESTION)
    hint_class = np.zeros((n, len(CLASSES)), np.float32)
    hint_size = np.zeros(n, bool)
    for i, pick in enumerate(picks):
        row = scans.rows[pick]
        k = int(row[SCAN])
        spread = 0.02 if plain else abs(rng.normal(0, 0.05))
        click = scans.point(rng, pick) + rng.normal(0, 1, 3) * min(spread, 0.12)
        q["click"][i] = click
        q["also"][i, 0] = [*click, 1]
        q["n_also"][i] = 1
        sensor = scans.sensors[k]
        if np.isfinite(sensor[0]) and (plain or rng.random() > 0.15):
            q["has_sensor"][i] = 1
            q["sensor"][i, :2] = sensor + (0 if plain else rng.normal(0, 0.25, 2))
        q["turn"][i] = rng.uniform(-np.pi, np.pi)
        if row[KNOWN] and (plain or rng.random() > 0.05):
            q["has_ground"][i] = 1
            q["plane"][i] = row[PLANE]
        if plain:
            continue
        if q["has_ground"][i]:
            q["plane"][i, 2] += rng.normal(0, 0.015)
        if rng.random() < 0.3:
            hint_class[i, int(row[CLS])] = 1
        hint_size[i] = rng.random() < 0.1
        if rng.random() < 0.2:
            for _ in range(int(rng.integers(1, 3))):
                m = q["n_also"][i]
                if rng.random() < 0.5:
                    q["also"][i, m] = [*(scans.point(rng, pick) + rng.normal(0, 0.03, 3)), 1]
                else:
                    near = scans.by_scan[k]
                    d = np.hypot(*(scans.rows[near, 3:5] - row[3:5]).T)
                    near = near[(d < 6) & (near != pick)]
                    if len(near):
                        q["also"][i, m] = [
                            *(scans.point(rng, int(rng.choice(near))) + rng.normal(0, 0.03, 3)),
                            0,
                        ]
                    else:
                        a = rng.uniform(-np.pi, np.pi)
                        r = np.hypot(row[6], row[7]) / 2 + rng.uniform(0.2, 1.5)
                        q["also"][i, m] = [
                            row[3] + r * np.cos(a),
                            row[4] + r * np.sin(a),
                            row[5] - row[8] / 2 + rng.uniform(0, 0.6),
                            0,
                        ]
                q["n_also"][i] = m + 1
        if rng.random() < 0.15:
            near = scans.by_scan[k]
            d = np.hypot(*(scans.rows[near, 3:5] - row[3:5]).T)
            near = near[(d < 12) & (near != pick)]
            near = near[rng.random(len(near)) < 0.7][:8]
            for j, o in enumerate(near):
                b = scans.rows[o, BOX].copy()
                b[:3] += rng.normal(0, 0.06, 3)
                b[3:6] *= np.exp(rng.normal(0, 0.03, 3))
                q["others"][i, j] = b
            q["n_others"][i] = len(near)
    return q, hint_class, hint_size


def loose(rng, truth):
    """A box near the truth, as a person draws it, or as an earlier pass answers it."""
    out = truth.copy()
    n = len(out)
    kind = rng.random(n)
    small = np.where(out[:, 3] < 1.6, 0.55, 1.0)[:, None]
    tight = kind < 0.4
    k = np.where(tight, 0.4, 1.0)[:, None]
    out[:, :3] += (rng.random((n, 3)) - 0.5) * 0.9 * k * small
    out[:, 0] += 0
    along = rng.normal(0, 0.35, n) * np.where(out[:, 3] > 3, 1, 0.2) * k[:, 0]
    out[:, 0] += along * np.cos(out[:, 6])
    out[:, 1] += along * np.sin(out[:, 6])
    out[:, 3:6] *= np.exp((rng.random((n, 3)) - 0.5) * 0.6 * k)
    out[:, 6] += (rng.random(n) - 0.5) * 0.9 * k[:, 0]
    big = out[:, 3] > 6.5  # of long ones a proposal often sees one end
    short = big & (rng.random(n) < 0.4)
    f = rng.uniform(0.4, 1.0, n)
    end = rng.choice([-1, 1], n)
    move = np.where(short, end * (1 - f) / 2 * out[:, 3], 0)
    out[:, 0] += move * np.cos(out[:, 6])
    out[:, 1] += move * np.sin(out[:, 6])
    out[:, 3] = np.where(short, out[:, 3] * f, out[:, 3])
    out[:, 6] += np.where(rng.random(n) < 0.25, np.pi, 0)
    turned = rng.random(n) < 0.06
    out[:, 6] += np.where(turned, np.pi / 2, 0)
    swap = turned & (rng.random(n) < 0.5)
    out[swap, 3:5] = out[swap][:, [4, 3]]
    return out


def propose_globals(q, hint_class, hint_size, truth_size, used, occlusion):
    """What the proposing network is told besides the points: (B, 20 + OCCLUSION_FEATURES[0])."""
    n = len(q)
    g = np.zeros((n, 20 + native.OCCLUSION_FEATURES[0]), np.float32)
    has = q["has_sensor"] > 0
    g[:, 0] = has
    d = np.hypot(q["click"][:, 0] - q["sensor"][:, 0], q["click"][:, 1] - q["sensor"][:, 1])
    g[:, 1] = np.where(has, np.log(np.maximum(d, 1)) / 3 - 1, 0)
    known = q["has_ground"] > 0
    g[:, 2] = known
    h = q["click"][:, 2] - (
        q["plane"][:, 0] * q["click"][:, 0] + q["plane"][:, 1] * q["click"][:, 1] + q["plane"][:, 2]
    )
    g[:, 3] = np.where(known, np.clip(h - 0.8, -2, 4), 0)
    g[:, 4:13] = hint_class
    g[:, 13] = hint_size
    g[:, 14:17] = np.where(hint_size[:, None], np.log(truth_size) - [1.2, 0.5, 0.5], 0)
    g[:, 17] = q["n_also"] > 1
    g[:, 18] = [(q["also"][i, : q["n_also"][i], 3] == 0).any() for i in range(n)]
    g[:, 19] = np.minimum(used / 512, 1)
    g[:, 20:] = occlusion
    return g


def refine_globals(q, hint_class, hint_size, used, occlusion):
    """What the refining network is told besides the points: (B, 21 + OCCLUSION_FEATURES[1])."""
    n = len(q)
    g = np.zeros((n, 21 + native.OCCLUSION_FEATURES[1]), np.float32)
    b = q["box"]
    g[:, :3] = np.log(b[:, 3:6]) - [1.2, 0.5, 0.5]
    has = q["has_sensor"] > 0
    dx, dy = b[:, 0] - q["sensor"][:, 0], b[:, 1] - q["sensor"][:, 1]
    d = np.maximum(np.hypot(dx, dy), 1e-6)
    c, s = np.cos(b[:, 6]), np.sin(b[:, 6])
    g[:, 3] = has
    g[:, 4] = np.where(has, (dx * c + dy * s) / d, 0)
    g[:, 5] = np.where(has, (dy * c - dx * s) / d, 0)
    g[:, 6] = np.where(has, np.log(np.maximum(d, 1)) / 3 - 1, 0)
    known = q["has_ground"] > 0
    g[:, 7] = known
    floor = (
        b[:, 2] - b[:, 5] / 2 - (q["plane"][:, 0] * b[:, 0] + q["plane"][:, 1] * b[:, 1] + q["plane"][:, 2])
    )
    g[:, 8] = np.where(known, np.clip(floor, -1.5, 1.5), 0)
    g[:, 9:18] = hint_class
    g[:, 18] = hint_size
    g[:, 19] = q["n_also"] > 0
    g[:, 20] = np.minimum(used / 512, 1)
    g[:, 21:] = occlusion
    return g


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
