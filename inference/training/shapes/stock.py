"""The shapes that scenes are filled from."""

from .background import bush, cabinet, pole, post, tree
from .cars import car
from .cycles import cyclist, motorcyclist
from .people import pedestrian
from .pickups import pickup
from .small_objects import other
from .trucks import bus, truck
from .vans import van

MAKERS = {
    "car": car,
    "pickup": pickup,
    "van": van,
    "truck": truck,
    "bus": bus,
    "pedestrian": pedestrian,
    "cyclist": cyclist,
    "motorcyclist": motorcyclist,
    "other": other,
}

CLASSES = ["car", "van", "truck", "bus", "pickup", "pedestrian", "cyclist", "motorcyclist", "other"]


def draw_shapes(rng, scale=1.0):
    """A stock of shapes to place from."""
    counts = {
        "car": 220,
        "pickup": 40,
        "van": 60,
        "truck": 50,
        "bus": 30,
        "pedestrian": 140,
        "cyclist": 60,
        "motorcyclist": 40,
        "other": 50,
    }
    stock = {k: [MAKERS[k](rng) for _ in range(max(2, int(n * scale)))] for k, n in counts.items()}
    stock["tree"] = [tree(rng) for _ in range(20)]
    stock["pole"] = [pole(rng) for _ in range(20)]
    stock["post"] = [post(rng) for _ in range(10)]
    stock["bush"] = [bush(rng) for _ in range(25)]
    stock["cabinet"] = [cabinet(rng) for _ in range(8)]
    return stock
