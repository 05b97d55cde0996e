"""Simulated projects: what drives there, how their annotators draw, and what a label profile says of that."""

from .asking import ask, shard_labels
from .convention import CONVENTION, REFERENCE, SIZE_SCALE, convention_of, profile_of, profile_rows
from .fleets import draw_fleet, usual_fleet
from .returns import outermost_returns

__all__ = [
    "CONVENTION",
    "REFERENCE",
    "SIZE_SCALE",
    "ask",
    "convention_of",
    "draw_fleet",
    "outermost_returns",
    "profile_of",
    "profile_rows",
    "shard_labels",
    "usual_fleet",
]
