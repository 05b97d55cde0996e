"""Scenes to cast: places full of neighbours and of things that hide them.

A scene is built on flat ground, cast, and then sheared over a gently curved terrain.
"""

from .places import draw_scene
from .rectangles import corners, separate
from .roadside import people, roadside
from .scene import Scene
from .terrain import Terrain
from .traffic import parked

__all__ = ["Scene", "Terrain", "corners", "draw_scene", "parked", "people", "roadside", "separate"]
