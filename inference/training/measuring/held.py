"""Accuracy of exported networks on held-out simulation, by class and by points, and how far the score can be
believed: python -m measuring.held --held out/held [--figures FILE]

Three sets of the same objects: drawn in the usual ways, of usual fleets; drawn in all ways, the projects'
conventions untold; the same, told by profiles of some twenty boxes of the class.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from kernels import native
from pipeline import CONTEXT_METRES, PASSES, fit, onnx_runner
from projects import ask
from questions import CLS, COUNT, Scans, loose
from shapes import CLASSES

PROFILE_BOXES = 40, 41  # half of them of the asked class


def sets(held, rng, count):
    """name -> picked rows, and what is asked of them (projects.Asked)."""
    picks = held.draw(rng, count)
    usual = picks[held.usual[picks]]
    wide = ask(held, np.random.default_rng(13), picks, told=True, wide=True, boxes=PROFILE_BOXES)
    return {
        "usual": (usual, ask(held, np.random.default_rng(14), usual, told=False, wide=False)),
        "untold": (picks, wide.untold()),
        "told": (picks, wide),
    }


def crop_about(held, pick, at):
    """The points of the row's scan about a place."""
    k = int(held.rows[pick][0])
    xyz, _, _ = held.members[pick]
    begin, end = xyz.ctypes.data, xyz.ctypes.data + 12 * len(xyz)
    later = held.points[(held.points > held.points[k]) & (held.points < np.uint64(end))]
    first = (int(held.points[k]) - begin) // 12
    last = (int(later.min()) - begin) // 12 if len(later) else len(xyz)
    scan = xyz[first:last]
    return scan[np.hypot(scan[:, 0] - at[0], scan[:, 1] - at[1]) < CONTEXT_METRES]


def answers(held, picks, labels, run, hint, points, passes, name_class):
    """Overlap with the truth, score, and whether the class is right: (n,) each."""
    rng = np.random.default_rng(15)
    rough = loose(np.random.default_rng(12), labels.truth)
    out = []
    for i, pick in enumerate(picks):
        row = held.rows[pick]
        name, sensor = CLASSES[int(row[CLS])], held.sensors[int(row[0])]
        click = held.point(rng, pick) + rng.normal(0, 0.03, 3)
        answer = fit(
            crop_about(held, pick, click if hint == "click" else rough[i, :3]),
            *run,
            sensor=np.array([*sensor, 0]) if np.isfinite(sensor[0]) else None,
            convention=labels.convention[i],
            points=points,
            passes=passes,
            cls=name if name_class else None,
            **({"click": click} if hint == "click" else {"box": rough[i]}),
        )
        if answer is None:
            out.append((0, 0, False))
        else:
            iou = native.iou_pairs(answer[0][None], labels.truth[i][None])[0][0]
            out.append((iou, answer[2], answer[1] == name))
    ious, scores, right = (np.array(v) for v in zip(*out))
    return ious, scores, right


def show(rows, ious, scores, right):
    """Prints the tables of one set; its figures by class."""
    count, cls = rows[:, COUNT], rows[:, CLS].astype(int)
    figures = {}
    print("| class | questions | mean 3D IoU | >= .5 | >= .7 | class right |")
    print("| --- | --- | --- | --- | --- | --- |")
    for c, name in enumerate(CLASSES):
        m = (cls == c) & (count >= (10 if c in (5, 6, 7) else 20))
        if m.any():
            mean, half, high = ious[m].mean(), np.mean(ious[m] >= 0.5), np.mean(ious[m] >= 0.7)
            print(f"| {name} | {m.sum()} | {mean:.3f} | {half:.2f} | {high:.2f} | {right[m].mean():.2f} |")
            figures[name] = {"questions": int(m.sum()), "mean": mean, "at50": half, "at70": high}
    for low, high in ((4, 10), (10, 20), (20, 50), (50, 200), (200, 10**9)):
        m = (cls == 0) & (count >= low) & (count < high)
        if m.any():
            at70 = np.mean(ious[m] >= 0.7)
            print(f"cars, {low}-{high} points: {m.sum()}, {ious[m].mean():.3f}, >= .7 {at70:.2f}")
    print("score (mean of a band): mean IoU")
    for low in np.arange(0, 1, 0.1):
        m = (scores >= low) & (scores < low + 0.1)
        if m.sum() > 5:
            print(f"  {scores[m].mean():.2f}: {ious[m].mean():.2f}  ({m.sum()})")
    off = scores - ious
    print(f"mean absolute error of the score {np.abs(off).mean():.3f}, bias {off.mean():+.3f}\n")
    return figures


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--held", required=True)
    p.add_argument("--model", type=Path, default=Path(__file__).parent.parent.parent / "model")
    p.add_argument("--count", type=int, default=1500)
    p.add_argument("--points", type=int, default=256)
    p.add_argument(
        "--passes", type=json.loads, default={}, help="other numbers of passes, as JSON (pipeline.PASSES)"
    )
    p.add_argument("--hint", default="click")
    p.add_argument("--name-class", action="store_true", help="tell the class")
    p.add_argument("--figures", type=Path, help="a file for the figures, as JSON")
    a = p.parse_args()
    held = Scans(a.held, verbose=False)
    run = (onnx_runner(a.model / "propose.onnx"), onnx_runner(a.model / "refine.onnx"))
    figures = {}
    for name, (picks, labels) in sets(held, np.random.default_rng(11), a.count).items():
        print(f"{name}:")
        found = answers(held, picks, labels, run, a.hint, a.points, PASSES | a.passes, a.name_class)
        figures[name] = show(held.rows[picks], *found)
    if a.figures:
        a.figures.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
