"""Writes simulated scans with the bodies of their objects: python -m simulation.simulate --out
out/train --scans 2000 --seed 1 --workers 2

Each shard is one .npz of some 50 scans: the points sorted into 2 m cells, the object of each point, and a row
per object that is seen. Scans of one project share a fleet; half of the projects have a usual one. How a
project draws its boxes is no part of a shard: training draws that anew for every question (projects/).
"""

import argparse
import multiprocessing
import os
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np

from kernels import native
from projects import draw_fleet, outermost_returns, usual_fleet
from scenes import Terrain, draw_scene
from shapes import draw_shapes

from .sensors import draw_sensor

MIN_POINTS = 4
SCANS_A_PROJECT = 5
TURN_SECONDS = 0.1  # one turn of the scanner


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
    late = ((late + np.pi) % (2 * np.pi) - np.pi) / (2 * np.pi) * TURN_SECONDS
    step = moving[item] * late
    xyz[hit, 0] += (step * np.cos(yaws[item])).astype(np.float32)
    xyz[hit, 1] += (step * np.sin(yaws[item])).astype(np.float32)


def scan(rng, stock, fleet, name=None):
    """One scan: xyz, obj, sensor xy (nan: unknown), class and body of each object (n, 8), points on each."""
    scene = draw_scene(rng, stock, fleet)
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
    bodies = scene.bodies()
    bodies[:, 3] += terrain(bodies[:, 1], bodies[:, 2])
    quantum = rng.choice([0.0, 0.001, 0.002, 0.005])
    if quantum:
        xyz = np.round(xyz / quantum) * quantum
    counts = np.bincount(obj[obj >= 0], minlength=len(bodies))
    place = np.array([0.0, 0.0]) if known else np.full(2, np.nan)
    return xyz.astype(np.float32), obj, place, bodies, counts


def shard(job):
    number, scans, seed, out, name, least = job
    rng = np.random.default_rng([seed, number])
    stock = draw_shapes(rng, 0.6)
    xs, os_, starts, rows, returns, sensors, usual, base = [], [], [], [], [], [], [], [0]
    for k in range(scans):
        if k % SCANS_A_PROJECT == 0:
            is_usual = bool(rng.random() < 0.5)
            fleet = usual_fleet(rng) if is_usual else draw_fleet(rng)
        xyz, obj, sensor, bodies, counts = scan(rng, stock, fleet, name)
        order, start = native.sort_cells(xyz)
        xyz, obj = np.ascontiguousarray(xyz[order]), obj[order].astype(np.int16)
        seen = np.flatnonzero(counts >= least)
        places = bodies[seen, 1:3] + rng.normal(0, 0.6, (len(seen), 2))
        plane, known = native.ground_many(xyz, obj, start, places)
        rows.append(np.column_stack([np.full(len(seen), k), seen, bodies[seen], counts[seen], known, plane]))
        returns.append(outermost_returns(xyz, obj, bodies[seen, 1:], seen))
        usual.append(is_usual)
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
        returns=np.concatenate(returns),
        sensors=np.stack(sensors),
        project=np.arange(scans) // SCANS_A_PROJECT,
        usual=np.array(usual),
        drawn=False,
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
