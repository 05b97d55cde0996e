"""Vehicles on and along a road: parked, driving, crossing."""

import numpy as np


def parked(scene, half, side, along):
    rng = scene.rng
    d = scene.direction
    mode = rng.choice(["parallel", "square", "slanted"], p=[0.7, 0.2, 0.1])
    fill = rng.uniform(0.2, 1.0) * scene.density
    close = rng.uniform(0.3, 3.0)
    flow = d if side * along < 0 else d + np.pi
    slant = {"parallel": 0.0, "square": np.pi / 2, "slanted": rng.uniform(0.7, 1.2)}[mode]
    u = -72.0
    backwards = rng.random() < 0.5
    while u < 72:
        shape = scene.vehicle(0.03)
        l, w, _ = shape.size
        span = l if mode == "parallel" else (w / np.sin(slant) if mode == "slanted" else w)
        if rng.random() < fill and (l < 7 or mode == "parallel"):
            if mode == "parallel":
                v = half - w / 2 - rng.uniform(0.05, 0.4)
                yaw = flow + rng.normal(0, 0.02) + (np.pi if rng.random() < 0.08 else 0)
            else:
                v = half - (l * np.sin(slant) + w * np.cos(slant)) / 2 - rng.uniform(0.0, 0.8)
                yaw = (
                    d
                    + side * slant * (1 if along > 0 else 1)
                    + (np.pi if backwards != (rng.random() < 0.15) else 0)
                    + rng.normal(0, 0.035)
                )
            scene.put(shape, *scene.road(u + span / 2, side * v), yaw, margin=0.03)
        gap = max(0.25, rng.gamma(2.0, close / 2)) if mode == "parallel" else rng.uniform(0.45, 1.1)
        u += span + gap
        if rng.random() < 0.06:
            u += rng.uniform(3, 14)
    return {"parallel": 2.2, "square": 5.2, "slanted": 4.8}[mode]


def traffic(scene, lanes, width, trucks, mean_gap):
    """Moving and queueing vehicles; lane centres at v, heading +1 or -1."""
    rng = scene.rng
    for v, way in lanes:
        pace = (
            rng.uniform(0, 3) if mean_gap < 2 else rng.uniform(2, 16) if mean_gap < 12 else rng.uniform(8, 33)
        )
        u = -75 + rng.exponential(mean_gap / scene.density)
        while u < 75:
            if rng.random() < 0.07:
                shape = scene.pick("motorcyclist" if rng.random() < 0.5 else "cyclist")
                dv = rng.normal(0, width * 0.25)
            else:
                shape, dv = scene.vehicle(trucks), rng.normal(0, 0.2)
            l = shape.size[0]
            yaw = scene.direction + (0 if way > 0 else np.pi) + rng.normal(0, 0.03)
            scene.put(shape, *scene.road(u + l / 2, v + dv), yaw, speed=pace * rng.uniform(0.7, 1.2))
            u += l + 1.0 + rng.exponential(mean_gap / scene.density)


def crossing(scene, u0, width, trucks):
    """Vehicles on a crossing road at u0."""
    rng = scene.rng
    for k, way in ((0.5, 1), (-0.5, -1)):
        v = -75 + rng.exponential(8 / scene.density)
        while v < 75:
            shape = scene.vehicle(trucks)
            scene.put(
                shape,
                *scene.road(u0 + k * width + rng.normal(0, 0.2), v),
                scene.direction
                + np.pi / 2 * way
                + rng.normal(0, 0.06)
                + (rng.uniform(-0.6, 0.6) if rng.random() < 0.15 else 0),
            )
            v += shape.size[0] + 1.2 + rng.exponential(10 / scene.density)
