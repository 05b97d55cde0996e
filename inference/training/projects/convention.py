"""What the networks are told of a project's convention: (9, 14) numbers, for each class 7 values and how sure
each is.

A value is the project's, less that of the reference (`../profiles/default.json`), over a scale: mean length,
width, height (logarithms), paddings of ends, sides, top, height of the floor. How sure: 0 is unknown (the
value is 0 as well); a mean of n objects is n / (n + 10). `../network/convention.ts` makes the same.
"""

import json
from pathlib import Path

import numpy as np

from shapes import CLASSES

VALUES = 7
CONVENTION = (len(CLASSES), 2 * VALUES)
SIZE_SCALE, PADDING_SCALE = 0.2, 0.1
MOST = 5.0
# ../profiles/make-profile.ts: the default counts as so many objects; objects with fewer points say nothing of
# paddings, nor do faces farther from their points.
DEFAULT_WEIGHT = 10
LEAST_POINTS = 50
MOST_GAP = 0.4
PADDINGS = ("ends", "sides", "top", "floor")

_file = Path(__file__).parent.parent.parent / "profiles" / "default.json"
REFERENCE = json.loads(_file.read_text())["classes"]


def profile_rows(classes):
    """The classes of a profile (nearbox-profile-1) as arrays: values (9, 7), objects (9, 7); 0 objects where
    a class is missing.
    """
    values, objects = np.ones((len(CLASSES), VALUES)), np.zeros((len(CLASSES), VALUES))
    for name, of in classes.items():
        k = CLASSES.index(name)
        values[k] = [*of["size"], *(of["padding"][p] for p in PADDINGS)]
        seen = of.get("seen") or dict.fromkeys(PADDINGS, of["objects"])
        objects[k] = [of["objects"]] * 3 + [seen[p] for p in PADDINGS]
    return values, objects


def profile_of(values, objects):
    """The reverse, of one project (9, 7): classes of a profile, as a question carries them."""
    classes = {}
    for name, of, n in zip(CLASSES, values, objects.astype(int)):
        if n.any():
            size, pads = ([round(float(v), 4) for v in part] for part in (of[:3], of[3:]))
            seen = dict(zip(PADDINGS, n[3:].tolist()))
            classes[name] = {
                "objects": int(n[0]),
                "seen": seen,
                "size": size,
                "padding": dict(zip(PADDINGS, pads)),
            }
    return classes


def convention_of(values, objects, reference=REFERENCE):
    """values, objects (..., 9, 7) -> (..., 9, 14), float32."""
    base, known = profile_rows(reference)
    scaled = np.concatenate(
        [
            np.log(np.maximum(values[..., :3], 0.05) / base[:, :3]) / SIZE_SCALE,
            (values[..., 3:] - base[:, 3:]) / PADDING_SCALE,
        ],
        -1,
    )
    sure = np.where(known > 0, objects / (objects + DEFAULT_WEIGHT), 0)
    return np.concatenate([np.where(sure > 0, np.clip(scaled, -MOST, MOST), 0), sure], -1).astype(np.float32)


def paddings(boxes, bodies, returns, counts, grounds):
    """(n, 4): paddings as ../profiles/gaps.ts measures them; NaN where they say nothing. bodies are the boxes
    that `returns` (outermost_returns) were measured from; grounds (n,): height of the ground below, or NaN.
    """
    c, s = np.cos(bodies[:, 6]), np.sin(bodies[:, 6])
    dx, dy, dz = (boxes - bodies)[:, :3].T
    u, v = dx * c + dy * s, dy * c - dx * s
    half = boxes[:, 3:6] / 2
    ends = half[:, 0] + np.minimum(u - returns[:, 0], -u - returns[:, 1])
    sides = half[:, 1] + np.minimum(v - returns[:, 2], -v - returns[:, 3])
    top = half[:, 2] + dz - returns[:, 4]
    floor = boxes[:, 2] - half[:, 2] - grounds
    out = np.column_stack([ends, sides, top, floor])
    out[counts < LEAST_POINTS] = np.nan
    far = out > MOST_GAP
    far[:, 3] = np.abs(out[:, 3]) > MOST_GAP
    out[far] = np.nan
    return out


def measured_profile(group, n_groups, cls, sizes, pads, reference=REFERENCE):
    """Profiles of groups of objects, as ../profiles/make-profile.ts makes them: drawn towards the reference.

    group, cls (m,), sizes (m, 3), pads (m, 4). Returns values, objects: (n_groups, 9, 7) each.
    """
    base, known = profile_rows(reference)
    every = np.concatenate([sizes, pads], 1)
    told = np.isfinite(every)
    at = group * len(CLASSES) + cls
    summed = lambda of: np.column_stack(
        [np.bincount(at, of[:, k], n_groups * len(CLASSES)) for k in range(VALUES)]
    ).reshape(n_groups, len(CLASSES), VALUES)
    total, objects = summed(np.where(told, every, 0)), summed(told)
    prior = np.where(known > 0, DEFAULT_WEIGHT, 0)
    values = (total + prior * base) / np.maximum(objects + prior, 1)
    return values, np.where(known > 0, objects, 0)
