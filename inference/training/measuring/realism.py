"""How real the simulated vehicles are: what a scanner sees of them beside what it sees of labelled real ones.

python -m measuring.realism --real DIR... --sim out/held-hdl64 out/held-pandar64

DIR: folders with index.json. --sim: simulated shards, best of one scanner (simulation.simulate --sensor).

Four tables. Points: how many returns a car gives at which distance. Margins: how far each labelled face lies
beyond the outermost returns, seen end-on, at a corner, side-on: label convention and what stays unseen.
Profile: along a car seen from its front or rear (8-30 m away, 100 points or more), which share of its returns
lies in each tenth of its length. Heights: the same (from any side) by tenths of its height.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from projects import ask
from questions import CLS, COUNT, SCAN, Scans

from . import evaluate

VIEWS = ((0, 20, "end-on"), (20, 70, "corner"), (70, 90, "side-on"))
RANGES = ((5, 10), (10, 15), (15, 20), (20, 30), (30, 40), (40, 50), (50, 60), (60, 75))
FACES = ("near end", "far end", "near side", "far side", "top")


def local(p, b):
    """Points in the frame of box b, turned so that the scanner at 0, 0 is on the side of +u and +v; height
    over the floor; view angle; front seen.
    """
    c, s = np.cos(b[6]), np.sin(b[6])
    dx, dy = p[:, 0] - b[0], p[:, 1] - b[1]
    su, sv = -(b[0] * c + b[1] * s), -(b[1] * c - b[0] * s)
    u, v = (dx * c + dy * s) * np.sign(su), (dy * c - dx * s) * np.sign(sv)
    return u, v, p[:, 2] - b[2] + b[5] / 2, np.degrees(np.arctan2(abs(sv), abs(su))), su > 0


def real(folder, least):
    folder = Path(folder)
    for frame in json.loads((folder / "index.json").read_text())["frames"]:
        p = np.fromfile(folder / frame["points"], "<f4").reshape(-1, 4)[:, :3].astype(float)
        for o in frame["objects"]:
            if evaluate.group(o["class"]) != "car" or o["numPoints"] < least:
                continue
            b = np.array([*o["center"], *o["size"], o["yaw"]])
            around = b + [
                0,
                0,
                0.15,
                0.3,
                0.3,
                0.3,
                0,
            ]  # returns just outside a tight label count too, the road below it does not
            q = p[evaluate.inside(p, around)]
            yield q[q[:, 2] > b[2] - b[5] / 2 + 0.1], b


def simulated(folder, least):
    scans = Scans(folder, verbose=False)
    every = np.arange(len(scans.rows))
    labels = ask(scans, np.random.default_rng(9), every, told=False, wide=False).truth
    for i, row in enumerate(scans.rows):
        if row[CLS] in (0, 4) and row[COUNT] >= least and np.isfinite(scans.sensors[int(row[SCAN])][0]):
            xyz, base, members = scans.members[i]
            yield xyz[base + members].astype(float), labels[i]


def measure(source, least):
    """margins by view, profiles by end seen, sizes, (range, points) of every car, profiles of height. All but
    the points: of cars with `least` points.
    """
    margins, profiles, sizes, points, heights = (
        {v[2]: [] for v in VIEWS},
        {"front": [], "rear": []},
        [],
        [],
        [],
    )
    for p, b in source:
        points.append((np.hypot(b[0], b[1]), len(p)))
        if len(p) < least:
            continue
        u, v, w, angle, front = local(p, b)
        up = w > 0.25
        if up.sum() < 10:
            continue
        q = np.quantile
        sizes.append(b[3:6])
        view = next(name for low, high, name in VIEWS if low <= angle <= high)
        margins[view].append(
            [
                b[3] / 2 - q(u[up], 0.98),
                b[3] / 2 + q(u[up], 0.02),
                b[4] / 2 - q(v[up], 0.98),
                b[4] / 2 + q(v[up], 0.02),
                b[5] - q(w, 0.99),
            ]
        )
        if 8 < points[-1][0] < 30:
            counts, _ = np.histogram(w / b[5], bins=np.linspace(0, 1.1, 12))
            heights.append(counts / counts.sum())
            if angle < 20 and 3.3 < b[3] < 5.2:
                counts, _ = np.histogram((b[3] / 2 - u[up]) / b[3], bins=np.linspace(-0.05, 1.05, 12))
                profiles["front" if front else "rear"].append(counts / counts.sum())
    return margins, profiles, np.array(sizes), np.array(points), heights


def heading(first, columns):
    return "| " + " | ".join([*first, *columns]) + " |\n|" + " --- |" * (len(first) + len(columns))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--real", nargs="*", default=[])
    p.add_argument("--sim", nargs="*", default=[])
    p.add_argument("--least", type=int, default=100)
    a = p.parse_args()
    found = {Path(d).name: measure(real(d, 10), a.least) for d in a.real} | {
        Path(d).name: measure(simulated(d, 10), a.least) for d in a.sim
    }
    print("Points on a car by distance in metres: median (tenth, nine tenths), cars with 10 or more\n")
    print(heading(["set"], [f"{low}-{high}" for low, high in RANGES]))
    for name, (_, _, _, points, _) in found.items():
        cells = []
        for low, high in RANGES:
            n = points[(points[:, 0] >= low) & (points[:, 0] < high), 1]
            cells.append(
                "{:.0f} ({:.0f}, {:.0f})".format(np.median(n), *np.quantile(n, [0.1, 0.9]))
                if len(n) >= 4
                else ""
            )
        print(f"| {name} | " + " | ".join(cells) + " |")
    print(
        "\nMargins, metres: median (quartiles) of labelled face minus outermost return (98th of a hundred)\n"
    )
    print(heading(["set", "mean size", "view", "cars"], FACES))
    for name, (margins, _, sizes, _, _) in found.items():
        for view, rows in margins.items():
            if len(rows) >= 4:
                cells = [
                    f"{np.median(c):+.2f} ({np.quantile(c, 0.25):+.2f}, {np.quantile(c, 0.75):+.2f})"
                    for c in np.array(rows).T
                ]
                print(
                    f"| {name} | {' x '.join(f'{s:.2f}' for s in sizes.mean(0))} | {view} | {len(rows)} | "
                    + " | ".join(cells)
                    + " |"
                )
    tenths = [f"{t:.1f}" for t in np.arange(0, 1.01, 0.1)]
    print("\nProfile: share of returns by place along the car, from the near end (0) to the far end (1)\n")
    print(heading(["set", "seen", "cars"], tenths))
    for name, (_, profiles, _, _, _) in found.items():
        for view, rows in profiles.items():
            if len(rows) >= 4:
                print(
                    f"| {name} | {view} | {len(rows)} | "
                    + " | ".join(f"{x:.2f}" for x in np.mean(rows, 0))
                    + " |"
                )
    print("\nHeights: share of returns by tenth of the car's height, from the floor (0) up\n")
    print(heading(["set", "cars"], tenths))
    for name, (*_, heights) in found.items():
        print(f"| {name} | {len(heights)} | " + " | ".join(f"{x:.2f}" for x in np.mean(heights, 0)) + " |")


if __name__ == "__main__":
    main()
