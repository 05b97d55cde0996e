"""Labelled real frames as shards, so that the networks can be fine-tuned on a project's own labels beside the
simulation.

python frames.py DIR --out out/frames [--every 2 --first 0]

DIR: a folder with index.json, or KITTI's training/ with velodyne, label_2, calib.
python train.py refine --data out/train --also out/frames --also-share 0.3 --start ...

What is shipped was not trained on any of these.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from kernels import native
from measuring.evaluate import group, half_of, inside, name_of
from projects import outermost_returns
from shapes import CLASSES
from simulation.simulate import MIN_POINTS

CLASS = {"car": "car", "van": "van", "truck": "truck", "pedestrian": "pedestrian", "cyclist": "cyclist"}


def labelled(folder, half=None):
    """Yields (points (n, 3), [(class, box (7,))]) of a folder with index.json. half: only objects of this
    half, by name.
    """
    for frame in json.loads((folder / "index.json").read_text())["frames"]:
        p = np.fromfile(folder / frame["points"], "<f4").reshape(-1, 4)[:, :3]
        yield (
            p,
            [
                (group(o["class"]), np.array([*o["center"], *o["size"], o["yaw"]]))
                for k, o in enumerate(frame["objects"])
                if half is None or half_of(name_of(frame, k)) == half
            ],
        )


def kitti(folder):
    """The same of KITTI's object folder. Labels are in the rectified camera's frame, x right, y down, z
    forward: location is the middle of the bottom.
    """
    for file in sorted((folder / "label_2").rglob("*.txt")):
        frame = file.relative_to(folder / "label_2").with_suffix("")  # may lie in folders: drive-1/000000
        calib = {}
        for line in (folder / "calib" / f"{frame}.txt").read_text().splitlines():
            if ":" in line:
                name, values = line.split(":", 1)
                calib[name] = np.array(values.split(), float)
        velo = np.eye(4)
        velo[:3] = calib["Tr_velo_to_cam"].reshape(3, 4)
        rect = np.eye(4)
        rect[:3, :3] = calib["R0_rect"].reshape(3, 3)
        back = np.linalg.inv(rect @ velo)
        objects = []
        for line in file.read_text().splitlines():
            f = line.split()
            if f[0] == "DontCare":
                continue
            h, w, length, x, y, z, turn = (float(v) for v in f[8:15])
            centre = (back @ [x, y - h / 2, z, 1])[:3]
            objects.append((group(f[0]), np.array([*centre, length, w, h, -turn - np.pi / 2])))
        yield np.fromfile(folder / "velodyne" / f"{frame}.bin", "<f4").reshape(-1, 4)[:, :3], objects


def main():
    p = argparse.ArgumentParser()
    p.add_argument("dir", type=Path)
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--every", type=int, default=1)
    p.add_argument("--first", type=int, default=0)
    p.add_argument(
        "--half",
        type=int,
        choices=[0, 1],
        help="only this half of the objects, told by their names: measure on the other (measuring.evaluate --half)",
    )
    a = p.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    xs, os_, starts, rows, returns, base = [], [], [], [], [], [0]
    frames = list(labelled(a.dir, a.half) if (a.dir / "index.json").exists() else kitti(a.dir))[
        a.first :: a.every
    ]
    for k, (points, objects) in enumerate(frames):
        order, start = native.sort_cells(points)
        xyz = np.ascontiguousarray(points[order], np.float32)
        obj = np.full(len(xyz), -1, np.int16)
        for i, (_, box) in enumerate(objects):
            obj[inside(xyz.astype(float), box + [0, 0, 0.03, 0.1, 0.1, -0.06, 0])] = (
                i  # the road under a label is not the object
            )
        counts = np.bincount(obj[obj >= 0], minlength=len(objects))
        seen = [i for i, (name, _) in enumerate(objects) if counts[i] >= MIN_POINTS and name in CLASS]
        if seen:
            boxes = np.array([objects[i][1] for i in seen])
            plane, known = native.ground_many(xyz, obj, start, boxes[:, :2])
            classes = [CLASSES.index(CLASS[objects[i][0]]) for i in seen]
            rows.append(
                np.column_stack([np.full(len(seen), k), seen, classes, boxes, counts[seen], known, plane])
            )
            returns.append(outermost_returns(xyz, obj, boxes, np.array(seen)))
        xs.append(xyz)
        os_.append(obj)
        starts.append(start)
        base.append(base[-1] + len(xyz))
    if not rows:
        raise SystemExit(f"{a.dir}: no labelled object with {MIN_POINTS} points or more in {len(frames)} frames")
    np.savez(
        a.out / "shard-0000.npz",
        xyz=np.concatenate(xs),
        obj=np.concatenate(os_),
        start=np.stack(starts),
        base=np.array(base),
        rows=np.concatenate(rows),
        returns=np.concatenate(returns),
        # One project, whose labels are as its people drew them.
        project=np.zeros(len(frames), int),
        usual=np.ones(len(frames), bool),
        drawn=True,
        sensors=np.zeros((len(frames), 2)),
    )
    print(f"{len(frames)} frames, {sum(len(r) for r in rows)} objects with {MIN_POINTS} points or more")


if __name__ == "__main__":
    main()
