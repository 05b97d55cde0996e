"""Writes simulated scans with their true boxes: python simulate.py --out out/train --scans 2000 --seed 1
--workers 2

Each shard is one .npz of some 50 scans: the points sorted into 2 m cells, the object of each point, and a row
per object that is seen.
"""

import argparse
import multiprocessing
import os
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np

import native
from scenes import Terrain, draw_scene
from sensors import draw_sensor
from shapes import CLASSES, draw_shapes

MIN_POINTS = 4
CARS = [CLASSES.index(name) for name in ("car", "van", "pickup")]


TURN = 0.1  # seconds of one turn of the scanner


def skew(scene, sensor, xyz, obj, shift):
    """Moves the points of moving objects: each was hit when the turning scanner looked its way, while its
    label is for the middle of the object's own sweep.

    The scanner's own motion is taken to be compensated, as in published data.
    """
    moving = np.array(scene.speeds)
    hit = np.flatnonzero(obj >= 0)
    hit = hit[moving[obj[hit]] > 0] if len(moving) else hit
    if not len(hit):
        return
    item = obj[hit]
    places = np.array([i[1:3] for i in scene.items]) - shift
    yaws = np.array([i[4] for i in scene.items])
    late = np.arctan2(xyz[hit, 1], xyz[hit, 0]) - np.arctan2(places[item, 1], places[item, 0])
    late = ((late + np.pi) % (2 * np.pi) - np.pi) / (2 * np.pi) * TURN
    step = moving[item] * late
    xyz[hit, 0] += (step * np.cos(yaws[item])).astype(np.float32)
    xyz[hit, 1] += (step * np.sin(yaws[item])).astype(np.float32)


def draw_near(labels, xyz, obj, counts, share):
    """Draws boxes of cars as who trusts the returns: of what stands beyond the outermost of them on the far
    end and the far side, only `share` is kept.
    """
    order = np.argsort(obj, kind="stable")
    first = np.searchsorted(obj[order], np.arange(len(labels)))
    for i in np.flatnonzero((counts >= 10) & np.isin(labels[:, 0], CARS)):
        b = labels[i, 1:]
        p = xyz[order[first[i] : first[i] + counts[i]]].astype(float)
        c, s = np.cos(b[6]), np.sin(b[6])
        for axis, (x, y) in ((3, (c, s)), (4, (-s, c))):
            away = -np.sign(b[0] * x + b[1] * y) or 1.0  # the scanner is this way along the axis
            seen = np.quantile(((p[:, 0] - b[0]) * x + (p[:, 1] - b[1]) * y) * away, 0.02)
            beyond = max(0.0, b[axis] / 2 + seen)
            cut = min(beyond * (1 - share), 0.12 * b[axis])
            b[axis] -= cut
            b[0] += away * x * cut / 2
            b[1] += away * y * cut / 2


def scan(rng, stock, name=None):
    """One scan: xyz, obj, sensor xy (nan: unknown), labels (n, 8), points on each."""
    scene = draw_scene(rng, stock)
    terrain = Terrain(rng)
    sensor = draw_sensor(rng, name)
    known = True
    mode = rng.random()
    if mode < 0.08:  # two scanners on one roof
        side = rng.uniform(0.3, 0.8)
        shifts = [scene.normal * side, -scene.normal * side]
    elif mode < 0.17:  # several frames merged: nobody knows where the scanner stood
        shifts = [scene.axis * u for u in rng.uniform(-14, 14, int(rng.integers(2, 6)))]
        known = False
    else:
        shifts = [np.zeros(2)]
    points, objs = [], []
    for shift in shifts:
        xyz, obj = native.raycast(scene.arrays(-shift), sensor, int(rng.integers(1 << 31)))
        skew(scene, sensor, xyz, obj, shift)
        xyz[:, :2] += shift.astype(np.float32)
        points.append(xyz)
        objs.append(obj)
    xyz, obj = np.concatenate(points), np.concatenate(objs)
    xyz[:, 2] += terrain(xyz[:, 0], xyz[:, 1])
    labels = scene.labels()
    labels[:, 3] += terrain(labels[:, 1], labels[:, 2])
    quantum = rng.choice([0.0, 0.001, 0.002, 0.005])
    if quantum:
        xyz = np.round(xyz / quantum) * quantum
    counts = np.bincount(obj[obj >= 0], minlength=len(labels))
    if known and scene.far < 1:
        draw_near(labels, xyz, obj, counts, scene.far)
    return (
        xyz.astype(np.float32),
        obj,
        np.array([0.0, 0.0]) if known else np.full(2, np.nan),
        labels,
        counts,
        sensor.name,
    )


def shard(job):
    number, scans, seed, out, name, least = job
    rng = np.random.default_rng([seed, number])
    stock = draw_shapes(rng, 0.6)
    xs, os_, starts, rows, sensors, base = [], [], [], [], [], [0]
    for k in range(scans):
        xyz, obj, sensor, labels, counts, _ = scan(rng, stock, name)
        order, start = native.sort_cells(xyz)
        xyz, obj = np.ascontiguousarray(xyz[order]), obj[order].astype(np.int16)
        seen = np.flatnonzero(counts >= least)
        places = labels[seen, 1:3] + rng.normal(0, 0.6, (len(seen), 2))
        plane, known = native.ground_many(xyz, obj, start, places)
        rows.append(np.column_stack([np.full(len(seen), k), seen, labels[seen], counts[seen], known, plane]))
        xs.append(xyz)
        os_.append(obj)
        starts.append(start)
        sensors.append(sensor)
        base.append(base[-1] + len(xyz))
    np.savez(
        out / f"shard-{number:04d}.part.npz",
        xyz=np.concatenate(xs),
        obj=np.concatenate(os_),
        start=np.stack(starts),
        base=np.array(base),
        rows=np.concatenate(rows),
        sensors=np.stack(sensors),
    )
    (out / f"shard-{number:04d}.part.npz").rename(out / f"shard-{number:04d}.npz")
    return number, base[-1], sum(len(r) for r in rows)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--scans", type=int, default=2000)
    p.add_argument("--per-shard", type=int, default=50)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--first", type=int, default=0)
    p.add_argument("--least", type=int, default=MIN_POINTS, help="points that a labelled object has at least")
    p.add_argument("--workers", type=int, default=2)
    p.add_argument("--sensor", help="one kind of scanner only (sensors.NAMES)")
    a = p.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    jobs = [
        (a.first + i, a.per_shard, a.seed, a.out, a.sensor, a.least) for i in range(a.scans // a.per_shard)
    ]
    begin = time.time()
    with multiprocessing.Pool(a.workers) as pool:
        for done, (number, points, objects) in enumerate(pool.imap_unordered(shard, jobs), 1):
            print(
                f"shard {number}: {points} points, {objects} objects; {done}/{len(jobs)} in {time.time() - begin:.0f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
