"""The weights of a model folder, written again as export.py writes them today: python reexport.py
--model ../model [--data out/train]

The weights, the version and the stored cases stay; the graphs become those of networks/. Fails if an answer
to a stored case differs by more than the tolerance of the cases. The calibration of the scores, which names
its weights by the hashes of their files, is told the new hashes. With simulated scans (`--data`), features of
all points that no question about them raises above zero are left out.
"""

import argparse
import hashlib
import json
from pathlib import Path

from export import export, largest_difference
from kernels import native
from networks import PROPOSE_GLOBALS, REFINE_GLOBALS, Propose, Refine, asked, pruned, raised
from pipeline import onnx_runner
from questions import Scans
from resume import folded, knows, simulated, widths

NETS = {
    "propose": (Propose, native.PROPOSE_POINT, PROPOSE_GLOBALS),
    "refine": (Refine, native.REFINE_POINT, REFINE_GLOBALS),
}


def main():
    here = Path(__file__).parent.parent
    p = argparse.ArgumentParser()
    p.add_argument("--model", type=Path, default=here / "model")
    p.add_argument("--calibration", type=Path, default=here / "scores" / "calibration.json")
    p.add_argument("--data", type=Path)
    p.add_argument("--batches", type=int, default=100, help="of 64 questions about the scans")
    a = p.parse_args()
    scans = a.data and Scans(a.data)
    calibration = a.calibration.read_text()
    about = json.loads((a.model / "model.json").read_text())
    stored = json.loads((a.model / "cases.json").read_text())
    parts = {}
    for which, (name, (kind, width, globals_)) in enumerate(NETS.items()):
        old = a.model / f"{name}.onnx"
        net = folded(kind(*widths(old), knows(old)), old)
        if scans:
            kept = raised(net, (asked(net, *told) for told in simulated(scans, which, a.batches)))
            print(name, "keeps", ", ".join(f"{mask.sum()} of {len(mask)} of {k}" for k, mask in kept.items()))
            pruned(net, kept)
        parts[name] = a.model / f"{name}.part.onnx"
        export(net, width, globals_, parts[name])
    runners = {name: onnx_runner(part) for name, part in parts.items()}
    worst = largest_difference(runners, stored["cases"])
    print(f"largest difference from the stored answers: {worst:.1e}")
    assert worst < stored["tolerance"]
    for name, part in parts.items():
        data = part.read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        calibration = calibration.replace(about["networks"][name]["sha256"], sha256)
        about["networks"][name].update(sha256=sha256, bytes=len(data))
        part.rename(a.model / f"{name}.onnx")
    about["parity"] = worst
    (a.model / "model.json").write_text(json.dumps(about, indent=2) + "\n")
    a.calibration.write_text(calibration)


if __name__ == "__main__":
    main()
