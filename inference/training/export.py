"""Trained networks -> ONNX files, model.json and the stored cases: python export.py --propose P --refine R
--held DIR --out ../model [--note k=v ...]
"""

import argparse
import base64
import hashlib
import inspect
import json
from pathlib import Path

import numpy as np
import onnx
import torch

from kernels import native
from networks import (
    PROPOSE_GLOBALS,
    PROPOSE_OUT,
    REFINE_GLOBALS,
    REFINE_OUT,
    Propose,
    Refine,
    asked,
    fold,
    load,
    takes_convention,
)
from pipeline import CONTEXT_METRES, PASSES, fit, onnx_runner, torch_runner
from projects import CONVENTION, REFERENCE, ask, convention_of, profile_of, profile_rows
from questions import CLS, COUNT, Scans
from shapes import CLASSES

TOLERANCE = 1e-4
# The exporter by tracing, which older releases have alone and do not call by a name.
LEGACY = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
POINTS = 256


def export(net, width, globals_, path):
    told = asked(net, torch.rand(1, 128, width), torch.rand(1, globals_), torch.rand(1, *CONVENTION))
    torch.onnx.export(
        net,
        told,
        str(path),
        input_names=["points", "globals", "convention"][: len(told)],
        output_names=["out", "mask"],
        dynamic_axes={
            "points": {0: "batch", 1: "count"},
            "globals": {0: "batch"},
            **({"convention": {0: "batch"}} if len(told) == 3 else {}),
            "out": {0: "batch"},
            "mask": {0: "batch", 1: "count"},
        },
        opset_version=17,
        do_constant_folding=True,
        **LEGACY,
    )
    model = onnx.load(str(path))
    model.producer_name, model.producer_version, model.doc_string = "nearbox", "1", ""
    for node in model.graph.node:
        node.doc_string = ""
    onnx.save(model, str(path))


def pack(a, kind="<f4"):
    return base64.b64encode(np.ascontiguousarray(a, kind).tobytes()).decode()


def numbers(a, digits=6):
    return [round(float(v), digits) for v in np.ravel(a)]


def cases(held, run, knows):
    """A few questions on held-out simulated scans, with everything in between. knows: some tell a profile."""
    rng = np.random.default_rng(3)
    wanted = [
        ("car near", "car", 300, 3000, {}),
        ("car far", "car", 20, 60, {}),
        ("car, scanner unknown", "car", 100, 400, {"blind": True}),
        ("pedestrian, class given", "pedestrian", 40, 400, {"class": True}),
        ("truck", "truck", 150, 1500, {}),
        ("cyclist, further clicks", "cyclist", 60, 600, {"also": True}),
        ("car, loose box", "car", 80, 500, {"box": True}),
        ("van, size kept", "van", 80, 500, {"size": True}),
        ("car, neighbours drawn", "car", 80, 500, {"others": True}),
        ("pickup, few points", "pickup", 6, 12, {}),
    ]
    if knows:
        wanted += [
            ("car, profile", "car", 80, 500, {"profile": True}),
            ("pedestrian, profile", "pedestrian", 40, 400, {"profile": True}),
            ("car, loose box, profile", "car", 80, 500, {"box": True, "profile": True}),
        ]
    out = []
    for name, cls, low, high, how in wanted:
        rows = np.flatnonzero(
            (held.rows[:, CLS] == CLASSES.index(cls))
            & (held.rows[:, COUNT] >= low)
            & (held.rows[:, COUNT] < high)
        )
        pick = int(rng.choice(rows))
        row = held.rows[pick]
        k = int(row[0])
        base = held.members[pick][1]
        xyz_all = held.members[pick][0]
        total = (
            (int(held.points[k + 1]) - int(held.points[k])) // 12
            if k + 1 < len(held.points) and 0 < int(held.points[k + 1]) - int(held.points[k]) < 1 << 28
            else len(xyz_all) - base
        )
        xyz = xyz_all[base : base + total].astype(np.float64)
        labels = ask(held, rng, [pick], told="profile" in how, wide="profile" in how, boxes=(60, 61))
        truth = labels.truth[0]
        click = held.point(rng, pick) + rng.normal(0, 0.03, 3)
        origin = np.round(click)
        near = np.hypot(xyz[:, 0] - click[0], xyz[:, 1] - click[1]) < CONTEXT_METRES
        crop = (xyz[near] - origin).astype(np.float32)
        if len(crop) > 2200:  # keep the file small: all near the object, some of the rest
            d = np.hypot(crop[:, 0] + origin[0] - truth[0], crop[:, 1] + origin[1] - truth[1])
            order = np.argsort(d + rng.random(len(d)) * 4)
            crop = crop[order[:2200]]
        crop = np.round(crop * 500) / np.float32(500)
        truth = truth - [*origin, 0, 0, 0, 0]
        click = numbers(click - origin, 4)
        request = {
            "hint": {"type": "click", "position": click, "also": []},
            "class": None,
            "size": None,
            "sensor": numbers(-origin, 4),
            "others": [],
        }
        args = {"click": np.array(click), "sensor": -origin}
        if how.get("blind"):
            request["sensor"], args["sensor"] = None, None
        if how.get("class"):
            request["class"] = args["cls"] = cls
        if how.get("size"):
            request["size"] = numbers(truth[3:6], 4)
            args["size"] = np.array(request["size"])
        if how.get("also"):
            inside, outside = numbers(truth[:3] + [0, 0, 0.3], 4), numbers(truth[:3] + [2.0, 0.5, 0], 4)
            request["hint"]["also"] = [
                {"position": inside, "inside": True},
                {"position": outside, "inside": False},
            ]
            args["also"] = [(inside, True), (outside, False)]
        if how.get("others"):
            b = [*(truth[:3] + [np.cos(truth[6]) * 5.5, np.sin(truth[6]) * 5.5, 0]), *truth[3:6], truth[6]]
            b = numbers(b, 4)
            request["others"] = [{"center": b[:3], "size": b[3:6], "yaw": b[6]}]
            args["others"] = [b]
        if how.get("box"):
            b = numbers(
                [*(truth[:3] + [0.3, -0.25, 0.1]), *(truth[3:6] * [1.15, 0.9, 1.1]), truth[6] + 0.2], 4
            )
            request["hint"] = {"type": "box", "box": {"center": b[:3], "size": b[3:6], "yaw": b[6]}}
            args["box"] = b
            del args["click"]
        convention = None
        if how.get("profile"):
            classes = profile_of(*(of[0] for of in labels.profile))
            request["profile"] = {"format": "nearbox-profile-1", "classes": classes}
            args["convention"] = convention = convention_of(*profile_rows(classes))
        trace = []
        answer = fit(crop, *run, points=POINTS, trace=trace, **args)
        if answer is None:  # of networks that are hardly trained
            print(name, "no answer: left out")
            continue
        passes = []
        for number, step in enumerate(trace):
            used = len(step["index"])
            passes.append(
                {
                    "ground": None if step["ground"] is None else numbers(step["ground"], 9),
                    "used": used,
                    "index": pack(step["index"], "<i4"),
                    "points": pack(step["points"][:used]) if number < 2 else None,
                    "globals": numbers(step["globals"]),
                    "out": numbers(step["out"]),
                    "mask": pack(step["mask"][:used]),
                }
            )
        box, found, score, ground = answer
        out.append(
            {
                "name": name,
                "positions": pack(crop),
                "count": len(crop),
                "request": request,
                "convention": None if convention is None else numbers(convention),
                "passes": passes,
                "answer": {
                    "center": numbers(box[:3]),
                    "size": numbers(box[3:6]),
                    "yaw": round(float(box[6]), 6),
                    "class": found,
                    "score": round(score, 6),
                    "ground": None if ground is None else round(ground, 6),
                },
                "truth": {
                    "center": numbers(truth[:3], 4),
                    "size": numbers(truth[3:6], 4),
                    "yaw": round(float(truth[6]), 4),
                    "class": cls,
                },
            }
        )
        print(
            name,
            len(crop),
            "points, IoU",
            round(float(native.iou_pairs(box[None], truth[None])[0][0]), 3),
            "score",
            round(score, 3),
            found,
        )
    return out


def largest_difference(runners, cases):
    """How far the networks (`runners`, by name) are from the stored answers of their passes."""
    worst = 0.0
    for case in cases:
        convention = np.reshape(case["convention"] or np.zeros(CONVENTION), (1, *CONVENTION))
        for step in case["passes"]:
            if step["points"] is None:
                continue
            proposes = len(step["out"]) == PROPOSE_OUT
            width = native.PROPOSE_POINT if proposes else native.REFINE_POINT
            x = np.frombuffer(base64.b64decode(step["points"]), "<f4").reshape(1, -1, width)
            out, _ = runners["propose" if proposes else "refine"](
                x, np.array([step["globals"]], np.float32), convention.astype(np.float32)
            )
            worst = max(worst, float(np.abs(out[0] - step["out"]).max()))
    return worst


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--propose", type=Path, required=True)
    p.add_argument("--refine", type=Path, required=True)
    p.add_argument("--held", required=True)
    p.add_argument("--out", type=Path, default=Path(__file__).parent.parent / "model")
    p.add_argument("--version", default="1")
    p.add_argument("--training", default="{}", help="JSON to store under `training`")
    a = p.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    nets = []
    for cls, state, width, globals_, name in (
        (Propose, a.propose, native.PROPOSE_POINT, PROPOSE_GLOBALS, "propose"),
        (Refine, a.refine, native.REFINE_POINT, REFINE_GLOBALS, "refine"),
    ):
        net = cls(convention=takes_convention(state))
        load(net, state)
        net.eval()
        told = asked(net, torch.rand(2, 200, width), torch.rand(2, globals_), torch.rand(2, *CONVENTION))
        before = net(*told)[0]
        fold(net)
        assert (net(*told)[0] - before).abs().max() < 1e-3
        export(net, width, globals_, a.out / f"{name}.part.onnx")
        nets.append(net)
    knows = nets[0].convention is not None
    assert knows == (nets[1].convention is not None), "one of the networks takes a convention, one does not"
    run = tuple(torch_runner(n) for n in nets)
    held = Scans(a.held, verbose=False)
    stored = cases(held, run, knows)
    runners = {n: onnx_runner(a.out / f"{n}.part.onnx") for n in ("propose", "refine")}
    worst = largest_difference(runners, stored)
    print(f"largest difference between torch and ONNX Runtime: {worst:.1e}")
    assert worst < TOLERANCE
    files = {}
    for name in ("propose", "refine"):
        (a.out / f"{name}.part.onnx").rename(a.out / f"{name}.onnx")
        data = (a.out / f"{name}.onnx").read_bytes()
        files[name] = {"file": f"{name}.onnx", "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    files["propose"].update(
        inputs={"points": ["batch", "count", native.PROPOSE_POINT], "globals": ["batch", PROPOSE_GLOBALS]},
        outputs={"out": ["batch", PROPOSE_OUT], "mask": ["batch", "count"]},
    )
    files["refine"].update(
        inputs={"points": ["batch", "count", native.REFINE_POINT], "globals": ["batch", REFINE_GLOBALS]},
        outputs={"out": ["batch", REFINE_OUT - 6], "mask": ["batch", "count"]},
    )
    if knows:
        for of in files.values():
            of["inputs"]["convention"] = ["batch", *CONVENTION]
    (a.out / "cases.json").write_text(
        json.dumps({"tolerance": TOLERANCE, "points": POINTS, "passes": PASSES, "cases": stored})
    )
    about = {
        "name": "nearbox",
        "version": a.version,
        "license": "Apache-2.0",
        "classes": CLASSES,
        "points": POINTS,
        "passes": PASSES,
        "networks": files,
        **({"convention": {"reference": REFERENCE}} if knows else {}),
        "opset": 17,
        "tolerance": TOLERANCE,
        "parity": worst,
        "training": json.loads(a.training),
    }
    (a.out / "model.json").write_text(json.dumps(about, indent=2) + "\n")
    print({k: v["bytes"] for k, v in files.items()}, (a.out / "cases.json").stat().st_size)


if __name__ == "__main__":
    main()
