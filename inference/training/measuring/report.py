"""What a training was fed and how it went: python -m measuring.report --data out/train --logs out/propose.log
out/refine.log --out runs

Writes data.md (objects by class, points and scanner's distance) and curves.svg (losses, and the mean 3D IoU
of held-out cars, by minutes).
"""

import argparse
import re
from pathlib import Path

import numpy as np

from projects import ask
from questions import BOX, CLS, COUNT, POINT_SHARE, Scans
from shapes import CLASSES

COLOURS = ("#1f6fb4", "#d2601a", "#2e8b57", "#8e44ad", "#b8860b", "#555555")
# What train.py measures (the words after the step) -> its name in the picture.
MEASURED = {
    "": "proposal",
    "told": "proposal, told",
    "click": "from a click",
    "click told": "from a click, told",
    "box": "from a box",
    "box told": "from a box, told",
}
WIDTH, HEIGHT, LEFT, TOP, GAP = 380, 300, 50, 30, 80


def statistics(folder):
    """Markdown: how many objects of each class have how many points, how far they are, how large."""
    rows = np.concatenate([np.load(f)["rows"] for f in sorted(Path(folder).glob("shard-*.npz"))])
    scans = sum(len(np.load(f)["sensors"]) for f in sorted(Path(folder).glob("shard-*.npz")))
    bands = [f"{low}-{high}" if high < 10**6 else f"{low}+" for low, high, _ in POINT_SHARE]
    heads = [
        "class",
        "objects",
        *[f"{b} points" for b in bands],
        "metres away: median (tenth, nine tenths)",
        "mean l x w x h",
    ]
    lines = [
        f"{scans} scans, {len(rows)} objects with 4 points or more.\n",
        "| " + " | ".join(heads) + " |",
        "|" + " --- |" * len(heads),
    ]
    for c, name in enumerate(CLASSES):
        own = rows[rows[:, CLS] == c]
        counts = [
            int(((own[:, COUNT] >= low) & (own[:, COUNT] < high)).sum()) for low, high, _ in POINT_SHARE
        ]
        away = np.hypot(own[:, 3], own[:, 4])
        size = " x ".join(f"{s:.2f}" for s in own[:, BOX][:, 3:6].mean(0))
        lines.append(
            f"| {name} | {len(own)} | "
            + " | ".join(map(str, counts))
            + " | {:.0f} ({:.0f}, {:.0f}) | {} |".format(
                np.median(away), *np.quantile(away, [0.1, 0.9]), size
            )
        )
    return "\n".join(lines) + "\n"


def projects(folder):
    """Markdown: how much larger than bodies the labels of cars are, and how well what is told goes with
    it.
    """
    scans = Scans(folder, limit=8, verbose=False)
    rng = np.random.default_rng(17)
    cars = np.flatnonzero(scans.rows[:, CLS] == 0)
    picks = rng.choice(cars, min(2000, len(cars)), replace=False)
    heads = ["cars", "length", "width", "top", "floor"]
    lines = [
        "\nLabel less body, metres: median (twentieth, nineteen twentieths), of some cars.\n",
        "| " + " | ".join(heads) + " |",
        "|" + " --- |" * len(heads),
    ]
    for name, wide in (("drawn in usual ways", False), ("in all ways", True)):
        labels = ask(scans, rng, picks, told=True, wide=wide)
        body, label = scans.rows[picks][:, BOX], labels.truth
        up, height = label[:, 2] - body[:, 2], label[:, 5] - body[:, 5]
        more = [*(label - body)[:, 3:5].T, up + height / 2, up - height / 2]
        shown = ("{:+.2f} ({:+.2f}, {:+.2f})".format(*np.quantile(m, [0.5, 0.05, 0.95])) for m in more)
        lines.append(f"| {name} | " + " | ".join(shown) + " |")
    own = labels.convention[:, 0]
    told = [own[:, 0], own[:, 1], own[:, 5], own[:, 6]]
    drawn = [np.log(label[:, 3]), np.log(label[:, 4]), more[2], more[3]]
    known = (own[:, 7] > 0) & (own[:, 12] > 0) & (own[:, 13] > 0)
    agree = (f"{np.corrcoef(a[known], b[known])[0, 1]:.2f}" for a, b in zip(told, drawn))
    lines.append("| correlation of the label and what a profile tells | " + " | ".join(agree) + " |")
    return "\n".join(lines) + "\n"


def curves(log):
    """The loss by minutes, and by name the mean 3D IoU of held-out cars by minutes."""
    loss, held, minutes, step = [], {}, 0.0, 0
    for line in log.read_text().splitlines():
        if m := re.match(r"(\d+) (\d+) s .* all ([\d.]+)", line):
            step, minutes = int(m[1]), int(m[2]) / 60
            loss.append((minutes, float(m[3])))
        elif (m := re.match(r"held (\d+)((?: \w+)*)(?:, pass 2)?: car ([\d.]+)", line)) and step:
            held.setdefault(MEASURED[m[2].strip()], []).append((minutes * int(m[1]) / step, float(m[3])))
    return loss, held


def panel(at, title, series, low, high):
    """One diagram of SVG, `at` pixels from the left; series: name -> (minutes, value) pairs."""
    most = max(x for pairs in series.values() for x, _ in pairs)
    px, py = (
        (lambda x: at + LEFT + WIDTH * x / most),
        (lambda y: TOP + HEIGHT * (high - min(max(y, low), high)) / (high - low)),
    )
    out = [f'<text x="{at + LEFT}" y="{TOP - 10}">{title}</text>']
    for k in range(6):
        y, x = low + (high - low) * k / 5, most * k / 5
        out.append(
            f'<line x1="{px(0):.1f}" y1="{py(y):.1f}" x2="{px(most):.1f}" y2="{py(y):.1f}" stroke="#e4e4e4"/><text x="{px(0) - 6:.1f}" y="{py(y) + 4:.1f}" text-anchor="end">{y:.2f}</text>'
        )
        out.append(f'<text x="{px(x):.1f}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{x:.0f} min</text>')
    for k, (name, pairs) in enumerate(series.items()):
        points = " ".join(f"{px(x):.1f},{py(y):.1f}" for x, y in pairs)
        out.append(
            f'<polyline points="{points}" fill="none" stroke="{COLOURS[k]}" stroke-width="1.5"/><text x="{px(most) - 4:.1f}" y="{TOP + HEIGHT - 10 - 16 * (len(series) - 1 - k)}" text-anchor="end" fill="{COLOURS[k]}">{name}</text>'
        )
    return out


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--data", required=True)
    p.add_argument("--logs", nargs="+", type=Path, required=True)
    p.add_argument("--out", type=Path, required=True)
    a = p.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    about = statistics(a.data) + projects(a.data)
    (a.out / "data.md").write_text(f"# What the networks were trained on\n\n{about}")
    losses, held = {}, {}
    for log in a.logs:
        loss, found = curves(log)
        losses[log.stem] = loss
        held |= found
    losses = {name: pairs for name, pairs in losses.items() if pairs}
    if not losses or not held:
        print("the training was too short for a picture")
        return
    top = max(np.quantile([y for _, y in pairs], 0.98) for pairs in losses.values())
    width = 2 * (LEFT + WIDTH) + GAP
    body = panel(0, "loss", losses, 0.0, top) + panel(
        LEFT + WIDTH + 30, "held-out cars: mean 3D IoU", held, 0.4, 0.9
    )
    (a.out / "curves.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {TOP + HEIGHT + 30}" font-family="sans-serif" font-size="12" fill="#333">\n<rect width="100%" height="100%" fill="white"/>\n'
        + "\n".join(body)
        + "\n</svg>\n"
    )


if __name__ == "__main__":
    main()
