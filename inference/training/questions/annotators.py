"""Questions as annotators ask them: clicks, hints, boxes drawn by hand."""

import numpy as np

from kernels import native
from shapes import CLASSES

from .scans import BOX, CLS, KNOWN, PLANE, SCAN


def questions(scans, rng, picks, plain=False):
    """One question for each picked row: click, sensor, ground, further clicks, boxes already drawn. Also
    class and size hints.

    plain: nothing but a click, sensor and ground as they are (for evaluation).
    """
    n = len(picks)
    q = np.zeros(n, native.QUESTION)
    hint_class = np.zeros((n, len(CLASSES)), np.float32)
    hint_size = np.zeros(n, bool)
    for i, pick in enumerate(picks):
        row = scans.rows[pick]
        k = int(row[SCAN])
        spread = 0.02 if plain else abs(rng.normal(0, 0.05))
        click = scans.point(rng, pick) + rng.normal(0, 1, 3) * min(spread, 0.12)
        q["click"][i] = click
        q["also"][i, 0] = [*click, 1]
        q["n_also"][i] = 1
        sensor = scans.sensors[k]
        if np.isfinite(sensor[0]) and (plain or rng.random() > 0.15):
            q["has_sensor"][i] = 1
            q["sensor"][i, :2] = sensor + (0 if plain else rng.normal(0, 0.25, 2))
        q["turn"][i] = rng.uniform(-np.pi, np.pi)
        if row[KNOWN] and (plain or rng.random() > 0.05):
            q["has_ground"][i] = 1
            q["plane"][i] = row[PLANE]
        if plain:
            continue
        if q["has_ground"][i]:
            q["plane"][i, 2] += rng.normal(0, 0.015)
        if rng.random() < 0.3:
            hint_class[i, int(row[CLS])] = 1
        hint_size[i] = rng.random() < 0.1
        if rng.random() < 0.2:
            for _ in range(int(rng.integers(1, 3))):
                m = q["n_also"][i]
                if rng.random() < 0.5:
                    q["also"][i, m] = [*(scans.point(rng, pick) + rng.normal(0, 0.03, 3)), 1]
                else:
                    near = scans.by_scan[k]
                    d = np.hypot(*(scans.rows[near, 3:5] - row[3:5]).T)
                    near = near[(d < 6) & (near != pick)]
                    if len(near):
                        q["also"][i, m] = [
                            *(scans.point(rng, int(rng.choice(near))) + rng.normal(0, 0.03, 3)),
                            0,
                        ]
                    else:
                        a = rng.uniform(-np.pi, np.pi)
                        r = np.hypot(row[6], row[7]) / 2 + rng.uniform(0.2, 1.5)
                        q["also"][i, m] = [
                            row[3] + r * np.cos(a),
                            row[4] + r * np.sin(a),
                            row[5] - row[8] / 2 + rng.uniform(0, 0.6),
                            0,
                        ]
                q["n_also"][i] = m + 1
        if rng.random() < 0.15:
            near = scans.by_scan[k]
            d = np.hypot(*(scans.rows[near, 3:5] - row[3:5]).T)
            near = near[(d < 12) & (near != pick)]
            near = near[rng.random(len(near)) < 0.7][:8]
            for j, o in enumerate(near):
                b = scans.rows[o, BOX].copy()
                b[:3] += rng.normal(0, 0.06, 3)
                b[3:6] *= np.exp(rng.normal(0, 0.03, 3))
                q["others"][i, j] = b
            q["n_others"][i] = len(near)
    return q, hint_class, hint_size


def loose(rng, truth):
    """A box near the truth, as a person draws it, or as an earlier pass answers it."""
    out = truth.copy()
    n = len(out)
    kind = rng.random(n)
    small = np.where(out[:, 3] < 1.6, 0.55, 1.0)[:, None]
    tight = kind < 0.4
    k = np.where(tight, 0.4, 1.0)[:, None]
    out[:, :3] += (rng.random((n, 3)) - 0.5) * 0.9 * k * small
    out[:, 0] += 0
    along = rng.normal(0, 0.35, n) * np.where(out[:, 3] > 3, 1, 0.2) * k[:, 0]
    out[:, 0] += along * np.cos(out[:, 6])
    out[:, 1] += along * np.sin(out[:, 6])
    out[:, 3:6] *= np.exp((rng.random((n, 3)) - 0.5) * 0.6 * k)
    out[:, 6] += (rng.random(n) - 0.5) * 0.9 * k[:, 0]
    big = out[:, 3] > 6.5  # of long ones a proposal often sees one end
    short = big & (rng.random(n) < 0.4)
    f = rng.uniform(0.4, 1.0, n)
    end = rng.choice([-1, 1], n)
    move = np.where(short, end * (1 - f) / 2 * out[:, 3], 0)
    out[:, 0] += move * np.cos(out[:, 6])
    out[:, 1] += move * np.sin(out[:, 6])
    out[:, 3] = np.where(short, out[:, 3] * f, out[:, 3])
    out[:, 6] += np.where(rng.random(n) < 0.25, np.pi, 0)
    turned = rng.random(n) < 0.06
    out[:, 6] += np.where(turned, np.pi / 2, 0)
    swap = turned & (rng.random(n) < 0.5)
    out[swap, 3:5] = out[swap][:, [4, 3]]
    return out
