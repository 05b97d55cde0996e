"""Accuracy of exported networks on held-out simulation, by class and by points, and how far the score can be
believed: python held.py --held out/held
"""

import argparse
import json
from pathlib import Path

import numpy as np

import native
from data import BOX, CLS, COUNT, Scans, loose
from pipeline import CONTEXT, PASSES, fit, onnx_runner
from shapes import CLASSES


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--held", required=True)
    p.add_argument("--model", type=Path, default=Path(__file__).parent.parent / "model")
    p.add_argument("--count", type=int, default=1500)
    p.add_argument("--points", type=int, default=256)
    p.add_argument(
        "--passes", type=json.loads, default={}, help="other numbers of passes, as JSON (pipeline.PASSES)"
    )
    p.add_argument("--hint", default="click")
    p.add_argument("--name-class", action="store_true", help="tell the class")
    a = p.parse_args()
    held = Scans(a.held, verbose=False)
    run = (onnx_runner(a.model / "propose.onnx"), onnx_runner(a.model / "refine.onnx"))
    rng = np.random.default_rng(11)
    picks = held.draw(rng, a.count)
    rough = loose(np.random.default_rng(12), held.rows[picks, BOX])
    ious, scores, rows, right = [], [], [], []
    sizes = {}
    for pick, box in zip(picks, rough):
        row = held.rows[pick]
        k = int(row[0])
        xyz_all, base, _ = held.members[pick]
        start = held.keep  # the shard's own arrays
        for xyz, obj, starts in start:
            if xyz is xyz_all:
                first = int((int(held.points[k]) - xyz.ctypes.data) // 12)
                break
        if id(xyz_all) not in sizes:
            sizes[id(xyz_all)] = len(xyz_all)
        later = held.points[
            (held.points > held.points[k])
            & (held.points < np.uint64(xyz_all.ctypes.data + 12 * len(xyz_all)))
        ]
        last = int((int(later.min()) - xyz_all.ctypes.data) // 12) if len(later) else len(xyz_all)
        xyz = xyz_all[first:last]
        click = held.point(rng, pick) + rng.normal(0, 0.03, 3)
        at = click if a.hint == "click" else box[:3]
        crop = xyz[np.hypot(xyz[:, 0] - at[0], xyz[:, 1] - at[1]) < CONTEXT]
        sensor = held.sensors[k]
        how = {"click": click} if a.hint == "click" else {"box": box}
        answer = fit(
            crop,
            *run,
            sensor=np.array([*sensor, 0]) if np.isfinite(sensor[0]) else None,
            points=a.points,
            passes=PASSES | a.passes,
            cls=CLASSES[int(row[CLS])] if a.name_class else None,
            **how,
        )
        ious.append(0 if answer is None else native.iou_pairs(answer[0][None], row[BOX][None])[0][0])
        scores.append(0 if answer is None else answer[2])
        right.append(answer is not None and answer[1] == CLASSES[int(row[CLS])])
        rows.append(row)
    ious, scores, rows, right = np.array(ious), np.array(scores), np.array(rows), np.array(right)
    count, cls = rows[:, COUNT], rows[:, CLS].astype(int)
    print(
        "| class | questions | mean 3D IoU | >= .5 | >= .7 | class right |\n| --- | --- | --- | --- | --- | --- |"
    )
    for c, name in enumerate(CLASSES):
        m = (cls == c) & (count >= (10 if c in (5, 6, 7) else 20))
        if m.any():
            print(
                f"| {name} | {m.sum()} | {ious[m].mean():.3f} | {np.mean(ious[m] >= 0.5):.2f} | {np.mean(ious[m] >= 0.7):.2f} | {right[m].mean():.2f} |"
            )
    for low, high in ((4, 10), (10, 20), (20, 50), (50, 200), (200, 10**9)):
        m = (cls == 0) & (count >= low) & (count < high)
        if m.any():
            print(
                f"cars, {low}-{high} points: {m.sum()}, {ious[m].mean():.3f}, >= .7 {np.mean(ious[m] >= 0.7):.2f}"
            )
    print("score (mean of a band): mean IoU")
    for low in np.arange(0, 1, 0.1):
        m = (scores >= low) & (scores < low + 0.1)
        if m.sum() > 5:
            print(f"  {scores[m].mean():.2f}: {ious[m].mean():.2f}  ({m.sum()})")
    print(
        f"mean absolute error of the score {np.abs(scores - ious).mean():.3f}, bias {np.mean(scores - ious):+.3f}"
    )


if __name__ == "__main__":
    main()
