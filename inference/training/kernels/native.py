"""Compiles the C code beside it on first use and wraps its functions. Arrays in, arrays out; no state."""

import ctypes
import hashlib
import os
import subprocess
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent


def _load():
    text = b"".join(file.read_bytes() for file in sorted(HERE.glob("*.[ch]")))
    build = HERE.parent / "build"
    build.mkdir(exist_ok=True)
    target = build / f"kernels-{hashlib.sha256(text).hexdigest()[:16]}.so"
    if not target.exists():
        part = target.with_suffix(f".{os.getpid()}.part")
        # No contraction of products and sums: the features are equal to those of the TypeScript code.
        flags = ["-O3", "-march=native", "-ffp-contract=off", "-fopenmp", "-shared", "-fPIC"]
        sources = [str(file) for file in sorted(HERE.glob("*.c"))]
        subprocess.run(["cc", *flags, *sources, "-o", str(part), "-lm"], check=True)
        part.rename(target)
    return ctypes.CDLL(str(target))


LIB = _load()
CELLS_PER_SIDE = 96

QUESTION = np.dtype(
    [
        ("click", "f8", 3),
        ("sensor", "f8", 3),
        ("plane", "f8", 3),
        ("turn", "f8"),
        ("box", "f8", 7),
        ("also", "f8", (4, 4)),
        ("others", "f8", (8, 7)),
        ("has_sensor", "i4"),
        ("has_ground", "i4"),
        ("n_also", "i4"),
        ("n_others", "i4"),
    ]
)
assert QUESTION.itemsize == LIB.question_size()
PROPOSE_POINT, REFINE_POINT = 8, 14
OCCLUSION_FEATURES = 60, 48  # around a click, around a box


def ptr(array):
    return array.ctypes.data_as(ctypes.c_void_p)


def raycast(scene, sensor, seed, limit=260000):
    """scene: arrays of Scene.arrays(); sensor: Sensor. Returns xyz (n, 3) float32 and obj (n,) int32."""
    out = np.empty((limit, 3), np.float32)
    obj = np.empty(limit, np.int32)
    c = {k: np.ascontiguousarray(v) for k, v in scene.items()}
    origin = np.asarray(sensor.origin, np.float32)
    f = ctypes.c_float
    n = LIB.raycast(
        len(c["kind"]),
        ptr(c["prim"]),
        ptr(c["kind"]),
        ptr(c["obj"]),
        ptr(c["first"]),
        ptr(c["nplane"]),
        ptr(c["plane"]),
        ptr(c["glass"]),
        ptr(origin),
        len(sensor.elevations),
        ptr(sensor.elevations),
        ptr(sensor.azimuth_offsets),
        ptr(sensor.bias),
        sensor.columns,
        f(sensor.azimuths[0]),
        f(sensor.azimuths[1]),
        ptr(c["ground"]),
        f(sensor.noise),
        f(sensor.power),
        f(sensor.max_range),
        f(sensor.drop),
        f(sensor.mixed),
        ctypes.c_uint32(seed & 0xFFFFFFFF),
        ptr(out),
        ptr(obj),
        limit,
    )
    return out[:n].copy(), obj[:n].copy()


def column_max(x):
    """x: (B, N, C) tensor in bfloat16 on the CPU, contiguous. The maximum over N, as float32, and its place
    (B, C) each.
    """
    import torch

    b, n, c = x.shape
    best, at = torch.empty((b, c), dtype=torch.float32), torch.empty((b, c), dtype=torch.int64)
    LIB.column_max(
        b,
        n,
        c,
        ctypes.c_void_p(x.data_ptr()),
        ctypes.c_void_p(best.data_ptr()),
        ctypes.c_void_p(at.data_ptr()),
    )
    return best, at


def sort_cells(xyz):
    xyz = np.ascontiguousarray(xyz, np.float32)
    order = np.empty(len(xyz), np.int32)
    start = np.empty(CELLS_PER_SIDE**2 + 1, np.int32)
    total = LIB.sort_cells(len(xyz), ptr(xyz), ptr(order), ptr(start))
    return order[:total], start


def ground_fit(xyz, around):
    """The plane (a, b, c) or None."""
    xyz = np.ascontiguousarray(xyz, np.float32)
    out = np.zeros(3)
    ok = LIB.ground_fit(ptr(xyz), len(xyz), ctypes.c_double(around[0]), ctypes.c_double(around[1]), ptr(out))
    return out if ok else None


def ground_many(xyz, obj, start, places):
    places = np.ascontiguousarray(places, np.float64)
    out = np.zeros((len(places), 3))
    known = np.zeros(len(places), np.uint8)
    LIB.ground_many(ptr(xyz), ptr(obj), ptr(start), len(places), ptr(places), ptr(out), ptr(known))
    return out, known


def iou_pairs(a, b):
    a = np.ascontiguousarray(a, np.float64)
    b = np.ascontiguousarray(b, np.float64)
    d3 = np.zeros(len(a))
    bev = np.zeros(len(a))
    LIB.iou_pairs(len(a), ptr(a), ptr(b), ptr(d3), ptr(bev))
    return d3, bev


def features_one(xyz, question, which, count):
    """which: 0 propose, 1 refine. Returns x (count, dim), index of the points used."""
    xyz = np.ascontiguousarray(xyz, np.float32)
    x = np.zeros((count, REFINE_POINT if which else PROPOSE_POINT), np.float32)
    index = np.zeros(count, np.int32)
    q = np.ascontiguousarray(question)
    n = LIB.features_one(ptr(xyz), len(xyz), ptr(q), which, count, ptr(x), ptr(index))
    return x, index[:n]


def features_batch(points, objs, starts, truth, questions, which, count):
    """points, objs, starts: addresses (uint64) of sorted scans. Returns x (B, count, dim), seg (B, count),
    used (B,).
    """
    b = len(questions)
    x = np.empty((b, count, REFINE_POINT if which else PROPOSE_POINT), np.float32)
    seg = np.empty((b, count), np.float32)
    used = np.empty(b, np.int32)
    truth = np.ascontiguousarray(truth, np.int32)
    questions = np.ascontiguousarray(questions)
    LIB.features_batch(
        b,
        ptr(points),
        ptr(objs),
        ptr(starts),
        ptr(truth),
        ptr(questions),
        which,
        count,
        ptr(x),
        ptr(seg),
        ptr(used),
    )
    return x, seg, used


def occlusion_one(xyz, question, which):
    """The occlusion features around the question's click (which 0) or box (1): (1,
    OCCLUSION_FEATURES[which]).
    """
    xyz = np.ascontiguousarray(xyz, np.float32)
    out = np.empty((1, OCCLUSION_FEATURES[which]), np.float32)
    q = np.ascontiguousarray(question)
    LIB.occlusion_one(ptr(xyz), len(xyz), ptr(q), which, ptr(out))
    return out


def occlusion_batch(points, starts, questions, which):
    """The same for questions about sorted scans: (B, OCCLUSION_FEATURES[which])."""
    out = np.empty((len(questions), OCCLUSION_FEATURES[which]), np.float32)
    questions = np.ascontiguousarray(questions)
    LIB.occlusion_batch(len(questions), ptr(points), ptr(starts), ptr(questions), which, ptr(out))
    return out
