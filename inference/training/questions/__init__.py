"""Simulated scans, and questions about them as the networks get them."""

from .annotators import loose, questions
from .inputs import propose_globals, refine_globals
from .ray_frame import from_frame, to_frame
from .scans import BOX, CLS, COUNT, POINT_SHARE, SCAN, Scans
