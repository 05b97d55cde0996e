"""Simulated shards in memory, and the drawing of objects from them."""

import glob

import numpy as np

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
