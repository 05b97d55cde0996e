"""What a shape is: a union of convex polyhedra and ellipsoids in its own frame (x forward, z up, 0 at the
floor's centre).
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.spatial import ConvexHull

PAINT = -1.0  # reflectivity to be drawn when the object is placed


@dataclass
class Shape:
    """Primitives as in kernels/raycast.c, before they are placed. `size` is the true extent that a label
    encloses (mirrors excluded).
    """

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
        """Convex hull of points. `glass(normal, offset_point)` tells which faces are windows. `leak` is the
        probability that a ray enters through one, `inner` that it then returns at the window where it would
        leave, `clear` the part of a return that is left after it went through the glass twice.
        """
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
        self.glass.append(
            np.array(
                [0 if not (glass and glass(e)) else 2 if abs(e[0]) > abs(e[1]) else 1 for e in eq], np.uint8
            )
        )
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


def sym(points):
    """Mirror in y."""
    return [q for x, y, z in points for q in ([x, y, z], [x, -y, z])]
