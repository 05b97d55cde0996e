"""Procedural shapes: every object is a union of convex polyhedra and ellipsoids, in its own frame (x forward, z up, 0 at the floor's centre).

Sizes come from published dimensions of production vehicles of Europe, the Americas and Asia, and from anthropometry.
"""
from dataclasses import dataclass, field

import numpy as np
from scipy.spatial import ConvexHull

PAINT = -1.0  # reflectivity to be drawn when the object is placed


@dataclass
class Shape:
    """Primitives as in kernels.c, before they are placed. `size` is the true extent that a label encloses (mirrors excluded)."""

    cls: str
    size: np.ndarray
    plane: list = field(default_factory=list)
    glass: list = field(default_factory=list)
    prim: list = field(default_factory=list)
    kind: list = field(default_factory=list)
    first: list = field(default_factory=list)
    nplane: list = field(default_factory=list)
    paint_spread: float = 1.0
    style: str = ""  # of a car: its name in CARS

    def hull(self, points, refl=PAINT, glass=None, leak=0.0, specular=0.0, porous=0.0, inner=0.0, clear=1.0):
        """Convex hull of points. `glass(normal, offset_point)` tells which faces are windows; `leak` is the chance that a ray goes in through one,
        `inner` that it is then returned at the window where it would leave, `clear` what the glass leaves of a return that goes through it twice."""
        points = np.asarray(points, float)
        try:
            h = ConvexHull(points)
        except Exception:
            return
        eq = h.equations
        _, keep = np.unique(np.round(eq, 4), axis=0, return_index=True)
        eq = eq[np.sort(keep)]
        middle = points.mean(0)
        radius = np.linalg.norm(points - middle, axis=1).max()
        self.first.append(sum(len(p) for p in self.plane))
        self.nplane.append(len(eq))
        self.plane.append(np.column_stack([eq[:, :3], -eq[:, 3]]))
        self.glass.append(np.array([0 if not (glass and glass(e)) else 2 if abs(e[0]) > abs(e[1]) else 1 for e in eq], np.uint8))
        self.prim.append([*middle, radius, refl, porous, leak, specular, inner, clear, 1, 0])
        self.kind.append(0)

    def box(self, x0, x1, y0, y1, z0, z1, **how):
        self.hull([[x, y, z] for x in (x0, x1) for y in (y0, y1) for z in (z0, z1)], **how)

    def ball(self, centre, radii, yaw=0.0, refl=PAINT, porous=0.0):
        self.first.append(0)
        self.nplane.append(0)
        self.prim.append([*centre, max(radii), refl, porous, 0, 0, *radii, yaw])
        self.kind.append(1)

    def limb(self, a, b, ra, rb, refl=PAINT, sides=6):
        """A tapered prism from a to b."""
        a, b = np.asarray(a, float), np.asarray(b, float)
        axis = (b - a) / (np.linalg.norm(b - a) + 1e-9)
        u = np.cross(axis, [0.3, 0.9, 0.1])
        u /= np.linalg.norm(u)
        v = np.cross(axis, u)
        angles = np.arange(sides) * 2 * np.pi / sides
        ring = np.cos(angles)[:, None] * u + np.sin(angles)[:, None] * v
        self.hull(np.concatenate([a + ra * ring, b + rb * ring]), refl=refl)

    def done(self):
        self.plane = np.concatenate(self.plane) if self.plane else np.zeros((0, 4))
        self.glass = np.concatenate(self.glass) if self.glass else np.zeros(0, np.uint8)
        self.prim = np.array(self.prim, float)
        self.kind = np.array(self.kind, np.int32)
        self.first = np.array(self.first, np.int32)
        self.nplane = np.array(self.nplane, np.int32)
        return self


# Body colours: share among new cars (published yearly by the makers of paint), reflectivity at 905 nm from, to.
PAINTS = [("white", 0.33, 0.55, 0.85), ("black", 0.21, 0.03, 0.09), ("grey", 0.18, 0.08, 0.35), ("silver", 0.09, 0.30, 0.60), ("blue", 0.08, 0.07, 0.5), ("other", 0.11, 0.15, 0.7)]


def draw_paint(rng):
    _, _, low, high = PAINTS[rng.choice(len(PAINTS), p=[p[1] for p in PAINTS])]
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def sym(points):
    """Mirror in y."""
    return [q for x, y, z in points for q in ([x, y, z], [x, -y, z])]


# name: chance, length, width, height ranges, style
CARS = [
    ("micro", 0.04, (2.7, 3.5), (1.56, 1.66), (1.46, 1.56), "hatch"),
    ("supermini", 0.16, (3.55, 4.05), (1.60, 1.75), (1.42, 1.53), "hatch"),
    ("compact", 0.14, (4.05, 4.4), (1.70, 1.82), (1.42, 1.52), "hatch"),
    ("small sedan", 0.08, (4.1, 4.5), (1.66, 1.79), (1.42, 1.5), "sedan"),
    ("sedan", 0.16, (4.5, 4.95), (1.75, 1.90), (1.40, 1.5), "sedan"),
    ("large sedan", 0.05, (4.9, 5.3), (1.85, 1.95), (1.42, 1.53), "sedan"),
    ("wagon", 0.07, (4.3, 4.9), (1.72, 1.86), (1.44, 1.53), "wagon"),
    ("coupe", 0.03, (4.0, 4.8), (1.75, 1.92), (1.26, 1.40), "coupe"),
    ("mpv", 0.05, (4.1, 4.6), (1.70, 1.85), (1.58, 1.70), "wagon"),
    ("small suv", 0.08, (4.05, 4.45), (1.74, 1.85), (1.56, 1.70), "suv"),
    ("suv", 0.09, (4.45, 4.85), (1.82, 1.95), (1.63, 1.78), "suv"),
    ("large suv", 0.05, (4.85, 5.4), (1.92, 2.06), (1.72, 1.95), "suv"),
]


# A cabin's face is a window unless it faces up more than this: raked windscreens face up by 0.9, roofs by 0.97.
WINDOW = 0.94


def tint(rng):
    """What glass leaves of a return that went in and out through it: little, and far less where it is dark. Inside, a scanner sees near cars only."""
    return float(np.exp(rng.uniform(np.log(0.02), np.log(0.45))))


def pillars(s, rng, low, high, thick):
    """What is not glass about a cabin: posts between its windows and the frame of its roof. low, high: x and half width of the cabin's
    edges (front, between, rear) at the belt and under the roof, with their heights: [(x, y, z), ...] each, as long as the other. thick: half widths of the posts along x."""
    for a, b, t in zip(low, high, thick):
        for side in (1, -1):
            dark = 0.06 if rng.random() < 0.3 else PAINT
            at = lambda p, dx, out: [p[0] + dx, side * (p[1] + out), p[2]]
            s.hull([at(p, dx, out) for p in (a, b) for dx in (-t, t) for out in (-0.05, 0.012)], refl=dark)
    for a, b in zip(high, high[1:]):  # roof frame
        for side in (1, -1):
            s.hull([[p[0], side * (p[1] + out), p[2] + up] for p in (a, b) for out in (-0.06, 0.012) for up in (-0.06, 0.02)])


def wheels(s, L, W, r, front, back, width=0.22):
    for x in (front, back):
        for y in (0.5 * W - width / 2 - 0.02, -0.5 * W + width / 2 + 0.02):
            s.ball([x, y, r], [r, width * 0.62, r], refl=0.07)


def plan(L, W, bevel, z, shrink_x=0.0, shrink_y=1.0, front=True, back=True):
    """Outline of a car body seen from above, rounded at its ends."""
    out = []
    stations = [(0.0, 0.14), (0.03, 0.27), (0.09, 0.37), (0.20, 0.45), (0.45, 0.493)]
    for dx, y in stations:
        if front:
            out.append((L / 2 - shrink_x - dx * bevel, y * W * shrink_y, z))
        if back:
            out.append((-L / 2 + shrink_x * 0.8 + dx * bevel * 0.8, y * W * shrink_y, z))
    out.append((0, 0.5 * W * shrink_y, z))
    return sym(out)


def car(rng, spec=None):
    if spec is None:
        spec = CARS[rng.choice(len(CARS), p=np.array([c[1] for c in CARS]) / sum(c[1] for c in CARS))]
    L, W, H = rng.uniform(*spec[2]), rng.uniform(*spec[3]), rng.uniform(*spec[4])
    style = spec[5]
    s = Shape("car", np.array([L, W, H]), style=spec[0])
    tall = style in ("suv",) or H > 1.56
    clear = rng.uniform(0.16, 0.26) + (0.05 if tall else 0)
    belt = H * rng.uniform(0.60, 0.66)
    nose = belt * rng.uniform(0.68, 0.84) + (0.06 if tall else 0)
    bevel = rng.uniform(0.6, 1.5)
    xw = L / 2 - L * (rng.uniform(0.21, 0.28) if style in ("hatch", "wagon") else rng.uniform(0.25, 0.32))
    deck = belt * rng.uniform(0.97, 1.06)
    mid = belt * rng.uniform(0.45, 0.6)
    hips = rng.uniform(0.90, 0.97)
    # Bumpers stand out; grille and lamps lean back from them to the edge of the bonnet, the tailgate less so.
    body = plan(L, W, bevel, clear, 0.10, 0.88) + plan(L, W, bevel, max(clear + 0.12, 0.34), 0.0, 0.985) + plan(L, W, bevel, mid, 0.0, 1.0, back=False)
    body += plan(L, W, bevel * 0.8, mid, rng.uniform(0.0, 0.02), 1.0, front=False)
    hood_in = rng.uniform(0.15, 0.50)
    body += plan(L, W, bevel, nose, hood_in, 0.93, back=False)
    body += plan(L, W, bevel, deck * 0.9, rng.uniform(0.01, 0.17), 0.97, front=False)
    body += sym([(xw, hips * W / 2, belt), (xw + 0.15, 0.7 * W / 2, belt * 1.01)])
    rear_base = -L / 2 + (L * rng.uniform(0.10, 0.19) if style in ("sedan", "coupe") else rng.uniform(0.03, 0.16))
    body += sym([(rear_base, hips * W / 2, deck)])
    if style in ("sedan", "coupe"):
        body += sym([(-L / 2 + rng.uniform(0.04, 0.16), 0.40 * W, deck * rng.uniform(0.97, 1.02))])
    spec_ = rng.uniform(0.2, 0.9)
    s.hull(body, specular=spec_)
    rise = H - belt
    roof_front = xw - rise * rng.uniform(1.25, 1.9)
    if style in ("sedan", "coupe"):
        roof_rear = rear_base + rise * rng.uniform(1.0, 1.7)
    else:
        roof_rear = rear_base + rise * rng.uniform(0.15, 0.75)
    roof_rear = min(roof_rear, roof_front - 0.5)
    top_w = rng.uniform(0.35, 0.42) * W if not tall else rng.uniform(0.38, 0.44) * W
    crown = rng.uniform(0.02, 0.07)
    drop = rng.uniform(0.02, 0.10)
    cabin = sym([
        (xw, hips * W / 2 - 0.02, belt - 0.1), (rear_base, hips * W / 2 - 0.03, deck - 0.1), (xw + 0.1, 0.3 * W, belt - 0.04),
        (roof_front, top_w, H - crown - 0.03), (roof_front - 0.25, top_w * 0.75, H - 0.01), ((roof_front + roof_rear) / 2, top_w * 0.6, H),
        ((roof_front + roof_rear) / 2, top_w, H - crown), (roof_rear, top_w * 0.97, H - crown - drop), (roof_rear + 0.2, top_w * 0.6, H - drop * 0.7),
    ])  # fmt: skip
    leak = rng.uniform(0.5, 0.9) if rng.random() < 0.85 else rng.uniform(0.05, 0.35)
    s.hull(cabin, glass=lambda e: e[2] < WINDOW, leak=leak, specular=spec_, inner=rng.uniform(0.3, 0.9), clear=tint(rng))
    between = (roof_front + roof_rear) / 2 + rng.uniform(-0.15, 0.15)
    rear_post = rng.uniform(0.05, 0.13) if style in ("hatch", "wagon", "suv") else rng.uniform(0.05, 0.2)
    edge = hips * W / 2 - 0.02
    pillars(
        s, rng, [(xw, edge, belt - 0.04), (between, edge, belt - 0.04), (rear_base + rear_post, edge, deck - 0.04)],
        [(roof_front, top_w, H - crown - 0.04), (between, top_w, H - crown - 0.02), (roof_rear, top_w * 0.97, H - crown - drop - 0.02)],
        [rng.uniform(0.03, 0.06), rng.uniform(0.03, 0.08), rear_post],
    )  # fmt: skip
    r = rng.uniform(0.29, 0.36) + (0.03 if tall else 0)
    wheels(s, L, W, r, L / 2 - rng.uniform(0.17, 0.21) * L, -L / 2 + rng.uniform(0.16, 0.22) * L)
    seats = rng.uniform(0.06, 0.35)
    for x in (roof_front - 0.25, roof_rear + 0.35):
        top = belt + rng.uniform(0.05, 0.18)
        s.box(x - 0.12, x + 0.12, -0.36 * W, 0.36 * W, 0.4, top, refl=seats)
        for y in (0.21 * W, -0.21 * W):
            s.box(x - 0.06, x + 0.06, y - 0.13, y + 0.13, top, top + 0.17, refl=seats)
    s.box(xw - 0.35, xw + 0.05, -0.38 * W, 0.38 * W, belt - 0.12, belt + rng.uniform(0.02, 0.09), refl=rng.uniform(0.05, 0.3))  # dashboard
    if style in ("hatch", "wagon", "suv"):  # parcel shelf or load, below the rear window
        s.box(rear_base + 0.05, roof_rear + 0.25, -0.36 * W, 0.36 * W, belt - 0.1, belt + rng.uniform(-0.05, 0.12), refl=seats)
    if rng.random() < 0.3:
        s.ball([roof_front - 0.15, rng.choice([-1, 1]) * 0.2 * W, belt + 0.22], [0.12, 0.1, 0.15], refl=0.3)
    if rng.random() < 0.9:
        for y in (1, -1):
            s.box(xw - 0.25, xw - 0.1, y * (0.5 * W + 0.02), y * (0.5 * W + 0.17), belt - 0.05, belt + 0.12, refl=PAINT)
    if rng.random() < 0.12:  # roof rails or a roof box, which labels leave out or take in at random
        s.box(roof_rear + 0.1, roof_front - 0.2, -0.3, 0.3, H, H + rng.uniform(0.05, 0.1), refl=0.1)
    return s.done()


def pickup(rng):
    L, W, H = rng.uniform(5.0, 6.1), rng.uniform(1.8, 2.06), rng.uniform(1.7, 1.98)
    s = Shape("pickup", np.array([L, W, H]))
    clear, belt = rng.uniform(0.25, 0.4), H * rng.uniform(0.58, 0.64)
    bevel = rng.uniform(0.6, 1.2)
    bed = L * rng.uniform(0.27, 0.36)
    rail = belt * rng.uniform(0.98, 1.1)
    floor = rng.uniform(0.65, 0.85)
    cab_rear = -L / 2 + bed
    spec_ = rng.uniform(0.2, 0.9)
    s.hull(plan(L, W, bevel, clear, 0.12, 0.88) + plan(L, W, bevel, floor * 0.6) + plan(L, W, bevel, floor, 0.02, 0.99), specular=spec_)
    hood = plan(L, W, bevel, floor * 0.8, 0.01, 0.99, back=False) + plan(L, W, bevel, belt * rng.uniform(0.86, 0.95), rng.uniform(0.04, 0.15), 0.95, back=False)
    xw = L / 2 - L * rng.uniform(0.22, 0.27)
    hood += sym([(xw, 0.47 * W, belt), (cab_rear, 0.48 * W, belt), (cab_rear, 0.49 * W, floor * 0.8), (cab_rear, 0.495 * W, floor)])
    s.hull(hood, specular=spec_)
    rise = H - belt
    rf, rr = xw - rise * rng.uniform(0.9, 1.3), cab_rear + rise * rng.uniform(0.05, 0.3)
    tw = rng.uniform(0.36, 0.41) * W
    leak = rng.uniform(0.3, 0.8)
    s.hull(
        sym([(xw, 0.46 * W, belt - 0.1), (cab_rear, 0.46 * W, belt - 0.1), (rf, tw, H - 0.06), (rf - 0.2, tw * 0.7, H), (rr, tw, H - 0.06), (rr + 0.1, tw * 0.7, H - 0.02)]),
        glass=lambda e: e[2] < WINDOW, leak=leak, specular=spec_, inner=rng.uniform(0.3, 0.9), clear=tint(rng),
    )  # fmt: skip
    mid = (rf + rr) / 2
    pillars(
        s, rng, [(xw, 0.46 * W, belt - 0.04), (mid, 0.46 * W, belt - 0.04), (cab_rear + 0.08, 0.46 * W, belt - 0.04)],
        [(rf, tw, H - 0.07), (mid, tw, H - 0.06), (rr + 0.05, tw, H - 0.07)], [rng.uniform(0.03, 0.06), rng.uniform(0.04, 0.08), rng.uniform(0.06, 0.14)],
    )  # fmt: skip
    t = 0.06
    for y in (1, -1):
        s.box(-L / 2 + 0.05, cab_rear, *sorted((y * (0.485 * W - t), y * 0.485 * W)), floor - 0.1, rail, specular=spec_)
    s.box(-L / 2 + 0.02, -L / 2 + 0.09, -0.47 * W, 0.47 * W, floor - 0.1, rail, specular=spec_)
    if rng.random() < 0.25:  # covered bed, or a cap as high as the cab
        top = rail if rng.random() < 0.6 else H - 0.08
        s.hull(sym([(-L / 2 + 0.08, 0.46 * W, rail - 0.05), (cab_rear, 0.46 * W, rail - 0.05), (-L / 2 + 0.15, 0.4 * W, top), (cab_rear, 0.4 * W, top)]))
    elif rng.random() < 0.3:
        s.box(-L / 2 + 0.2, cab_rear - rng.uniform(0.1, 0.8), -0.35 * W, 0.3 * W, floor, floor + rng.uniform(0.2, 0.6), refl=rng.uniform(0.05, 0.5))
    wheels(s, L, W, rng.uniform(0.36, 0.43), L / 2 - 0.17 * L, -L / 2 + 0.21 * L, 0.26)
    s.box(rf - 0.4, rf - 0.15, -0.36 * W, 0.36 * W, 0.7, belt + 0.2, refl=0.15)
    for y in (1, -1):
        s.box(xw - 0.3, xw - 0.12, y * (0.5 * W + 0.02), y * (0.5 * W + 0.24), belt - 0.02, belt + 0.22)
    return s.done()


def van(rng):
    k = rng.random()
    if k < 0.35:
        L, W, H = rng.uniform(4.1, 4.6), rng.uniform(1.7, 1.86), rng.uniform(1.72, 1.9)
    elif k < 0.75:
        L, W, H = rng.uniform(4.7, 5.4), rng.uniform(1.85, 2.02), rng.uniform(1.75, 2.1)
    else:
        L, W, H = rng.uniform(5.3, 6.9), rng.uniform(1.95, 2.1), rng.uniform(2.2, 2.8)
    s = Shape("van", np.array([L, W, H]))
    clear, belt = rng.uniform(0.18, 0.3), min(1.3, H * rng.uniform(0.52, 0.6))
    bevel = rng.uniform(0.5, 1.1)
    hood = rng.uniform(0.35, 1.0)
    spec_ = rng.uniform(0.2, 0.9)
    xw = L / 2 - hood
    s.hull(
        plan(L, W, bevel, clear, 0.1, 0.9) + plan(L, W, bevel, 0.45) + plan(L, W, bevel, belt * rng.uniform(0.7, 0.9), 0.08, 0.97, back=False)
        + plan(L, W, bevel * 0.5, belt, 0.0, 0.98, front=False) + sym([(xw, 0.485 * W, belt)]),
        specular=spec_,
    )  # fmt: skip
    rise = H - belt
    rf = xw - rise * rng.uniform(0.5, 1.1)
    tw = rng.uniform(0.40, 0.46) * W
    rear = rng.uniform(0.02, 0.2)
    cargo = rng.random() < 0.5
    middle = rf - 0.4
    s.hull(  # cabin
        sym([(xw + 0.1, 0.42 * W, belt - 0.1), (xw - 0.1, 0.48 * W, belt - 0.1), (middle, 0.49 * W, belt - 0.1), (rf, tw, H - 0.08), (rf - 0.2, tw * 0.8, H), (middle, tw, H - 0.04), (middle, tw * 0.8, H)]),
        glass=lambda e: e[2] < WINDOW, leak=rng.uniform(0.4, 0.9), specular=spec_, inner=rng.uniform(0.3, 0.9), clear=tint(rng),
    )  # fmt: skip
    s.hull(
        sym([(middle, 0.49 * W, belt - 0.1), (-L / 2 + 0.03, 0.48 * W, belt - 0.1), (middle, tw, H - 0.05), (middle, tw * 0.8, H), (-L / 2 + rear, tw, H - 0.06), (-L / 2 + rear, tw * 0.8, H - 0.02)]),
        glass=None if cargo else (lambda e: e[2] < WINDOW), leak=rng.uniform(0.2, 0.8), specular=spec_, inner=rng.uniform(0.3, 0.9), clear=tint(rng),
    )  # fmt: skip
    posts = [(xw - 0.05, 0.475 * W, belt - 0.05), (middle, 0.485 * W, belt - 0.05), ((middle - L / 2) / 2, 0.48 * W, belt - 0.05), (-L / 2 + 0.12, 0.475 * W, belt - 0.05)]
    heads = [(rf, tw, H - 0.09), (middle, tw, H - 0.06), ((middle - L / 2) / 2, tw, H - 0.06), (-L / 2 + rear + 0.08, tw, H - 0.07)]
    pillars(s, rng, posts, heads, [rng.uniform(0.03, 0.06), rng.uniform(0.04, 0.1), rng.uniform(0.04, 0.1), rng.uniform(0.05, 0.12)])
    wheels(s, L, W, rng.uniform(0.31, 0.37), L / 2 - rng.uniform(0.16, 0.19) * L, -L / 2 + rng.uniform(0.17, 0.23) * L)
    s.box(rf - 0.35, rf - 0.1, -0.38 * W, 0.38 * W, 0.7, belt + 0.25, refl=0.15)
    for y in (1, -1):
        s.box(xw - 0.25, xw - 0.1, y * (0.5 * W + 0.02), y * (0.5 * W + 0.2), belt, belt + 0.3, refl=0.1)
    return s.done()


def trailer(rng):
    """A semi-trailer that stands without what pulls it, on its legs."""
    L, W, H = rng.uniform(6.0, 14.0), rng.uniform(2.4, 2.6), rng.uniform(3.0, 4.1)
    floor = rng.uniform(0.9, 1.3)
    s = Shape("truck", np.array([L, W, H]))
    if rng.random() < 0.75:
        s.box(-L / 2, L / 2, -W / 2, W / 2, floor, H, specular=rng.uniform(0, 0.4))
    else:  # a flat one with a load
        s.box(-L / 2, L / 2, -W / 2, W / 2, floor - 0.1, floor + 0.1)
        s.box(-L / 2 + rng.uniform(0, 1), L / 2 - rng.uniform(0, 1), -W * 0.46, W * 0.46, floor, H, refl=rng.uniform(0.1, 0.5))
    r = rng.uniform(0.42, 0.52)
    rear = -L / 2 + rng.uniform(0.9, 2.2)
    for x in (rear, rear + 1.3)[: int(rng.integers(1, 3))]:
        for y in (1, -1):
            s.ball([x, y * (W / 2 - 0.17), r], [r, 0.17, r], refl=0.06)
    legs = L / 2 - rng.uniform(1.8, 3.0)
    for y in (1, -1):
        s.box(legs - 0.08, legs + 0.08, y * 0.75 - 0.08, y * 0.75 + 0.08, 0.0, floor, refl=0.15)
    if rng.random() < 0.5:
        s.box(-L / 2 + 0.3 * L, legs - 0.3, -W * 0.48, W * 0.48, 0.45, 0.9, refl=0.15, porous=0.3)
    return s.done()


def truck(rng):
    if rng.random() < 0.08:
        return trailer(rng)
    k = rng.random()
    semi = k < 0.2
    L = rng.uniform(12, 17) if semi else rng.uniform(5.6, 10.5)
    W = rng.uniform(2.0, 2.55) if L < 7.5 else rng.uniform(2.3, 2.6)
    H = rng.uniform(2.4, 3.2) if L < 7.5 else rng.uniform(2.9, 4.0)
    s = Shape("truck", np.array([L, W, H]))
    cab = rng.uniform(1.7, 2.4) + (rng.uniform(0.8, 1.6) if rng.random() < 0.3 else 0)
    bonnet = cab > 2.5
    cab_h = H * rng.uniform(0.72, 0.98)
    belt = min(cab_h * 0.62, 1.9)
    floor = rng.uniform(0.85, 1.2) if L > 7 else rng.uniform(0.7, 0.95)
    spec_ = rng.uniform(0.1, 0.7)
    x1 = L / 2 - cab
    ws = L / 2 - (rng.uniform(0.9, 1.4) if bonnet else rng.uniform(0.02, 0.25))
    s.hull(plan(L, W * 0.97, 0.5, 0.35, 0.05, 0.96, back=False) + plan(L, W * 0.97, 0.5, belt * 0.8, 0.0, 1.0, back=False) + sym([(ws, 0.46 * W, belt), (x1, 0.48 * W, belt), (x1, 0.48 * W, 0.5)]), specular=spec_)
    s.hull(
        sym([(ws, 0.46 * W, belt - 0.1), (x1, 0.48 * W, belt - 0.1), (ws - 0.3, 0.44 * W, cab_h - 0.1), (ws - 0.6, 0.4 * W, cab_h), (x1, 0.45 * W, cab_h)]),
        glass=lambda e: e[2] < 0.75 and e[0] > -0.8, leak=rng.uniform(0.2, 0.7), specular=spec_, clear=tint(rng),
    )  # fmt: skip
    s.box(-L / 2, x1 + 0.3, -0.2 * W, 0.2 * W, 0.5, floor, refl=0.08)
    gap = rng.uniform(0.1, 0.8) + (0.5 if semi else 0)
    back = x1 - gap
    load = rng.random()
    if load < 0.6:  # box
        s.box(-L / 2, back, -W / 2, W / 2, floor, H, specular=rng.uniform(0, 0.4))
    elif load < 0.75:  # flat bed with a load
        s.box(-L / 2, back, -W / 2, W / 2, floor - 0.05, floor + 0.15)
        s.box(-L / 2 + rng.uniform(0.1, 1), back - rng.uniform(0.1, 1), -W * 0.4, W * 0.4, floor, rng.uniform(floor + 0.3, H), refl=rng.uniform(0.1, 0.5))
        s.box(back - 0.1, back, -W / 2, W / 2, floor, cab_h)
    elif load < 0.9:  # tipper
        top = rng.uniform(floor + 0.7, max(floor + 0.9, H * 0.85))
        for y in (1, -1):
            s.box(-L / 2, back, *sorted((y * W / 2, y * (W / 2 - 0.08))), floor, top)
        s.box(-L / 2, -L / 2 + 0.08, -W / 2, W / 2, floor, top)
        s.box(back - 0.08, back, -W / 2, W / 2, floor, min(H, top + 0.3))
        s.box(-L / 2, back, -W / 2, W / 2, floor, floor + rng.uniform(0.1, 0.8), refl=0.2)
    else:  # tank
        mid, rad = (-L / 2 + back) / 2, min(W / 2, (H - floor) / 2)
        for x in np.linspace(-L / 2, back, 5)[:-1] + (back + L / 2) / 8:
            s.ball([x, 0, floor + rad], [(back + L / 2) / 6, W / 2 * 0.97, rad])
        s.box(-L / 2 + 0.2, back - 0.2, -W * 0.34, W * 0.34, floor + 0.1, floor + rad * 1.7)
    r = rng.uniform(0.4, 0.52)
    rears = [-L / 2 + 0.2 * L] if L < 8 else [-L / 2 + rng.uniform(1.2, 2.6), -L / 2 + rng.uniform(2.7, 3.8)]
    for x in [L / 2 - rng.uniform(0.9, 1.4), *rears] + ([x1 - 0.9, x1 - 2.0] if semi else []):
        for y in (1, -1):
            s.ball([x, y * (W / 2 - 0.17), r], [r, 0.17, r], refl=0.06)
    if rng.random() < 0.6:  # side guards, tanks
        s.box(-L / 2 + 0.3 * L, x1 - 0.2, -W * 0.48, W * 0.48, 0.45, 0.8, refl=0.15, porous=0.3)
    for y in (1, -1):
        s.box(ws - 0.2, ws - 0.05, y * (W / 2 + 0.05), y * (W / 2 + 0.25), belt, belt + 0.7, refl=0.1)
    # The extent that counts is what was built.
    s.size = np.array([L, W, H if load < 0.6 else max(cab_h, floor + 0.3, H if load >= 0.9 else 0)])
    if 0.6 <= load < 0.9:
        tops = [p for p in s.prim]
        s.size[2] = max(p[2] + 0 for p in tops)
        s.size[2] = _height(s)
    return s.done()


def _height(s):
    """Highest vertex of the hulls, from their planes' bounding balls being too loose: solve the top by the planes that face up."""
    best = 0.0
    for first, n, kind, p, planes in zip(s.first, s.nplane, s.kind, s.prim, _per_prim(s)):
        if kind == 0:
            up = planes[planes[:, 2] > 0.95]
            if len(up):
                best = max(best, float(np.max(up[:, 3] / up[:, 2] - (up[:, 0] * p[0] + up[:, 1] * p[1]) / up[:, 2])))
        else:
            best = max(best, p[2] + p[10])
    return best


def _per_prim(s):
    planes = iter(s.plane)
    return [next(planes) if k == 0 else None for k in s.kind]


def bus(rng):
    L = rng.uniform(10.5, 13.5) if rng.random() < 0.65 else (rng.uniform(6.5, 9.5) if rng.random() < 0.7 else rng.uniform(16, 18.5))
    W, H = rng.uniform(2.4, 2.6), rng.uniform(2.9, 3.4) if L > 9 else rng.uniform(2.6, 3.1)
    if L < 8:
        W = rng.uniform(2.1, 2.4)
    if rng.random() < 0.08:
        H = rng.uniform(3.9, 4.4)
    s = Shape("bus", np.array([L, W, H]))
    belt = rng.uniform(1.1, 1.6)
    clear = rng.uniform(0.25, 0.4)
    spec_ = rng.uniform(0.1, 0.8)
    s.hull(plan(L, W, 0.35, clear, 0.03, 0.97) + plan(L, W, 0.35, belt), specular=spec_)
    s.hull(plan(L, W, 0.35, belt, 0.01, 0.995) + plan(L, W, 0.35, H - 0.35, 0.08, 0.98), glass=lambda e: abs(e[2]) < 0.5, leak=rng.uniform(0.2, 0.7), specular=spec_, clear=tint(rng))
    s.hull(plan(L, W, 0.35, H - 0.38, 0.08, 0.98) + plan(L, W, 0.35, H, 0.2, 0.9), specular=spec_)
    for x in np.arange(-L / 2 + 1.2, L / 2 - 1.5, 0.9):
        for y in (1, -1):
            s.box(x, x + 0.15, *sorted((y * 0.1 * W, y * 0.42 * W)), clear + 0.2, belt + 0.3, refl=0.15)
    for x in (L / 2 - rng.uniform(2.2, 2.8), -L / 2 + rng.uniform(2.4, 3.4)):
        for y in (1, -1):
            s.ball([x, y * (W / 2 - 0.14), 0.48], [0.48, 0.16, 0.48], refl=0.06)
    for y in (1, -1):
        s.box(L / 2 - 0.1, L / 2 + 0.15, y * (W / 2), y * (W / 2 + 0.22), H - 1.2, H - 0.6, refl=0.1)
    return s.done()


def _body(s, rng, h, hip, lean, stride, arms, width, cloth, trousers, seat_legs=None):
    """A person: hip is (x, z) of the pelvis, lean the forward tilt of the trunk, stride the half step."""
    k = h / 1.75
    hx, hz = hip
    sx, sz = hx + np.sin(lean) * 0.52 * k, hz + np.cos(lean) * 0.52 * k
    w = width * k
    s.hull(
        [[hx + a * 0.11 * k, b * w * 0.40, hz - 0.06] for a in (-1, 1) for b in (-1, 1)]
        + [[(hx + sx) / 2 + a * 0.13 * k, b * w * 0.42, (hz + sz) / 2] for a in (-1, 1) for b in (-1, 1)]
        + [[sx + a * 0.10 * k, b * w * 0.5, sz - 0.06] for a in (-1, 1) for b in (-1, 1)]
        + [[sx + a * 0.06 * k, b * w * 0.28, sz + 0.03] for a in (-1, 1) for b in (-1, 1)],
        refl=cloth,
    )
    head = [sx + np.sin(lean) * 0.2 * k, 0, sz + 0.17 * k]
    s.ball(head, [0.105 * k, 0.085 * k, 0.13 * k], refl=rng.uniform(0.1, 0.5))
    feet = []
    for side, y in ((1, 0.1 * k), (-1, -0.1 * k)):
        if seat_legs is None:
            fx = hx + side * stride
            knee = [(hx + fx) / 2 + 0.05 * k, y, hz * 0.52]
            foot = [fx, y, 0.05]
        else:
            knee, foot = seat_legs(side, y)
        s.limb([hx, y, hz], knee, 0.095 * k, 0.07 * k, refl=trousers)
        s.limb(knee, foot, 0.07 * k, 0.05 * k, refl=trousers)
        if seat_legs is None:
            s.box(foot[0] - 0.08, foot[0] + 0.17, y - 0.05, y + 0.05, 0, 0.1, refl=0.15)
        feet.append(foot)
        hand = arms(side, sx, sz, w)
        elbow = [(sx + hand[0]) / 2 - 0.05, side * w * 0.56, (sz + hand[2]) / 2 - 0.02]
        s.limb([sx, side * w * 0.47, sz - 0.05], elbow, 0.055 * k, 0.05 * k, refl=cloth)
        s.limb(elbow, hand, 0.05 * k, 0.04 * k, refl=cloth)
    return head[2] + 0.13 * k


# What a label of a person looks like: annotators give people room for arms and stride. Published class means: KITTI .84 x .66 x 1.76,
# nuScenes .73 x .67 x 1.77, Waymo .91 x .86 x 1.74, others up to 1.0 x .8; the drawn convention lies among them.
def pedestrian(rng):
    child = rng.random() < 0.1
    h = rng.uniform(1.0, 1.5) if child else float(np.clip(rng.normal(1.71, 0.09), 1.48, 1.98))
    k = h / 1.75
    s = Shape("pedestrian", np.zeros(3))
    walking = rng.random() < 0.65
    stride = rng.uniform(0.1, 0.36) * k if walking else rng.uniform(-0.06, 0.06)
    swing = rng.uniform(0.05, 0.35) * k if walking else 0
    bent = rng.random() < 0.15
    width = rng.uniform(0.38, 0.52)

    def arms(side, sx, sz, w):
        if bent:
            return [sx + 0.32 * k, side * w * 0.3, sz - 0.25 * k]
        return [sx - side * swing, side * (w * 0.5 + rng.uniform(0.02, 0.1)), sz - 0.52 * k]

    cloth, trousers = rng.uniform(0.06, 0.7), rng.uniform(0.06, 0.5)
    top = _body(s, rng, h, (0, 0.92 * k), rng.uniform(-0.05, 0.15), stride, arms, width, cloth, trousers)
    extra = rng.random()
    if extra < 0.15:
        s.box(-0.36 * k, -0.12 * k, -0.17, 0.17, 1.0 * k, 1.45 * k, refl=rng.uniform(0.05, 0.4))
    elif extra < 0.25:
        y = rng.choice([-1, 1]) * 0.36
        s.box(-0.15, 0.15, y - 0.06, y + 0.06, 0.4, 0.75, refl=rng.uniform(0.05, 0.4))
    elif extra < 0.31:
        s.hull(sym([(0.15, 0.25, 0), (-0.2, 0.28, 0.1), (0.1, 0.25, 0.9 * k), (-0.15, 0.25, 0.9 * k)]), refl=cloth)
    length = np.clip(rng.normal(0.80, 0.10) + 0.35 * abs(stride), 0.45, 1.2) * (0.8 if child else 1)
    wide = np.clip(rng.normal(0.70, 0.07), 0.45, 0.95) * (0.8 if child else 1)
    s.size = np.array([length, wide, top])
    return s.done()


def _cycle(s, rng, reach, r, dark, motor=False):
    """Two wheels and a frame; reach is the half wheelbase."""
    for x in (-reach, reach):
        s.ball([x, 0, r], [r, 0.03 if not motor else 0.08, r], refl=0.15, porous=0.0 if motor else 0.45)
    seat = [-reach * 0.35, 0, 0.95 if not motor else 0.78]
    bar = [reach * 0.62, 0, 1.02]
    if motor:
        s.hull(sym([(reach * 0.7, 0.1, 0.5), (reach * 0.5, 0.14, 0.95), (-reach * 0.2, 0.16, 0.85), (-reach * 0.9, 0.1, 0.8), (-reach * 0.6, 0.15, 0.3), (reach * 0.35, 0.18, 0.28)]), refl=dark)
        s.hull(sym([(reach * 0.75, 0.16, 0.55), (reach * 0.95, 0.12, 0.8), (reach * 0.55, 0.14, 1.15), (reach * 0.6, 0.2, 0.9)]), refl=dark)
    else:
        for a, b in ((seat, [0, 0, 0.3]), ([0, 0, 0.3], bar), (seat, bar), ([-reach, 0, r], [0, 0, 0.3]), ([-reach, 0, r], seat), ([reach, 0, r], bar)):
            s.limb(a, b, 0.025, 0.025, refl=dark, sides=4)
        s.box(seat[0] - 0.14, seat[0] + 0.12, -0.08, 0.08, 0.92, 0.99, refl=0.1)
    s.box(bar[0] - 0.1, bar[0] + 0.03, -0.3 if not motor else -0.38, 0.3 if not motor else 0.38, 1.0, 1.07, refl=0.2)
    return seat, bar


def kick_scooter(rng):
    """Who stands on a kick scooter."""
    s = Shape("cyclist", np.zeros(3))
    half, r, dark = rng.uniform(0.38, 0.48), rng.uniform(0.09, 0.13), rng.uniform(0.08, 0.5)
    for x in (-half, half):
        s.ball([x, 0, r], [r, 0.03, r], refl=0.1)
    s.box(-half, half * 0.7, -0.08, 0.08, 0.08, 0.15, refl=dark)
    bar = [half * 0.72, 0, rng.uniform(0.95, 1.15)]
    s.limb([half, 0, r], bar, 0.03, 0.025, refl=dark, sides=4)
    s.box(bar[0] - 0.04, bar[0] + 0.03, -0.23, 0.23, bar[2] - 0.03, bar[2] + 0.03, refl=0.2)
    h = float(np.clip(rng.normal(1.7, 0.1), 1.35, 1.95))
    stand = -0.1
    top = _body(
        s, rng, h, (stand, 0.92 * h / 1.75 + 0.13), rng.uniform(0.0, 0.2), 0.0, lambda side, sx, sz, w: [bar[0] - 0.03, side * 0.2, bar[2]],
        rng.uniform(0.38, 0.5), rng.uniform(0.06, 0.7), rng.uniform(0.06, 0.5), lambda side, y: ([stand + 0.06, y, 0.6], [stand + side * 0.12, y * 0.5, 0.15]),
    )  # fmt: skip
    s.size = np.array([2 * (half + r) + rng.uniform(-0.02, 0.06), np.clip(rng.normal(0.64, 0.06), 0.5, 0.8), top])
    return s.done()


def cyclist(rng):
    if rng.random() < 0.08:
        return kick_scooter(rng)
    s = Shape("cyclist", np.zeros(3))
    reach, r = rng.uniform(0.48, 0.56), rng.uniform(0.30, 0.36)
    seat, bar = _cycle(s, rng, reach, r, rng.uniform(0.08, 0.5))
    top = 1.1
    if rng.random() < 0.85:
        h = float(np.clip(rng.normal(1.72, 0.09), 1.45, 1.95))
        phase = rng.uniform(0, 2 * np.pi)

        def legs(side, y):
            a = phase + (0 if side > 0 else np.pi)
            foot = [0.05 + 0.17 * np.cos(a), y, 0.3 + 0.17 * np.sin(a)]
            return [0.22 + 0.08 * np.cos(a), y * 1.2, 0.68 + 0.1 * np.sin(a)], foot

        top = _body(s, rng, h, (seat[0], 1.0), rng.uniform(0.15, 0.8), 0, lambda side, sx, sz, w: [bar[0] - 0.05, side * 0.26, 1.08], rng.uniform(0.38, 0.5), rng.uniform(0.06, 0.7), rng.uniform(0.06, 0.5), legs)
        if rng.random() < 0.2:
            s.box(seat[0] - 0.15, seat[0] + 0.05, -0.16, 0.16, 1.15, 1.5, refl=0.15)
    if rng.random() < 0.12:
        s.box(-reach - 0.25, -reach + 0.2, -0.18, 0.18, 0.72, 1.05, refl=0.15)
    s.size = np.array([2 * (reach + r) + rng.uniform(-0.02, 0.06), np.clip(rng.normal(0.66, 0.07), 0.5, 0.85), top])
    return s.done()


def motorcyclist(rng):
    s = Shape("motorcyclist", np.zeros(3))
    reach, r = rng.uniform(0.6, 0.76), rng.uniform(0.24, 0.33)
    seat, bar = _cycle(s, rng, reach, r, rng.uniform(0.06, 0.5), motor=True)
    top = rng.uniform(1.15, 1.35)
    if rng.random() < 0.6:
        h = float(np.clip(rng.normal(1.74, 0.08), 1.5, 1.95))
        top = _body(s, rng, h, (seat[0], 0.88), rng.uniform(0.0, 0.5), 0, lambda side, sx, sz, w: [bar[0] - 0.05, side * 0.32, 1.05], rng.uniform(0.42, 0.55), rng.uniform(0.06, 0.6), rng.uniform(0.06, 0.4), lambda side, y: ([seat[0] + 0.42, y * 2, 0.78], [seat[0] + 0.3, y * 2, 0.35]))
    if rng.random() < 0.25:
        s.box(-reach - 0.35, -reach + 0.05, -0.22, 0.22, 0.8, 1.25, refl=0.15)
    s.size = np.array([2 * (reach + r) + rng.uniform(-0.02, 0.08), np.clip(rng.normal(0.8, 0.08), 0.6, 1.0), top])
    return s.done()


def other(rng):
    k = rng.random()
    s = Shape("other", np.zeros(3))
    if k < 0.25:  # cone
        h, w = rng.uniform(0.5, 1.0), rng.uniform(0.3, 0.42)
        s.hull(sym([(w / 3, w / 3, 0.04), (-w / 3, w / 3, 0.04), (0.03, 0.03, h), (-0.03, 0.03, h)]), refl=0.4)
        s.box(-w / 2, w / 2, -w / 2, w / 2, 0, 0.05, refl=0.2)
        s.size = np.array([w, w, h])
    elif k < 0.45:  # bin
        L, W, H = rng.uniform(0.5, 1.4), rng.uniform(0.5, 1.1), rng.uniform(0.9, 1.4)
        s.hull(sym([(L / 2 * 0.9, W / 2 * 0.9, 0), (-L / 2 * 0.9, W / 2 * 0.9, 0), (L / 2, W / 2, H * 0.9), (-L / 2, W / 2, H)]))
        s.size = np.array([L, W, H])
    elif k < 0.6:  # barrier
        L, W, H = rng.uniform(1.0, 3.0), rng.uniform(0.3, 0.6), rng.uniform(0.7, 1.1)
        s.hull(sym([(L / 2, W / 2, 0), (-L / 2, W / 2, 0), (L / 2, 0.1, H), (-L / 2, 0.1, H)]))
        s.size = np.array([L, W, H])
    elif k < 0.8:  # trailer
        L, W, H = rng.uniform(2.2, 6.5), rng.uniform(1.4, 2.4), rng.uniform(1.0, 2.8)
        s.box(-L / 2, L / 2 - 0.8, -W / 2, W / 2, 0.4, H)
        s.box(L / 2 - 0.9, L / 2, -0.1, 0.1, 0.4, 0.55, refl=0.1)
        for y in (1, -1):
            s.ball([-0.1 * L, y * (W / 2 - 0.1), 0.3], [0.3, 0.1, 0.3], refl=0.07)
        s.size = np.array([L, W, H])
    else:  # cart or pram
        L, W, H = rng.uniform(0.7, 1.1), rng.uniform(0.5, 0.65), rng.uniform(0.95, 1.1)
        s.box(-L / 2 + 0.1, L / 2, -W / 2, W / 2, 0.35, 0.8, porous=rng.uniform(0, 0.5))
        s.limb([-L / 2 + 0.1, -0.2, 0.7], [-L / 2, -0.2, H], 0.03, 0.03)
        s.limb([-L / 2 + 0.1, 0.2, 0.7], [-L / 2, 0.2, H], 0.03, 0.03)
        for x in (L / 2 - 0.15, -L / 2 + 0.2):
            for y in (1, -1):
                s.ball([x, y * W * 0.45, 0.12], [0.12, 0.03, 0.12], refl=0.1)
        s.size = np.array([L, W, H])
    return s.done()


# ------------------------------------------------------------------------------------------------------------ what is not labelled
def wall(rng, length, height, depth=0.3):
    s = Shape("wall", np.array([length, depth, height]))
    s.box(-length / 2, length / 2, -depth / 2, depth / 2, 0, height, refl=rng.uniform(0.15, 0.7))
    return s.done()


def fence(rng, length, height):
    s = Shape("fence", np.array([length, 0.1, height]))
    s.box(-length / 2, length / 2, -0.03, 0.03, 0.05, height, refl=0.4, porous=rng.uniform(0.3, 0.75))
    for x in (-length / 2, 0, length / 2):
        s.box(x - 0.05, x + 0.05, -0.05, 0.05, 0, height + 0.05, refl=0.4)
    return s.done()


def hedge(rng, length, height, depth):
    s = Shape("hedge", np.array([length, depth, height]))
    n = max(2, int(length / 0.9))
    for x in np.linspace(-length / 2 + 0.4, length / 2 - 0.4, n):
        s.ball([x, rng.normal(0, 0.05), height * 0.5], [0.75, depth / 2 * rng.uniform(0.8, 1.15), height * 0.52 * rng.uniform(0.85, 1.12)], refl=0.4, porous=rng.uniform(0.2, 0.6))
    return s.done()


def bush(rng):
    r, h = rng.uniform(0.3, 1.1), rng.uniform(0.5, 2.0)
    s = Shape("bush", np.array([2 * r, 2 * r, h]))
    for _ in range(int(rng.integers(1, 4))):
        s.ball([rng.normal(0, r * 0.3), rng.normal(0, r * 0.3), h * 0.48], [r * rng.uniform(0.6, 1), r * rng.uniform(0.6, 1), h * 0.52], refl=0.4, porous=rng.uniform(0.2, 0.65))
    return s.done()


def tree(rng):
    h, r = rng.uniform(4, 9), rng.uniform(1.2, 3.2)
    t = rng.uniform(0.08, 0.3)
    base = rng.uniform(1.8, 3.2)
    s = Shape("tree", np.array([2 * t, 2 * t, h]))
    s.limb([0, 0, 0], [rng.normal(0, 0.1), rng.normal(0, 0.1), base + 1.2], t, t * 0.7, refl=0.3, sides=8)
    for _ in range(int(rng.integers(2, 5))):
        s.ball([rng.normal(0, r * 0.4), rng.normal(0, r * 0.4), base + (h - base) * rng.uniform(0.35, 0.6)], [r * 0.7, r * 0.7, (h - base) * 0.45], refl=0.4, porous=rng.uniform(0.4, 0.8))
    return s.done()


def pole(rng):
    r, h = rng.uniform(0.03, 0.14), rng.uniform(2.2, 7)
    s = Shape("pole", np.array([2 * r, 2 * r, h]))
    s.limb([0, 0, 0], [0, 0, h], r, r, refl=rng.uniform(0.2, 0.6), sides=8)
    if rng.random() < 0.4:
        w, z = rng.uniform(0.25, 0.5), rng.uniform(2.0, 2.6)
        s.box(-0.03, 0.03, -w, w, z, z + 2 * w, refl=0.9)
    return s.done()


def post(rng):
    r, h = rng.uniform(0.05, 0.15), rng.uniform(0.5, 1.3)
    s = Shape("post", np.array([2 * r, 2 * r, h]))
    s.limb([0, 0, 0], [0, 0, h], r, r, refl=rng.uniform(0.2, 0.6), sides=8)
    return s.done()


def cabinet(rng):
    L, W, H = rng.uniform(0.4, 1.6), rng.uniform(0.3, 0.8), rng.uniform(0.8, 1.6)
    s = Shape("cabinet", np.array([L, W, H]))
    s.box(-L / 2, L / 2, -W / 2, W / 2, 0, H, refl=0.4)
    return s.done()


MAKERS = {"car": car, "pickup": pickup, "van": van, "truck": truck, "bus": bus, "pedestrian": pedestrian, "cyclist": cyclist, "motorcyclist": motorcyclist, "other": other}
CLASSES = ["car", "van", "truck", "bus", "pickup", "pedestrian", "cyclist", "motorcyclist", "other"]


def draw_shapes(rng, scale=1.0):
    """A stock of shapes to place from."""
    counts = {"car": 220, "pickup": 40, "van": 60, "truck": 50, "bus": 30, "pedestrian": 140, "cyclist": 60, "motorcyclist": 40, "other": 50}
    stock = {k: [MAKERS[k](rng) for _ in range(max(2, int(n * scale)))] for k, n in counts.items()}
    stock["tree"] = [tree(rng) for _ in range(20)]
    stock["pole"] = [pole(rng) for _ in range(20)]
    stock["post"] = [post(rng) for _ in range(10)]
    stock["bush"] = [bush(rng) for _ in range(25)]
    stock["cabinet"] = [cabinet(rng) for _ in range(8)]
    return stock
