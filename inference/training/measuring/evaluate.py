"""Measures the exported networks on labelled frames, with the clicks of the reference scorer: python
-m measuring.evaluate DIR [--hint click|box] [--group car]

For measuring only: nothing here is trained on, and no constant is chosen by it.
"""

import argparse
import json
import re
import zlib
from pathlib import Path

import numpy as np

from kernels import native
from pipeline import CONTEXT_METRES, fit, onnx_runner
from projects import convention_of, profile_rows


def stream(seed):
    """The generator mulberry32."""
    state = [seed & 0xFFFFFFFF]

    def imul(a, b):
        return ((a & 0xFFFFFFFF) * (b & 0xFFFFFFFF)) & 0xFFFFFFFF

    def draw():
        state[0] = (state[0] + 0x6D2B79F5) & 0xFFFFFFFF
        s = state[0]
        t = imul(s ^ (s >> 15), 1 | s)
        t = ((t + imul(t ^ (t >> 7), 61 | t)) & 0xFFFFFFFF) ^ t
        return ((t ^ (t >> 14)) & 0xFFFFFFFF) / 4294967296

    return draw


def group(name):
    n = name.lower()
    if (
        re.search(r"rack|construction|emergency|towed|cart|pedicab|object$", n)
        and "pedestrian with object" not in n
    ):
        return "other"
    if re.search(r"pedestrian|person|^ped\b", n):
        return "other" if "sitting" in n else "pedestrian"
    if re.search(r"cyclist|bicycle|motorcycl|rider|motorbike|scooter", n):
        return "cyclist"
    if re.search(r"^van$|vehicle\.van", n):
        return "van"
    if re.search(r"truck|bus|semi|trailer|large_vehicle", n) and "pickup" not in n:
        return "truck"
    return (
        "car"
        if re.search(r"^car$|pickup|type_vehicle|regular_vehicle|^vehicle$|vehicle\.car|suv", n)
        else "other"
    )


def inside(p, b):
    c, s = np.cos(b[6]), np.sin(b[6])
    dx, dy = p[:, 0] - b[0], p[:, 1] - b[1]
    return np.flatnonzero(
        (np.abs(p[:, 2] - b[2]) <= b[5] / 2)
        & (np.abs(dx * c + dy * s) <= b[3] / 2)
        & (np.abs(dy * c - dx * s) <= b[4] / 2)
    )


def half_of(name):
    """0 or 1, the same for all frames of one object: to fine-tune on one half and to measure on the other."""
    return zlib.crc32(name.encode()) & 1


def name_of(frame, k):
    """The object's name, the same in all frames of a scene."""
    return f"{frame.get('scene', frame['id'])}/{frame['objects'][k].get('id', k)}"


def rows(
    folder,
    run,
    groups,
    hint,
    seeds=3,
    step=1,
    least=20,
    points=256,
    known=True,
    simulate_class=False,
    half=None,
):
    folder = Path(folder)
    out = []
    for frame in json.loads((folder / "index.json").read_text())["frames"][::step]:
        p = np.fromfile(folder / frame["points"], "<f4").reshape(-1, 4)[:, :3]
        for k, o in enumerate(frame["objects"]):
            g = group(o["class"])
            b = np.array([*o["center"], *o["size"], o["yaw"]])
            if (
                g not in groups
                or o["numPoints"] < least
                or np.hypot(b[0], b[1]) > 70
                or (half is not None and half_of(name_of(frame, k)) != half)
            ):
                continue
            every = inside(p.astype(np.float64), b)
            upper = every[p[every, 2] > b[2] - b[5] / 2 + 0.2]
            start = upper if len(upper) else every
            for seed in range(1, seeds + 1):
                r = stream(seed * 7919 + k * 104729 + len(frame["id"]) * 31 + o["numPoints"])
                i = start[int(r() * len(start))]
                j = lambda: (r() - 0.5) * 2 * 0.05
                if hint == "click":
                    at = p[i].astype(np.float64) + [j(), j(), j()]
                    how = {"click": at}
                else:
                    centre = b[:3] + [(r() - 0.5) * 0.7 for _ in range(3)]
                    size = b[3:6] * np.exp([(r() - 0.5) * 0.52 for _ in range(3)])
                    how = {"box": [*centre, *size, b[6] + (r() - 0.5) * 0.7]}
                    at = centre
                crop = p[np.hypot(p[:, 0] - at[0], p[:, 1] - at[1]) < CONTEXT_METRES]
                answer = fit(
                    crop,
                    *run,
                    sensor=np.zeros(3) if known else None,
                    cls=g if simulate_class else None,
                    points=points,
                    convention=convention,
                    **how,
                )
                if answer is None:
                    out.append(
                        (0, 0, o["numPoints"], np.hypot(b[0], b[1]), 0, False, b, b, 0, name_of(frame, k))
                    )
                    continue
                d3, bev = native.iou_pairs(answer[0][None], b[None])
                out.append(
                    (
                        d3[0],
                        bev[0],
                        o["numPoints"],
                        np.hypot(b[0], b[1]),
                        answer[2],
                        abs((answer[0][6] - b[6] + np.pi) % (2 * np.pi) - np.pi) > np.pi / 2,
                        answer[0],
                        b,
                        answer[1],
                        name_of(frame, k),
                    )
                )
    return out


def show(found, tag):
    d3, bev, n = (np.array([r[i] for r in found], float) for i in range(3))
    score = np.array([r[4] for r in found], float)
    pred, true = np.array([r[6] for r in found]), np.array([r[7] for r in found])
    if not len(d3):
        print(tag, "none")
        return
    turn = np.abs((pred[:, 6] - true[:, 6] + np.pi / 2) % np.pi - np.pi / 2)
    print(
        f"{tag}: clicks {len(d3)}, 3D {d3.mean():.3f}, bev {bev.mean():.3f}, >=.5 {np.mean(d3 >= 0.5):.3f}, >=.7 {np.mean(d3 >= 0.7):.3f}, >=.8 {np.mean(d3 >= 0.8):.3f}, score error {np.abs(score - d3).mean():.3f} (mean score {score.mean():.3f}), flipped {np.mean([r[5] for r in found]):.3f}"
    )
    dsize = pred[:, 3:6] - true[:, 3:6]
    print(
        f"   turn median {np.degrees(np.median(turn)):.1f} deg, > 15 deg {np.mean(turn > 0.26):.3f}; size bias {np.median(dsize, 0).round(3)}, abs {np.abs(dsize).mean(0).round(3)}; dz {np.median(pred[:, 2] - true[:, 2]):+.3f}; floor {np.median(pred[:, 2] - pred[:, 5] / 2 - true[:, 2] + true[:, 5] / 2):+.3f} xy {np.median(np.hypot(*(pred - true)[:, :2].T)):.3f}; n 20-50 {d3[n < 50].mean() if (n < 50).any() else 0:.3f} 50-200 {d3[(n >= 50) & (n < 200)].mean() if ((n >= 50) & (n < 200)).any() else 0:.3f} 200+ {d3[n >= 200].mean() if (n >= 200).any() else 0:.3f}"
    )


def main():
    p = argparse.ArgumentParser()
    p.add_argument("dir")
    p.add_argument("--model", type=Path, default=Path(__file__).parent.parent.parent / "model")
    p.add_argument("--hint", default="click")
    p.add_argument("--group", default="car")
    p.add_argument("--step", type=int, default=1)
    p.add_argument("--points", type=int, default=256)
    p.add_argument("--no-sensor", action="store_true")
    p.add_argument("--half", type=int, choices=[0, 1], help="only objects of this half (half_of)")
    p.add_argument("--profile", type=Path, help="a label profile, for networks that take a convention")
    a = p.parse_args()
    convention = None
    if a.profile:
        reference = json.loads((a.model / "model.json").read_text())["convention"]["reference"]
        convention = convention_of(*profile_rows(json.loads(a.profile.read_text())["classes"]), reference)
    run = (onnx_runner(a.model / "propose.onnx"), onnx_runner(a.model / "refine.onnx"))
    least = 10 if a.group in ("pedestrian", "cyclist") else 20
    show(
        rows(
            a.dir,
            run,
            [a.group],
            a.hint,
            step=a.step,
            least=least,
            points=a.points,
            known=not a.no_sensor,
            half=a.half,
            convention=convention,
        ),
        f"{Path(a.dir).name} {a.hint} {a.group}",
    )


if __name__ == "__main__":
    main()
