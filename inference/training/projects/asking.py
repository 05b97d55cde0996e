"""Questions of projects: each asked object gets the box that its project's annotators would draw, and the
profile that some of their other boxes make.
"""

from dataclasses import dataclass

import numpy as np

from .convention import convention_of, measured_profile, paddings
from .drawing import drawn_boxes, way_draws

# How often a project's convention is told, where its fleet is usual or not; how often its way of drawing is
# one of the many kinds where it is told or not. What is not told must stay what is usual.
TOLD = {"usual": 0.5, "wide": 0.8}
WIDE_WAY = {"told": 0.75, "untold": 0.15}
# Boxes in a profile, of all classes; half of them are of the asked class.
BOXES = 10, 200
# Chance that a told profile lacks a value.
LACKING = 0.07


@dataclass
class Asked:
    truth: np.ndarray  # (B, 7) labelled boxes
    convention: np.ndarray  # (B, 9, 14)
    told: np.ndarray  # (B,) bool
    profile: tuple  # values and objects, (B, 9, 7) each, that the conventions were made of

    def __getitem__(self, at):
        profile = tuple(of[at] for of in self.profile)
        return Asked(self.truth[at], self.convention[at], self.told[at], profile)

    def untold(self):
        """The same labels, of projects that nobody knows."""
        values, objects = self.profile
        profile = values, np.zeros_like(objects)
        return Asked(self.truth, np.zeros_like(self.convention), np.zeros_like(self.told), profile)


def ask(scans, rng, picks, told=None, wide=None, boxes=BOXES):
    """The labels of picked rows, and what is told of their projects.

    told, wide: for all questions the same; left out: as drawn. boxes: fewest and most in a profile.
    """
    n = len(picks)
    rows, project = scans.rows[picks], scans.project[picks]
    usual = scans.usual[picks]
    is_told = rng.random(n) < np.where(usual, TOLD["usual"], TOLD["wide"])
    is_told = is_told if told is None else np.full(n, told)
    is_wide = rng.random(n) < np.where(is_told, WIDE_WAY["told"], WIDE_WAY["untold"])
    ways = way_draws(rng, is_wide if wide is None else np.full(n, wide))
    others, group = [], []
    for i in np.flatnonzero(is_told):
        m = int(np.exp(rng.uniform(*np.log(boxes))))
        found = (
            _some(rng, scans, project[i], m - m // 2),
            _some(rng, scans, project[i], m // 2, int(rows[i, 2])),
        )
        found = np.unique(np.concatenate(found))
        found = found[found != picks[i]]
        others.append(found)
        group.append(np.full(len(found), i))
    every = np.concatenate([picks, *others]).astype(int)
    of = np.concatenate([np.arange(n), *group]).astype(int)
    all_rows = scans.rows[every]
    bodies, cls = all_rows[:, 3:10], all_rows[:, 2].astype(int)
    returns, counts = scans.returns[every], all_rows[:, 10]
    drawn = drawn_boxes(rng, ways[of], cls, bodies, returns)
    drawn = np.where(scans.drawn[every][:, None], bodies, drawn)
    plane = all_rows[:, 12:15]
    ground = plane[:, 0] * drawn[:, 0] + plane[:, 1] * drawn[:, 1] + plane[:, 2]
    pads = paddings(drawn, bodies, returns, counts, np.where(all_rows[:, 11] > 0, ground, np.nan))
    values, objects = measured_profile(of[n:], n, cls[n:], drawn[n:, 3:6], pads[n:])
    lacking = rng.random(objects.shape) < LACKING
    lacking[..., 1:3] = lacking[..., :1]  # a size is known as a whole
    objects = np.where(lacking, 0, objects)
    return Asked(drawn[:n], convention_of(values, objects), is_told, (values, objects))


def shard_labels(rng, shard, wide):
    """The labels (n, 7) of all rows of a shard, each project with a way of drawing of its own."""
    rows = shard["rows"]
    project = shard["project"][rows[:, 0].astype(int)]
    ways = way_draws(rng, np.full(int(shard["project"].max()) + 1, wide))
    return drawn_boxes(rng, ways[project], rows[:, 2].astype(int), rows[:, 3:10], shard["returns"])


def _some(rng, scans, project, most, cls=None):
    """Some rows of a project, at most so many, of one class or of any; some may come twice."""
    rows = scans.by_project[project] if cls is None else scans.by_class[project].get(cls, ())
    return rows[rng.integers(0, len(rows), most)] if len(rows) else np.zeros(0, int)
