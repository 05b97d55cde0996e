"""Scenes: streets with parked rows, crossings, parking lots, highways and squares, full of neighbours and of things that hide them.

A scene is built on flat ground with the scanner at x = y = 0, cast, and then sheared over a gently curved terrain.
"""
import numpy as np

from shapes import CARS, CLASSES, PAINT, draw_paint, draw_shapes, fence, hedge, wall

RANGE = 78.0

# What drives where: chance of a region, of a van and a pickup among its vehicles, and the shares of shapes.CARS in their order. From published sales.
REGIONS = [
    ("europe", 0.36, 0.12, 0.02, [0.06, 0.24, 0.20, 0.06, 0.12, 0.03, 0.09, 0.03, 0.06, 0.06, 0.04, 0.01]),
    ("america", 0.40, 0.10, 0.16, [0.00, 0.03, 0.06, 0.08, 0.25, 0.10, 0.03, 0.05, 0.02, 0.10, 0.18, 0.10]),
    ("asia", 0.24, 0.12, 0.05, [0.08, 0.12, 0.12, 0.17, 0.20, 0.04, 0.02, 0.01, 0.08, 0.08, 0.06, 0.02]),
]
# How people draw, by region (tight, usual, roomy): from published mean boxes of data sets beside the cars that were sold where and when they were recorded, and so
# that margins over the returns lie between those of the real frames that realism.py was run on.
HABITS = {"europe": [0.35, 0.3, 0.35], "america": [0.1, 0.25, 0.65], "asia": [0.2, 0.3, 0.5]}
# Metres that a box stands beyond the body at its ends, sides and top, and the share of what is not seen of the far side that is given to it.
ROOM = [((-0.03, 0.06), (-0.03, 0.03), (-0.01, 0.07), (0.5, 1.0)), ((-0.01, 0.09), (-0.01, 0.05), (0.0, 0.09), (1.0, 1.0)), ((0.04, 0.15), (0.03, 0.12), (0.03, 0.14), (1.0, 1.0))]


def corners(x, y, yaw, l, w):
    c, s = np.cos(yaw), np.sin(yaw)
    k = np.array([[l, w], [-l, w], [-l, -w], [l, -w]]) / 2
    return np.column_stack([x + k[:, 0] * c - k[:, 1] * s, y + k[:, 0] * s + k[:, 1] * c])


def separate(a, b):
    """True if two rectangles (corner arrays) do not overlap."""
    for p in (a, b):
        for i in range(2):
            axis = p[i + 1] - p[i]
            ua, ub = a @ axis, b @ axis
            if ua.max() < ub.min() or ub.max() < ua.min():
                return True
    return False


class Scene:
    def __init__(self, rng, stock, road_half=4.0, kerb=(0.0, 0.0), direction=0.0, offset=0.0):
        self.rng, self.stock = rng, stock
        self.placed = []  # (shape, x, y, z, yaw, scale, paint, id or -4)
        self.rects = []
        self.items = []  # (class, x, y, z, yaw, size)
        self.speeds = []  # of each item, metres a second along its heading
        self.direction, self.offset = direction, offset
        c, s = np.cos(direction), np.sin(direction)
        self.axis = np.array([c, s])
        self.normal = np.array([-s, c])
        self.base = self.normal * offset
        grass = rng.uniform(0.0, 0.05) if rng.random() < 0.7 else rng.uniform(0.03, 0.12)
        self.ground = np.array([*self.base, c, s, road_half, kerb[0], kerb[1], grass, rng.uniform(0, 0.012), rng.uniform(0.12, 0.4)], np.float32)
        self.region, _, self.vans, self.pickups, mix = REGIONS[rng.choice(len(REGIONS), p=[r[1] for r in REGIONS])]
        names = [spec[0] for spec in CARS]
        style = np.array([names.index(shape.style) for shape in stock["car"]])
        chance = np.array(mix)[style] / np.bincount(style, minlength=len(names))[style]
        self.car_chance = np.cumsum(chance / chance.sum())
        ends, sides, top, far = ROOM[rng.choice(3, p=HABITS[self.region])]
        self.tight = {"ends": rng.uniform(*ends), "sides": rng.uniform(*sides), "top": rng.uniform(*top), "floor": rng.normal(0, 0.03)}
        self.far = rng.uniform(*far)
        # Half of the places are far emptier than the rest: only there are cars seen whole from far away, with few points for the distance and not for what hides them.
        self.density = 1.0 if rng.random() < 0.5 else rng.uniform(0.08, 0.45)

    def road(self, u, v):
        """Along and across the road -> x, y."""
        return self.base + u * self.axis + v * self.normal

    def height(self, x, y):
        v = -(x - self.ground[0]) * self.ground[3] + (y - self.ground[1]) * self.ground[2]
        return float(self.ground[5] if v > self.ground[4] else self.ground[6] if v < -self.ground[4] else 0)

    def put(self, shape, x, y, yaw, label=True, margin=0.08, overlap=False, scale=None, speed=0.0):
        d = np.hypot(x, y)
        if d > RANGE:
            return False
        l, w, _ = shape.size
        if scale is None:
            scale = np.array([1.0, 1.0, 1.0]) if not label else self.rng.normal(1, 0.015, 3)
        l, w = l * scale[0], w * scale[1]
        r = corners(x, y, yaw, l + 2 * margin, w + 2 * margin)
        if d < 2.2 + max(0.5 * w, 0.3) or not separate(r, corners(0, 0, self.direction, 4.8, 2.0)):
            return False
        if not overlap:
            radius = np.hypot(l, w) / 2 + margin
            for px, py, pr, q in self.rects:
                if (px - x) ** 2 + (py - y) ** 2 < (pr + radius) ** 2 and not separate(r, q):
                    return False
            self.rects.append((x, y, radius, r))
        z = self.height(x, y)
        paint = draw_paint(self.rng)
        number = -4
        if label:
            number = len(self.items)
            self.items.append((shape.cls, x, y, z, yaw, shape.size * scale))
            self.speeds.append(speed)
        self.placed.append((shape, x, y, z, yaw, scale, paint, number))
        return True

    def pick(self, kind):
        if kind == "car":
            return self.stock[kind][min(int(np.searchsorted(self.car_chance, self.rng.random())), len(self.stock[kind]) - 1)]
        return self.stock[kind][self.rng.integers(len(self.stock[kind]))]

    def vehicle(self, trucks=0.06):
        r = self.rng.random()
        if r < trucks:
            return self.pick("truck" if self.rng.random() < 0.7 else "bus")
        if r < trucks + self.vans:
            return self.pick("van")
        if r < trucks + self.vans + self.pickups:
            return self.pick("pickup")
        return self.pick("car")

    def arrays(self, shift=(0, 0)):
        """The primitives of everything placed, in the form raycast wants."""
        prim, kind, obj, first, nplane, plane, glass = [], [], [], [], [], [], []
        total = 0
        for shape, x, y, z, yaw, scale, paint, number in self.placed:
            c, s = np.cos(yaw), np.sin(yaw)
            m = shape.prim.copy()
            m[m[:, 4] == PAINT, 4] = paint
            centre = m[:, :3] * scale
            t = np.array([x + shift[0], y + shift[1], z])
            m[:, 0] = centre[:, 0] * c - centre[:, 1] * s + t[0]
            m[:, 1] = centre[:, 0] * s + centre[:, 1] * c + t[1]
            m[:, 2] = centre[:, 2] + t[2]
            m[:, 3] *= max(scale) * 1.001
            m[:, 8:11] *= scale
            m[:, 11] += yaw
            prim.append(m)
            kind.append(shape.kind)
            obj.append(np.full(len(shape.kind), number, np.int32))
            first.append(shape.first + total)
            nplane.append(shape.nplane)
            n = shape.plane[:, :3] / scale
            length = np.linalg.norm(n, axis=1, keepdims=True)
            n = n / length
            d = shape.plane[:, 3] / length[:, 0]
            n = np.column_stack([n[:, 0] * c - n[:, 1] * s, n[:, 0] * s + n[:, 1] * c, n[:, 2]])
            plane.append(np.column_stack([n, d + n @ t]))
            glass.append(shape.glass)
            total += len(shape.plane)
        cat = lambda v, t: np.ascontiguousarray(np.concatenate(v), t) if v else np.zeros((0, 12), t)
        ground = self.ground.copy()
        ground[0] += shift[0]
        ground[1] += shift[1]
        return {"prim": cat(prim, np.float32), "kind": cat(kind, np.int32), "obj": cat(obj, np.int32), "first": cat(first, np.int32), "nplane": cat(nplane, np.int32), "plane": cat(plane, np.float32), "glass": cat(glass, np.uint8), "ground": ground}

    def labels(self):
        """class index, box (x y z l w h yaw) of each labelled thing, in the drawn convention."""
        out = np.zeros((len(self.items), 8))
        for i, (cls, x, y, z, yaw, size) in enumerate(self.items):
            t, r = self.tight, self.rng
            size = size.copy()
            people = cls in ("pedestrian", "cyclist", "motorcyclist")
            ends = 0 if people else t["ends"] + r.normal(0, 0.02)
            sides = 0 if people else t["sides"] + r.normal(0, 0.012)
            floor, top = t["floor"] + r.normal(0, 0.025), max(-0.02, t["top"] + r.normal(0, 0.02))
            size[0] += 2 * ends
            size[1] += 2 * sides
            h = size[2] + top - floor
            out[i] = [CLASSES.index(cls), x, y, z + floor + h / 2, size[0], size[1], h, yaw]
        return out


def people(scene, x, y, n=None):
    """A few people close together."""
    rng = scene.rng
    n = n or 1 + int(rng.geometric(0.55))
    heading = rng.uniform(-np.pi, np.pi)
    for _ in range(min(n, 8)):
        a, d = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.35 + 0.35 * n)
        scene.put(scene.pick("pedestrian"), x + d * np.cos(a), y + d * np.sin(a), heading + rng.normal(0, 0.5), margin=-0.12)


def roadside(scene, half, side, busy):
    """Everything beyond the kerb on one side: poles, trees, people, bushes, and a border of walls, fences and hedges."""
    rng = scene.rng
    d = scene.direction
    depth = rng.uniform(2.0, 7.0)
    for u in np.arange(-74, 74, 5.0):
        at = lambda v, du=0.0: scene.road(u + du, side * (half + v))
        jit = rng.uniform(-2, 2)
        if rng.random() < 0.16:
            scene.put(scene.pick("pole"), *at(rng.uniform(0.3, 1.0), jit), 0, label=False)
        if rng.random() < 0.14:
            scene.put(scene.pick("tree"), *at(rng.uniform(0.5, depth), jit), rng.uniform(0, 6), label=False)
        if rng.random() < 0.07:
            scene.put(scene.pick("post"), *at(rng.uniform(0.1, 0.5), jit), 0, label=False)
        if rng.random() < 0.10:
            scene.put(scene.pick("bush"), *at(rng.uniform(0.8, depth), jit), rng.uniform(0, 6), label=False, overlap=rng.random() < 0.3)
        if rng.random() < 0.04:
            scene.put(scene.pick("cabinet"), *at(rng.uniform(0.6, depth), jit), d, label=False)
        if rng.random() < 0.04:
            scene.put(scene.pick("other"), *at(rng.uniform(0.4, depth), jit), d + rng.choice([0, np.pi / 2]) + rng.normal(0, 0.2))
        if rng.random() < 0.17 * busy:
            people(scene, *at(rng.uniform(0.5, depth), jit))
        if rng.random() < 0.05 * busy:
            scene.put(scene.pick("cyclist"), *at(rng.uniform(0.4, depth), jit), d + rng.choice([0, np.pi]) + rng.normal(0, 0.3))
        if rng.random() < 0.03 * busy:
            scene.put(scene.pick("motorcyclist"), *at(rng.uniform(0.3, 1.5), jit), rng.uniform(-3, 3))
        if rng.random() < 0.05:  # a car in a drive, behind the pavement
            scene.put(scene.vehicle(0), *at(rng.uniform(3.5, 9.0), jit), d + np.pi / 2 * rng.choice([1, -1, 0]) + rng.normal(0, 0.1))
        r = rng.random()
        if r < 0.45:
            scene.put(wall(rng, 5.0, rng.uniform(2.5, 9) if rng.random() < 0.7 else rng.uniform(0.5, 1.8)), *at(depth + rng.uniform(0, 4)), d, label=False)
        elif r < 0.6:
            scene.put(hedge(rng, 4.9, rng.uniform(0.8, 2.2), rng.uniform(0.6, 1.4)), *at(depth + rng.uniform(-1, 1)), d, label=False)
        elif r < 0.72:
            scene.put(fence(rng, 4.9, rng.uniform(0.8, 2.0)), *at(depth + rng.uniform(-1, 1)), d, label=False)


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
                yaw = d + side * slant * (1 if along > 0 else 1) + (np.pi if backwards != (rng.random() < 0.15) else 0) + rng.normal(0, 0.035)
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
        pace = rng.uniform(0, 3) if mean_gap < 2 else rng.uniform(2, 16) if mean_gap < 12 else rng.uniform(8, 33)
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
            scene.put(shape, *scene.road(u0 + k * width + rng.normal(0, 0.2), v), scene.direction + np.pi / 2 * way + rng.normal(0, 0.06) + (rng.uniform(-0.6, 0.6) if rng.random() < 0.15 else 0))
            v += shape.size[0] + 1.2 + rng.exponential(10 / scene.density)


def street(rng, stock):
    lanes = int(rng.integers(1, 4))
    width = rng.uniform(2.9, 3.6)
    rows = [rng.random() < 0.75, rng.random() < 0.75]
    kinds = rng.random()
    half = lanes * width + (2.3 if kinds < 0.8 else 5.0)
    if lanes == 1 and rng.random() < 0.4:
        half = width * 0.5 + 2.3
    kerb = (0.0, 0.0) if rng.random() < 0.2 else tuple(rng.uniform(0.05, 0.2, 2))
    offset = -rng.uniform(-0.3, max(0.5, half - 3.0))
    scene = Scene(rng, stock, half, kerb, rng.uniform(-np.pi, np.pi), -offset)
    busy = rng.choice([0.3, 1.0, 2.5])
    inner = half
    for side, on in zip((1, -1), rows):
        if on:
            inner = min(inner, half - parked(scene, half, side, 1))
    if rng.random() < 0.35:
        crossing(scene, rng.uniform(-45, 45), width, 0.08)
    usable = max(1, int(inner / width))
    ways = [(width * (i + 0.5), -1) for i in range(usable)] + [(-width * (i + 0.5), 1) for i in range(usable)]
    traffic(scene, ways, width, rng.choice([0.03, 0.12]), rng.choice([1.5, 8, 25], p=[0.2, 0.4, 0.4]))
    for _ in range(int(rng.poisson(1.5 * busy))):
        people(scene, *scene.road(rng.uniform(-40, 40), rng.uniform(-half, half)))
    for side in (1, -1):
        roadside(scene, half, side, busy)
    return scene


def parking(rng, stock):
    scene = Scene(rng, stock, 60, (0, 0), rng.uniform(-np.pi, np.pi), rng.uniform(-2, 2))
    aisle, depth = rng.uniform(5.5, 7.5), rng.uniform(4.9, 5.4)
    pitch = rng.uniform(2.4, 2.8)
    fill = rng.uniform(0.4, 0.97) * scene.density
    v = aisle / 2
    lines = []
    while v < 45:
        lines += [(v + depth / 2, 1), (v + depth * 1.5, -1)]
        v += 2 * depth + aisle
    lines += [(-a, -b) for a, b in lines]
    for v, way in lines:
        for u in np.arange(-60, 60, pitch):
            if rng.random() < fill and abs(u) < 62:
                yaw = scene.direction + np.pi / 2 * way * (1 if rng.random() < 0.75 else -1) + rng.normal(0, 0.03)
                shape = scene.vehicle(0.0)
                if shape.size[0] < 6.3:
                    scene.put(shape, *scene.road(u + rng.normal(0, 0.1), v + rng.normal(0, 0.2)), yaw, margin=0.0)
        if rng.random() < 0.3:
            for u in np.arange(-55, 55, 7.5):
                if rng.random() < 0.3:
                    scene.put(scene.pick(rng.choice(["tree", "pole", "bush"])), *scene.road(u, v + depth / 2), 0, label=False)
    traffic(scene, [(0, 1)], 3, 0.03, 30)
    for _ in range(int(rng.poisson(8))):
        people(scene, *rng.uniform(-35, 35, 2))
    for _ in range(6):
        scene.put(scene.pick("other"), *rng.uniform(-30, 30, 2), rng.uniform(-3, 3))
    return scene


def highway(rng, stock):
    lanes, width = int(rng.integers(2, 5)), rng.uniform(3.4, 3.8)
    median = rng.uniform(1, 5)
    half = lanes * width + median
    scene = Scene(rng, stock, half + 2.5, (0, 0), rng.uniform(-np.pi, np.pi), median / 2 + width * (int(rng.integers(lanes)) + 0.5))
    ways = [(median / 2 + width * (i + 0.5), -1) for i in range(lanes)] + [(-median / 2 - width * (i + 0.5), 1) for i in range(lanes)]
    traffic(scene, ways, width, rng.uniform(0.08, 0.35), rng.choice([3, 15, 30]))
    for v in (0, half + 1.5, -half - 1.5):
        if rng.random() < 0.8:
            for u in np.arange(-72, 72, 6.0):
                scene.put(wall(rng, 6.0, rng.uniform(0.7, 0.95), 0.2), *scene.road(u, v), scene.direction, label=False, overlap=True)
    for side in (1, -1):
        roadside(scene, half + 3, side, 0.05)
    return scene


def square(rng, stock):
    scene = Scene(rng, stock, 60, (0, 0), rng.uniform(-np.pi, np.pi), 0)
    for _ in range(int(rng.integers(10, 45))):
        people(scene, *rng.normal(0, 22, 2))
    for _ in range(int(rng.integers(3, 16))):
        scene.put(scene.pick("cyclist"), *rng.normal(0, 22, 2), rng.uniform(-3, 3))
    if rng.random() < 0.5:  # a bicycle rack
        u, v, a = *rng.normal(0, 14, 2), rng.uniform(-3, 3)
        for i in range(8):
            scene.put(scene.pick("cyclist"), u - i * 0.75 * np.sin(a), v + i * 0.75 * np.cos(a), a, margin=-0.05)
    for _ in range(int(rng.integers(2, 10))):
        scene.put(scene.pick("motorcyclist"), *rng.normal(0, 22, 2), rng.uniform(-3, 3))
    for _ in range(int(rng.integers(4, 20))):
        scene.put(scene.pick("other"), *rng.normal(0, 22, 2), rng.uniform(-3, 3))
    for _ in range(int(rng.integers(3, 25))):
        scene.put(scene.vehicle(0.15), *rng.normal(0, 28, 2), rng.uniform(-3, 3))
    for _ in range(25):
        scene.put(scene.pick(rng.choice(["tree", "pole", "post", "bush", "cabinet"])), *rng.normal(0, 28, 2), 0, label=False)
    for _ in range(14):
        a, r = rng.uniform(0, 6.3), rng.uniform(15, 50)
        scene.put(wall(rng, rng.uniform(3, 6), rng.uniform(1, 7)), r * np.cos(a), r * np.sin(a), a + np.pi / 2 + rng.normal(0, 0.3), label=False)
    return scene


KINDS = [(street, 0.6), (parking, 0.13), (highway, 0.1), (square, 0.17)]


def draw_scene(rng, stock):
    return KINDS[rng.choice(len(KINDS), p=[k[1] for k in KINDS])][0](rng, stock)


class Terrain:
    """A gentle surface z = h(x, y) that the flat scene is sheared over; h(0, 0) = 0."""

    def __init__(self, rng):
        self.slope = rng.normal(0, 0.018, 2) if rng.random() < 0.85 else rng.normal(0, 0.05, 2)
        self.waves = [(rng.uniform(0.0, 0.25), *rng.normal(0, 2 * np.pi / rng.uniform(40, 130), 2), rng.uniform(0, 6.3)) for _ in range(2)]
        self.zero = 0.0
        self.zero = self(0.0, 0.0)

    def __call__(self, x, y):
        z = self.slope[0] * x + self.slope[1] * y - self.zero
        for a, kx, ky, p in self.waves:
            z = z + a * np.sin(kx * x + ky * y + p)
        return z


__all__ = ["Scene", "Terrain", "draw_scene", "draw_shapes"]
