"""The shipped networks as the simplest Python service runs them: a ground plane, sampling in numpy, and three
passes of the sizes that a click of nearbox takes. No occlusion features, no low-confidence retry: only its
cost is compared, its boxes are worth little.
"""
import json
import os

import numpy as np
import onnxruntime

MODEL = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../../inference/model/')
NETWORKS = json.load(open(MODEL + 'model.json'))['networks']
RANDOM = np.random.default_rng(1)


def session(name):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry('session.intra_op.allow_spinning', '0')
    return onnxruntime.InferenceSession(
        MODEL + NETWORKS[name]['file'], options, providers=['CPUExecutionProvider'])


def widths(name):
    inputs = NETWORKS[name]['inputs']
    return inputs['points'][-1], inputs['globals'][-1]


PROPOSE, REFINE = session('propose'), session('refine')
def run(network, points, globals_width):
    """One pass. Whatever else the network takes (the project's convention) is unknown: zeros."""
    feeds = {'points': points, 'globals': np.zeros((1, globals_width), np.float32)}
    for each in network.get_inputs():
        if each.name not in feeds:
            feeds[each.name] = np.zeros((1, *each.shape[1:]), np.float32)
    return network.run(None, feeds)


PROPOSE_WIDTHS, REFINE_WIDTHS = widths('propose'), widths('refine')


def padded(count):
    return 64 if count <= 64 else 128 if count <= 128 else 256


def chosen(indices, most):
    return indices if len(indices) <= most else RANDOM.choice(indices, most, replace=False)


def ground_plane(points, click):
    """Slopes and height of the ground around the click: least squares on the lowest point of each square
    metre, outliers taken out step by step.
    """
    away = points[:, :2] - click[:2]
    near = (away ** 2).sum(1) < 196
    if near.sum() < 10:
        return 0.0, 0.0, float(click[2]) - 0.8
    cells = np.floor(away[near] + 14).astype(np.int32)
    lowest = np.full(29 * 29, np.inf, np.float32)
    np.minimum.at(lowest, cells[:, 0] * 28 + cells[:, 1], points[near, 2])
    found = np.nonzero(np.isfinite(lowest))[0]
    z, x, y = lowest[found], found // 28 - 13.5, found % 28 - 13.5
    plane = np.array([0.0, 0.0, np.quantile(z, 0.25)])
    for above in (0.8, 0.6, 0.4, 0.3, 0.25, 0.2, 0.14, 0.1):
        residual = z - plane[0] * x - plane[1] * y - plane[2]
        kept = (residual < above) & (residual > -2 * above)
        if kept.sum() < 8:
            break
        a = np.stack([x[kept], y[kept], np.ones(kept.sum())], 1)
        plane = np.linalg.solve(a.T @ a + np.diag([60, 60, 1e-6]), a.T @ z[kept])
    return tuple(plane)


def fit(points, place):
    """A box for a click at `place`: center, size and yaw as the network's first seven numbers."""
    click = np.asarray(place, np.float32)
    a, b, c = ground_plane(points, click)
    away = points - click
    height = points[:, 2] - (a * away[:, 0] + b * away[:, 1] + c)
    squared = away[:, 0] ** 2 + away[:, 1] ** 2
    rows = chosen(np.nonzero((squared < 100) & (height > -1) & (height < 5))[0], 256)
    width, globals_width = PROPOSE_WIDTHS
    features = np.zeros((1, padded(len(rows)), width), np.float32)
    angle = np.arctan2(click[1], click[0])
    cos, sin = np.cos(angle), np.sin(angle)
    near, count = away[rows], len(rows)
    features[0, :count, 0] = (near[:, 0] * cos + near[:, 1] * sin) / 3
    features[0, :count, 1] = (near[:, 1] * cos - near[:, 0] * sin) / 3
    features[0, :count, 2] = height[rows] - 0.8
    features[0, :count, 3] = np.sqrt(squared[rows]) / 3
    features[0, :count, -1] = 1
    out = run(PROPOSE, features, globals_width)
    close = np.nonzero((squared < 16) & (height > -0.3) & (height < 3))[0]
    width, globals_width = REFINE_WIDTHS
    for most in (128, 256):
        rows = chosen(close, most)
        count = len(rows)
        features = np.zeros((1, padded(count), width), np.float32)
        features[0, :count, 0] = away[rows, 0] / 2
        features[0, :count, 1] = away[rows, 1] / 2
        features[0, :count, 2] = height[rows]
        features[0, :count, -1] = 1
        out = run(REFINE, features, globals_width)
    return [float(v) for v in np.ravel(out[0])[:7]]


def crop(points, place, radius):
    away = points - np.asarray(place, np.float32)
    return points[(away ** 2).sum(1) <= radius * radius]


def warm_up():
    for _ in range(5):
        fit(RANDOM.random((3000, 3), np.float32) * 20 - 10, [0, 0, 0])
