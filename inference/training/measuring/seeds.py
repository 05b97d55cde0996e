"""How far the figures of two trainings differ that differ in their seed: python -m measuring.seeds
ONE.json OTHER.json

The files are those that measuring.held writes with --figures. A difference between two ways of training that
is not clearly larger than these says nothing.
"""

import argparse
import json
from pathlib import Path


def compare(one, other):
    """The rows of a table: set, class, questions, both means, both shares at 0.7, and their differences."""
    rows = []
    for name, classes in one.items():
        for of, a in classes.items():
            b = other[name].get(of)
            if b is not None:
                rows.append((name, of, a["questions"], a["mean"], b["mean"], a["at70"], b["at70"]))
    return rows


def main():
    p = argparse.ArgumentParser()
    p.add_argument("one", type=Path)
    p.add_argument("other", type=Path)
    a = p.parse_args()
    rows = compare(*(json.loads(file.read_text()) for file in (a.one, a.other)))
    print("| set | class | questions | mean 3D IoU, one seed | the other | off | >= .7 | the other | off |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, of, n, mean, mean2, high, high2 in rows:
        off, off2 = mean2 - mean, high2 - high
        print(
            f"| {name} | {of} | {n} | {mean:.3f} | {mean2:.3f} | {off:+.3f} | {high:.2f} | {high2:.2f} | {off2:+.2f} |"
        )
    every = sum(r[2] for r in rows)
    mean_off = sum(r[2] * abs(r[4] - r[3]) for r in rows) / every
    high_off = sum(r[2] * abs(r[6] - r[5]) for r in rows) / every
    print(
        f"two seeds differ by {mean_off:.3f} in mean 3D IoU and {high_off:.3f} in the share at 0.7, by questions"
    )


if __name__ == "__main__":
    main()
