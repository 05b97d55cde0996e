"""Procedural shapes of objects.

Sizes come from published dimensions of production vehicles of Europe, the Americas and Asia, and from
anthropometry.
"""

from .background import fence, hedge, wall
from .cars import CARS
from .paints import draw_paint
from .shape import PAINT
from .stock import CLASSES, draw_shapes

__all__ = ["CARS", "CLASSES", "PAINT", "draw_paint", "draw_shapes", "fence", "hedge", "wall"]
