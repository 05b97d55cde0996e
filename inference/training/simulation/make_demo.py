"""A simulated drive of 10 frames through a street, as KITTI .bin files and an index.json of the true boxes:
python -m simulation.make_demo --out DIR

Coordinates are the scanner's own (x forward, z up, scanner at 0, 0, 0); `pose` takes them to the world. Every
frame is cast anew at 10 Hz.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from kernels import native
from scenes import Scene, Terrain, corners, parked, people, roadside
from shapes import draw_shapes

from .sensors import draw_sensor

LANE_METRES = 3.3
# One lane each way, and a row of parked cars on both sides.
HALF_STREET_METRES = 2 * LANE_METRES + 2.3 - LANE_METRES
EGO_OFFSET_METRES = -LANE_METRES / 2
QUANTUM = 0.005


def build(rng, stock):
    scene = Scene(rng, stock, HALF_STREET_METRES, (0.13, 0.12), 0.0, 0.0)
    scene.ground[9] = 0.3
    scene.tight.update(ends=0.04, sides=0.02, top=0.03, floor=0.0)
    # The ego's way is kept free: a long rectangle that nothing may stand on.
    scene.rects.append((0, EGO_OFFSET_METRES, 60, corners(0, EGO_OFFSET_METRES, 0, 120, 2.2)))
    for side in (1, -1):
        parked(scene, HALF_STREET_METRES, side, 1)
        roadside(scene, HALF_STREET_METRES, side, 1.6)
    moving = []

    def move(shape, u, v, yaw, speed):
        before = len(scene.placed)
        if scene.put(shape, u, v, yaw, overlap=True):
            moving.append((before, speed * np.cos(yaw), speed * np.sin(yaw)))

    cars = stock["car"]
    move(cars[3], 4, EGO_OFFSET_METRES + 0.1, 0.0, 6.5)
    move(stock["van"][2], 22, EGO_OFFSET_METRES - 0.1, 0.0, 6.0)
    for u, k in ((-26, 5), (12, 9), (34, 14), (52, 20)):
        move(cars[k], u, LANE_METRES / 2 + rng.normal(0, 0.1), np.pi, rng.uniform(7, 9))
    move(stock["bus"][1], 66, LANE_METRES / 2 + 0.1, np.pi, 6.0)
    move(stock["cyclist"][4], -8, EGO_OFFSET_METRES - 1.0, 0.02, 4.5)
    move(stock["cyclist"][7], 18, LANE_METRES / 2 + 1.2, np.pi, 4.0)
    move(stock["motorcyclist"][1], 27, LANE_METRES / 2, np.pi, 8.0)
    for i in range(16):
        side = rng.choice([1, -1])
        yaw = rng.choice([0, np.pi]) + rng.normal(0, 0.1)
        move(
            stock["pedestrian"][i],
            rng.uniform(-35, 45),
            side * (HALF_STREET_METRES + rng.uniform(0.6, 1.8)),
            yaw,
            rng.uniform(0.8, 1.6),
        )
    move(stock["pedestrian"][17], 14, -HALF_STREET_METRES + 1.5, np.pi / 2, 1.4)
    move(stock["pedestrian"][18], 14.8, -HALF_STREET_METRES + 1.2, np.pi / 2, 1.4)
    people(scene, 9, HALF_STREET_METRES + 1.5, 4)
    return scene, moving


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--frames", type=int, default=10)
    p.add_argument("--seed", type=int, default=9)
    p.add_argument("--speed", type=float, default=6.5, help="of the ego, m/s")
    a = p.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(a.seed)
    stock = draw_shapes(rng, 0.6)
    scene, moving = build(rng, stock)
    terrain = Terrain(rng)
    sensor = draw_sensor(rng, "pandar64")
    sensor.origin = np.array([0, 0, 1.75])
    sensor.elevations = np.sort(
        np.radians(
            np.concatenate([np.linspace(9, 3, 6), np.linspace(2.4, -6, 38), np.linspace(-6.6, -25, 20)])
        )
    ).astype(np.float32)
    sensor.columns, sensor.azimuths, sensor.noise, sensor.drop, sensor.power = (
        2200,
        (-np.pi, np.pi),
        0.012,
        0.03,
        180.0**2,
    )
    sensor.azimuth_offsets *= 0
    labels0 = scene.labels()
    start = {k: (scene.placed[k][1], scene.placed[k][2]) for k, _, _ in moving}
    frames = []
    for f in range(a.frames):
        t = f / 10
        labels = labels0.copy()
        for k, vx, vy in moving:
            shape, _, _, z, yaw, scale, paint, number = scene.placed[k]
            x, y = start[k][0] + vx * t, start[k][1] + vy * t
            scene.placed[k] = (shape, x, y, z, yaw, scale, paint, number)
            labels[number, 1:3] = x, y
        ego = np.array([-12 + a.speed * t, EGO_OFFSET_METRES])
        heading = 0.01 * np.sin(f)
        xyz, obj = native.raycast(scene.arrays(-ego), sensor, 1000 + f)
        lift = terrain(ego[0], ego[1])
        xyz = xyz.astype(np.float64)
        xyz[:, 2] += terrain(xyz[:, 0] + ego[0], xyz[:, 1] + ego[1]) - lift - sensor.origin[2]
        c, s = np.cos(heading), np.sin(heading)
        turn = lambda v: np.column_stack([v[:, 0] * c + v[:, 1] * s, v[:, 1] * c - v[:, 0] * s])
        xyz[:, :2] = turn(xyz[:, :2])
        xyz = np.round(xyz / QUANTUM) * QUANTUM
        paint = np.array([q[6] for q in scene.placed])
        number = {q[7]: i for i, q in enumerate(scene.placed)}
        shine = np.where(obj >= 0, paint[[number.get(o, 0) for o in obj]], np.where(obj == -1, 0.25, 0.4))
        shine = np.clip(np.round((shine * rng.uniform(0.8, 1.1, len(obj))) * 20) / 20, 0.05, 1)
        objects = []
        flat = turn(labels[:, 1:3] - ego)
        for i, row in enumerate(labels):
            x, y = flat[i]
            if np.hypot(x, y) > 75:
                continue
            z = row[3] + terrain(row[1], row[2]) - lift - sensor.origin[2]
            l, w, h = row[4:7]
            yaw = float((row[7] - heading + np.pi) % (2 * np.pi) - np.pi)
            cy, sy = np.cos(yaw), np.sin(yaw)
            dx, dy, dz = xyz[:, 0] - x, xyz[:, 1] - y, xyz[:, 2] - z
            n = int(
                (
                    (np.abs(dx * cy + dy * sy) <= l / 2)
                    & (np.abs(dy * cy - dx * sy) <= w / 2)
                    & (np.abs(dz) <= h / 2)
                ).sum()
            )
            if n == 0:
                continue
            r3 = lambda v: [round(float(q), 3) for q in v]
            objects.append(
                {
                    "id": f"object-{i:03d}",
                    "class": scene.items[i][0],
                    "center": r3((x, y, z)),
                    "size": r3((l, w, h)),
                    "yaw": round(yaw, 4),
                    "numPoints": n,
                }
            )
        name = f"{f:06d}"
        np.column_stack([xyz, shine]).astype("<f4").tofile(a.out / f"{name}.bin")
        half = heading / 2
        frames.append(
            {
                "id": name,
                "points": f"{name}.bin",
                "format": "f32le-xyzi",
                "timestamp": round(t, 3),
                "pose": {
                    "position": [
                        round(float(ego[0] + 12), 4),
                        round(float(ego[1]), 4),
                        round(float(lift + sensor.origin[2]), 4),
                    ],
                    "rotation": [0.0, 0.0, float(np.sin(half)), float(np.cos(half))],
                },
                "objects": objects,
            }
        )
        print(
            name,
            len(xyz),
            "points,",
            len(objects),
            "objects,",
            sum(o["numPoints"] >= 20 for o in objects),
            "with 20 points or more",
            {
                k: sum(o["class"] == k and o["numPoints"] >= 10 for o in objects)
                for k in (
                    "car",
                    "van",
                    "pickup",
                    "truck",
                    "bus",
                    "pedestrian",
                    "cyclist",
                    "motorcyclist",
                    "other",
                )
            },
        )
    (a.out / "index.json").write_text(json.dumps({"frames": frames}, indent=1))


if __name__ == "__main__":
    main()
