"""Simulated scans (shards of ../training/simulation/simulate.py) as a labelled-frames folder, for
`nearbox evaluate`: python simulated_frames.py SHARDS --out DIR [--wide]

Boxes are drawn here, by one way of drawing a project (../training/projects): of projects with usual fleets in
the usual ways, or with --wide of all in all ways. Objects are those with a point in their exact box; `sensor`
is null where several scans were merged and nobody knows where the scanner stood.
"""
import argparse
import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "training"))
from projects import shard_labels

CLASSES = ["car", "van", "truck", "bus", "pickup", "pedestrian", "cyclist", "motorcyclist", "other"]
FARTHEST = 75.0


def inside(xyz, box):
    x, y, z, length, width, height, yaw = box
    near = np.flatnonzero((np.abs(xyz[:, 0] - x) < length + width) & (np.abs(xyz[:, 1] - y) < length + width))
    d = xyz[near].astype(np.float64) - (x, y, z)
    u, v = d[:, 0] * np.cos(yaw) + d[:, 1] * np.sin(yaw), d[:, 1] * np.cos(yaw) - d[:, 0] * np.sin(yaw)
    return int(((np.abs(u) <= length / 2) & (np.abs(v) <= width / 2) & (np.abs(d[:, 2]) <= height / 2)).sum())


def main():
    p = argparse.ArgumentParser()
    p.add_argument("shards", type=Path)
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--wide", action="store_true")
    a = p.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    frames = []
    for file in sorted(a.shards.glob("shard-[0-9]*.npz")):
        if file.name.endswith(".part.npz"):
            continue
        shard = dict(np.load(file))
        labels = shard_labels(np.random.default_rng(len(frames)), shard, a.wide)
        for k, (start, end) in enumerate(zip(shard["base"][:-1], shard["base"][1:])):
            if not (a.wide or shard["usual"][k]):
                continue
            xyz = shard["xyz"][start:end]
            name = f"{file.stem}-{k:03d}"
            np.column_stack([xyz, np.zeros(len(xyz))]).astype("<f4").tofile(a.out / f"{name}.bin")
            objects = []
            for i in np.flatnonzero(shard["rows"][:, 0] == k):
                row, box = shard["rows"][i], labels[i]
                count = inside(xyz, box)
                if count == 0 or np.hypot(box[0], box[1]) > FARTHEST:
                    continue
                numbers = [round(float(v), 4) for v in box]
                objects.append({"id": f"object-{int(row[1])}", "class": CLASSES[int(row[2])], "center": numbers[:3], "size": numbers[3:6], "yaw": numbers[6], "numPoints": count})
            sensor = shard["sensors"][k]
            known = bool(np.isfinite(sensor[0]))
            frames.append({"id": name, "points": f"{name}.bin", "format": "f32le-xyzi", "source": "simulated", "scene": name, "sensor": [float(sensor[0]), float(sensor[1]), 0.0] if known else None, "objects": objects})  # fmt: skip
    (a.out / "index.json").write_text(json.dumps({"frames": frames}))
    print(len(frames), "frames,", sum(len(f["objects"]) for f in frames), "objects")


if __name__ == "__main__":
    main()
