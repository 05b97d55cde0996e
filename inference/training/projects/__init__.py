"""Simulated projects: what drives there, how their annotators draw, and what a label profile says of that."""

from .asking import Asked, ask, shard_labels
from .convention import (
    CONVENTION,
    REFERENCE,
    SIZE_SCALE,
    convention_of,
    measured_profile,
    profile_of,
    profile_rows,
)
from .drawing import WAY, drawn_boxes, way_draws
from .fleets import Fleet, draw_fleet, usual_fleet
from .returns import outermost_returns

__all__ = [
    "Asked",
    "CONVENTION",
    "Fleet",
    "REFERENCE",
    "SIZE_SCALE",
    "WAY",
    "ask",
    "convention_of",
    "draw_fleet",
    "drawn_boxes",
    "measured_profile",
    "outermost_returns",
    "profile_of",
    "profile_rows",
    "shard_labels",
    "usual_fleet",
    "way_draws",
]
