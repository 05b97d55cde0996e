"""Writes simulated sequences as labelled-frames folders, one a sequence: python -m simulation.sequences --out
out/sequences --count 12 --seed 1

The scene is one of scenes/. Its traffic drives, its people walk, and actors with a story are added: one that
turns, one that stops and goes, one that overtakes, one that passes behind a truck, one that leaves the range.
The scanner stands, drives or turns. Nothing runs into anything (collisions.py). `objects` holds every object
that is seen in any frame, with `numPoints` 0 where it is hidden; the world's origin is that of a UTM map.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from kernels import native
from scenes import Terrain, draw_scene
from shapes import CLASSES, draw_shapes

from .collisions import EGO_SIZE, along, standing, without_collisions
from .sensors import draw_sensor
from .simulate import TURN_SECONDS

UTM = np.array([515387.0, 4918360.0, 250.0])
RANGE = 70.0
SCANNERS = ["hdl64", "pandar64", "top64", "os128", "ruby128", "hdl32"]


class Path2D:
    """Where something is at a time: a speed over time along a curvature over distance, by steps of 20 ms."""

    def __init__(self, x, y, yaw, speed, curvature, seconds, step=0.02):
        n = int(seconds / step) + 3
        self.step = step
        self.states = np.zeros((n, 4))
        s = 0.0
        for i in range(n):
            v = max(0.0, speed(i * step))
            self.states[i] = x, y, yaw, v
            k = curvature(s)
            x, y = (
                x + v * step * np.cos(yaw + 0.5 * k * v * step),
                y + v * step * np.sin(yaw + 0.5 * k * v * step),
            )
            yaw += k * v * step
            s += v * step

    def __call__(self, t):
        i = t / self.step
        a = int(i)
        return self.states[a] + (i - a) * (self.states[a + 1] - self.states[a])


def constant(value):
    return lambda _: value


def stop_and_go(rng, pace, seconds):
    """Brakes to a stop, stands, and drives on."""
    begin, stand = rng.uniform(0.1, 0.4) * seconds, rng.uniform(0.1, 0.4) * seconds
    brake, pull = rng.uniform(1.5, 3.5), rng.uniform(1.0, 2.5)

    def speed(t):
        if t < begin:
            return pace
        slow = pace - brake * (t - begin)
        if slow > 0:
            return slow
        go = t - begin - pace / brake - stand
        return min(pace, pull * go) if go > 0 else 0.0

    return speed


def turn_at(rng, start, radius, angle):
    """Straight on, then a bend of this radius by this angle, with 4 m in and out of it."""
    sign, arc = np.sign(angle), abs(angle) * radius

    def curvature(s):
        into = np.clip((s - start) / 4, 0, 1) * np.clip((start + arc + 4 - s) / 4, 0, 1)
        return sign * into / radius

    return curvature


def lane_change(rng, start, length, width):
    """Over to the next lane: an S of the heading."""
    top = 2 * np.pi * width / length**2

    def curvature(s):
        u = (s - start) / length
        return top * np.sin(2 * np.pi * u) if 0 < u < 1 else 0.0

    return curvature


def varied(rng, pace):
    rate, size, phase = rng.uniform(0.2, 0.9), rng.uniform(0, 0.25) * pace, rng.uniform(0, 6.3)
    return lambda t: pace + size * np.sin(rate * t + phase)


def animate(rng, scene, seconds):
    """A path for everything that moves: place in scene.placed -> Path2D."""
    paths = {}
    lanes = {}
    for k, (shape, x, y, z, yaw, *_rest, number) in enumerate(scene.placed):
        if number < 0:
            continue
        cls, speed = scene.items[number][0], scene.speeds[number]
        if speed > 0:
            v = -(x - scene.base[0]) * scene.axis[1] + (y - scene.base[1]) * scene.axis[0]
            lane = lanes.setdefault(
                (round(v / 3), bool(np.cos(yaw - scene.direction) > 0)),
                (speed, rng.random() < 0.4, int(rng.integers(1 << 30))),
            )
            pace = min(lane[0], 18.0)
            lane_rng = np.random.default_rng(lane[2])
            profile = stop_and_go(lane_rng, pace, seconds) if lane[1] else varied(lane_rng, pace)
            paths[k] = Path2D(x, y, yaw, profile, constant(0.0), seconds)
        elif cls == "pedestrian" and rng.random() < 0.7:
            bend = rng.normal(0, 0.05)
            paths[k] = Path2D(x, y, yaw, varied(rng, rng.uniform(0.6, 1.8)), constant(bend), seconds)
        elif cls in ("cyclist", "motorcyclist") and rng.random() < 0.5:
            bend = rng.normal(0, 0.01)
            paths[k] = Path2D(x, y, yaw, varied(rng, rng.uniform(2.0, 7.0)), constant(bend), seconds)
    return paths


def add(scene, kind, x, y, yaw):
    """Places an actor, whatever is there; its place in scene.placed, or None."""
    shape = scene.pick(kind)
    if not scene.put(shape, x, y, yaw, overlap=True):
        return None
    return len(scene.placed) - 1


def actors(rng, scene, paths, seconds):
    def place(kind, u, v, along, speed, curvature):
        yaw = scene.direction + along
        k = add(scene, kind, *scene.road(u, v), yaw)
        if k is not None:
            x, y = scene.road(u, v)
            paths[k] = Path2D(x, y, yaw, speed, curvature, seconds)

    pace = rng.uniform(4, 9)
    place(
        "car",
        rng.uniform(-30, -15),
        rng.uniform(1.5, 5),
        0,
        varied(rng, pace),
        turn_at(rng, rng.uniform(5, 20), rng.uniform(6, 14), rng.choice([-1, 1]) * rng.uniform(1.0, 1.7)),
    )
    place(
        "car",
        rng.uniform(15, 35),
        -rng.uniform(1.5, 5),
        np.pi,
        varied(rng, pace),
        turn_at(rng, rng.uniform(2, 15), rng.uniform(6, 14), rng.choice([-1, 1]) * rng.uniform(1.0, 1.7)),
    )
    place("car", rng.uniform(-25, 10), 4.0, 0, stop_and_go(rng, rng.uniform(5, 12), seconds), constant(0.0))
    place(
        "car",
        rng.uniform(-40, -10),
        -4.0,
        0,
        varied(rng, rng.uniform(8, 15)),
        lane_change(rng, rng.uniform(5, 25), rng.uniform(20, 40), rng.choice([-1, 1]) * 3.3),
    )
    u = rng.uniform(-12, 0)
    side = rng.choice([-1, 1])
    place("truck", u, side * 5.5, 0, varied(rng, 5.0), constant(0.0))
    place("car", u + rng.uniform(-14, -8), side * 9.5, 0, varied(rng, 8.0), constant(0.0))
    place("car", rng.uniform(20, 40), side * -7.0, 0, varied(rng, rng.uniform(10, 16)), constant(0.0))


def draw_ego(rng, scene, paths, seconds):
    """How the scanner's car moves, and its path, which hits nothing that stands."""
    mode = rng.choice(["stands", "drives", "turns"], p=[0.35, 0.4, 0.25])
    still = standing(scene, paths)
    for _ in range(30 if mode != "stands" else 0):
        pace = rng.uniform(2, 10)
        angle = rng.choice([-1, 1]) * rng.uniform(0.5, 1.3)
        bend = turn_at(rng, rng.uniform(0, 8), rng.uniform(12, 40), angle)
        curvature = bend if mode == "turns" else constant(0.0)
        ego = Path2D(0.0, 0.0, scene.direction, varied(rng, pace), curvature, seconds)
        footprints = along(ego, seconds, EGO_SIZE)
        if not any(footprints.meets(other) for other in still):
            return mode, ego
    return "stands", Path2D(0.0, 0.0, scene.direction, constant(0.0), constant(0.0), seconds)


def sequence(rng, stock, seconds, rate):
    scene = draw_scene(rng, stock)
    paths = animate(rng, scene, seconds)
    actors(rng, scene, paths, seconds)
    terrain = Terrain(rng)
    sensor = draw_sensor(rng, str(rng.choice(SCANNERS)))
    while sensor.azimuths[1] - sensor.azimuths[0] < 6:
        sensor = draw_sensor(rng, str(rng.choice(SCANNERS)))
    mode, ego = draw_ego(rng, scene, paths, seconds)
    paths = without_collisions(scene, paths, ego, seconds)
    labels = scene.labels()
    drawn = labels[:, 3] - np.array([i[3] for i in scene.items])  # centre over the floor
    number_of = {k: p[-1] for k, p in enumerate(scene.placed) if p[-1] >= 0}
    frames, start = [], list(scene.placed)
    for f in range(int(seconds * rate)):
        t = f / rate
        ex, ey, eyaw, _ = ego(t)
        here = labels.copy()
        speeds = np.zeros(len(labels))
        for k, path in paths.items():
            x, y, yaw, v = path(t)
            shape, _, _, _, _, scale, paint, number = start[k]
            z = scene.height(x, y)
            scene.placed[k] = (shape, x, y, z, yaw, scale, paint, number)
            here[number, 1:4] = x, y, z + drawn[number]
            here[number, 7] = yaw
            speeds[number] = v
        shift = -np.array([ex, ey])
        xyz, obj = native.raycast(scene.arrays(shift), sensor, int(rng.integers(1 << 31)))
        hit = np.flatnonzero(obj >= 0)
        item = obj[hit]
        late = np.arctan2(xyz[hit, 1], xyz[hit, 0]) - np.arctan2(here[item, 2] - ey, here[item, 1] - ex)
        step = speeds[item] * ((late + np.pi) % (2 * np.pi) - np.pi) / (2 * np.pi) * TURN_SECONDS
        xyz[hit, 0] += (step * np.cos(here[item, 7])).astype(np.float32)
        xyz[hit, 1] += (step * np.sin(here[item, 7])).astype(np.float32)
        floor = terrain(ex, ey)
        xyz[:, 2] += terrain(xyz[:, 0] + ex, xyz[:, 1] + ey) - floor
        counts = np.bincount(obj[obj >= 0], minlength=len(labels))
        c, s = np.cos(-eyaw), np.sin(-eyaw)
        turned = np.column_stack([xyz[:, 0] * c - xyz[:, 1] * s, xyz[:, 0] * s + xyz[:, 1] * c, xyz[:, 2]])
        boxes = here[:, 1:].copy()
        dx, dy = boxes[:, 0] - ex, boxes[:, 1] - ey
        boxes[:, 2] += terrain(boxes[:, 0], boxes[:, 1]) - floor
        boxes[:, 0], boxes[:, 1] = dx * c - dy * s, dx * s + dy * c
        boxes[:, 6] -= eyaw
        pose = {
            "position": [float(v) for v in UTM + (ex, ey, floor)],
            "rotation": [0, 0, float(np.sin(eyaw / 2)), float(np.cos(eyaw / 2))],
        }
        near = np.hypot(turned[:, 0], turned[:, 1]) < RANGE
        frames.append((t, pose, turned[near].astype("<f4"), boxes, counts))
    classes = [CLASSES[int(row[0])] for row in labels]
    return frames, classes, mode, sensor.name


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--count", type=int, default=12)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--seconds", type=float, default=10)
    p.add_argument("--rate", type=float, default=10, help="frames a second")
    a = p.parse_args()
    stock = draw_shapes(np.random.default_rng([a.seed, 99]), 0.6)
    for k in range(a.count):
        rng = np.random.default_rng([a.seed, 7, k])
        frames, classes, mode, scanner = sequence(rng, stock, a.seconds, a.rate)
        out = a.out / f"sequence-{k:02d}"
        out.mkdir(parents=True, exist_ok=True)
        seen = np.max([counts for *_, counts in frames], axis=0) >= 20
        index = []
        for i, (t, pose, xyz, boxes, counts) in enumerate(frames):
            np.column_stack([xyz, np.zeros(len(xyz), np.float32)]).astype("<f4").tofile(out / f"{i:04d}.bin")
            objects = []
            for j in np.flatnonzero(seen):
                b = [round(float(v), 4) for v in boxes[j]]
                objects.append(
                    {
                        "id": f"object-{j}",
                        "class": classes[j],
                        "center": b[:3],
                        "size": b[3:6],
                        "yaw": b[6],
                        "numPoints": int(counts[j]),
                    }
                )
            index.append(
                {
                    "id": f"{i:04d}",
                    "points": f"{i:04d}.bin",
                    "format": "f32le-xyzi",
                    "source": "simulated",
                    "scene": out.name,
                    "sensor": [0.0, 0.0, 0.0],
                    "pose": pose,
                    "timestamp": round(t, 3),
                    "objects": objects,
                }
            )
        (out / "index.json").write_text(json.dumps({"frames": index}))
        print(out, mode, scanner, len(frames), "frames,", int(seen.sum()), "objects", flush=True)


if __name__ == "__main__":
    main()
