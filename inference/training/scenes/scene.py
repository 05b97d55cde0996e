"""A scene: objects placed on flat ground, with the scanner at x = y = 0, and their labels."""

import numpy as np

from projects.fleets import SCALED, usual_fleet
from shapes import CARS, CLASSES, PAINT, draw_paint

from .habits import HABITS, ROOM
from .rectangles import corners, separate

RANGE = 78.0


class Scene:
    def __init__(self, rng, stock, road_half=4.0, kerb=(0.0, 0.0), direction=0.0, offset=0.0, fleet=None):
        """fleet: what drives there; left out: that of a region, drawn."""
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
        self.ground = np.array(
            [
                *self.base,
                c,
                s,
                road_half,
                kerb[0],
                kerb[1],
                grass,
                rng.uniform(0, 0.012),
                rng.uniform(0.12, 0.4),
            ],
            np.float32,
        )
        self.fleet = fleet or usual_fleet(rng)
        names = [spec[0] for spec in CARS]
        style = np.array([names.index(shape.style) for shape in stock["car"]])
        chance = np.array(self.fleet.mix)[style] / np.bincount(style, minlength=len(names))[style]
        self.car_chance = np.cumsum(chance / chance.sum())
        ends, sides, top = ROOM[rng.choice(3, p=HABITS[self.fleet.region])]
        self.tight = {
            "ends": rng.uniform(*ends),
            "sides": rng.uniform(*sides),
            "top": rng.uniform(*top),
            "floor": rng.normal(0, 0.03),
        }
        rng.random()  # unused: keeps the scenes that a seed gave before
        # Half of the places are far emptier than the rest. Only there are distant cars seen whole: they have
        # few points because of the distance, not because something hides them.
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
            if shape.cls in SCALED:
                scale = scale * self.fleet.scale
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
            return self.stock[kind][
                min(int(np.searchsorted(self.car_chance, self.rng.random())), len(self.stock[kind]) - 1)
            ]
        return self.stock[kind][self.rng.integers(len(self.stock[kind]))]

    def vehicle(self, trucks=0.06):
        r = self.rng.random()
        if r < trucks:
            return self.pick("truck" if self.rng.random() < 0.7 else "bus")
        if r < trucks + self.fleet.vans:
            return self.pick("van")
        if r < trucks + self.fleet.vans + self.fleet.pickups:
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
        return {
            "prim": cat(prim, np.float32),
            "kind": cat(kind, np.int32),
            "obj": cat(obj, np.int32),
            "first": cat(first, np.int32),
            "nplane": cat(nplane, np.int32),
            "plane": cat(plane, np.float32),
            "glass": cat(glass, np.uint8),
            "ground": ground,
        }

    def bodies(self):
        """class index, box (x y z l w h yaw) of each labelled thing: its body, down to the ground."""
        return np.array(
            [
                [CLASSES.index(cls), x, y, z + size[2] / 2, *size, yaw]
                for cls, x, y, z, yaw, size in self.items
            ]
        ).reshape(-1, 8)

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
