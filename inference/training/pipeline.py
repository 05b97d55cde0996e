"""One question answered as ../network/network.ts does it, in Python: for evaluation and for the stored cases
that tie the two together.
"""

import numpy as np

from kernels import native
from networks import asked, decode_propose, decode_refine
from projects import CONVENTION
from questions import from_frame, propose_globals, refine_globals
from shapes import CLASSES

CONTEXT_METRES = 15.0
GROUND_REUSE = 0.75
TRAINED_POINTS = 192
# ../network/refinement.ts
PASSES = {"firstPoints": 128, "points": 256, "least": 2, "settledMetres": 0.1, "most": 3}


def plane_height(plane, x, y):
    return plane[0] * x + plane[1] * y + plane[2]


def question(click=None, sensor=None, ground=None, clicks=(), others=()):
    q = np.zeros(1, native.QUESTION)
    if click is not None:
        q["click"] = click
    if sensor is not None:
        q["has_sensor"], q["sensor"] = 1, sensor
    if ground is not None:
        q["has_ground"], q["plane"] = 1, ground
    for i, (position, inside) in enumerate(clicks):
        q["also"][0, i] = [*position, float(inside)]
    q["n_also"] = len(clicks)
    for i, box in enumerate(others):
        q["others"][0, i] = box
    q["n_others"] = len(others)
    return q


def second_starts(found, score):
    """../network/low-confidence-retry.ts: what else to start from where the answer to a click is doubtful."""
    if score >= 0.65:
        return []
    if found == "car":
        return ["turned", "truck", "pedestrian"]
    if found in ("van", "truck", "bus", "pickup"):
        return ["car", "turned", "pedestrian"]
    return ["car", "pedestrian", "cyclist"]


BETTER_BY = 0.03


def one_class(name):
    hint = np.zeros((1, len(CLASSES)), np.float32)
    if name is not None:
        hint[0, CLASSES.index(name)] = 1
    return hint


def fit(
    xyz,
    run_propose,
    run_refine,
    click=None,
    box=None,
    sensor=None,
    also=(),
    others=(),
    cls=None,
    size=None,
    convention=None,
    points=256,
    passes=PASSES,
    trace=None,
):
    """The answer of the two networks. `run_*` take (points, globals, convention) arrays and return (out,
    mask). Returns box, class, score, ground or None.

    convention: (9, 14) of the project; left out: unknown. Networks that take none leave it.
    trace: a list that is given every step.
    """
    hint_size = np.array([size is not None])
    given = np.array([size if size is not None else [1, 1, 1]], float)
    clicks = [] if click is None else [(click, True), *also]
    told_convention = np.zeros((1, *CONVENTION), np.float32) if convention is None else convention[None]
    place = np.array((click if box is None else box)[:2], float)
    first_ground = native.ground_fit(xyz, place)

    def note(**step):
        if trace is not None:
            trace.append(step)

    def proposed(told):
        q = question(click, sensor, first_ground, clicks, others)
        x, index = native.features_one(xyz, q, 0, points)
        if len(index) == 0:
            return None
        g = propose_globals(
            q,
            one_class(told),
            hint_size,
            given,
            np.array([min(len(index), TRAINED_POINTS)]),
            native.occlusion_one(xyz, q, 0),
        )
        out, mask = run_propose(x[None], g, told_convention)
        note(ground=first_ground, index=index, points=x, globals=g[0], out=out[0], mask=mask[0])
        return from_frame(q, decode_propose(out.astype(np.float64)))[0]

    def begun(box):
        box = np.array(box, float)
        if size is not None:
            box[3:6] = size
        return {"box": box, "at": place, "ground": first_ground, "passes": 0, "moved": np.inf, "answer": None}

    def passed(state, told):
        """One pass of the refining network; None if no point is near the box."""
        box, at, ground = state["box"], state["at"], state["ground"]
        if np.hypot(*(box[:2] - at)) > GROUND_REUSE:
            at = box[:2].copy()
            again = native.ground_fit(xyz, at)
            ground = ground if again is None else again
        q = question(click, sensor, ground, clicks, others)
        q["box"] = box
        x, index = native.features_one(xyz, q, 1, passes["points" if state["passes"] else "firstPoints"])
        if len(index) == 0:
            return None
        g = refine_globals(
            q,
            one_class(told),
            hint_size,
            np.array([min(len(index), TRAINED_POINTS)]),
            native.occlusion_one(xyz, q, 1),
        )
        out, mask = run_refine(x[None], g, told_convention)
        note(ground=ground, index=index, points=x, globals=g[0], out=out[0], mask=mask[0])
        out = out.astype(np.float64)
        better = decode_refine(box[None], out, hint_size)[0]
        moved = max(np.abs(out[0, :6]).max(), abs(out[0, 6]) * max(box[3:5]) / 2)
        answer = better, CLASSES[int(out[0, 11:20].argmax())], float(1 / (1 + np.exp(-out[0, 20]))), ground
        return {
            "box": better,
            "at": at,
            "ground": ground,
            "passes": state["passes"] + 1,
            "moved": moved,
            "answer": answer,
        }

    def finished(state, told):
        """The answer after all passes; None if there is none."""
        while state["passes"] < passes["most"] and not (
            state["passes"] >= passes["least"] and state["moved"] < passes["settledMetres"]
        ):
            further = passed(state, told)
            if further is None:
                break
            state = further
        return state["answer"]

    def looked_again(first):
        """../network/low-confidence-retry.ts: one pass from each of three other starts; the best goes on if
        it beats the first answer.
        """
        best = None
        for how in second_starts(*first[1:3]):
            x, y, z, length, width, height, yaw = first[0]
            state = passed(
                begun(
                    [x, y, z, width, length, height, yaw + np.pi / 2] if how == "turned" else proposed(how)
                ),
                None,
            )
            if state is not None and state["answer"][2] > (
                first[2] + BETTER_BY if best is None else best["answer"][2]
            ):
                best = state
        other = None if best is None else finished(best, None)
        return other if other is not None and other[2] > first[2] + BETTER_BY else first

    def answered(told):
        start = proposed(told) if box is None else box
        first = None if start is None else finished(begun(start), told)
        return first if first is None or click is None or told is not None else looked_again(first)

    # A class that is told counts where the networks find another one (../network/network.ts): from a click
    # they are asked again, a drawn box stays as it is.
    best = answered(None)
    if best is None:
        return None
    if cls is not None and best[1] != cls and box is None:
        best = answered(cls) or best
    found_box, found, score, ground = best
    found_box[6] = -((-found_box[6] + np.pi) % (2 * np.pi) - np.pi)
    return (
        found_box,
        cls or found,
        score,
        None if ground is None else float(plane_height(ground, found_box[0], found_box[1])),
    )


def torch_runner(net):
    import torch

    def run(x, g, c):
        with torch.no_grad():
            out, mask = net(*asked(net, *(torch.from_numpy(v) for v in (x, g, c))))
        return out.numpy(), mask.numpy()

    return run


def onnx_runner(path, threads=1):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [i.name for i in session.get_inputs()]
    return lambda *told: session.run(["out", "mask"], dict(zip(names, told)))
