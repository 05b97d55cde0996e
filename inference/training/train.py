r"""Trains one of the two networks on simulated shards.

python train.py propose --data out/train --held out/held --out out/propose.pt --minutes 30
python train.py refine  --data out/train --held out/held --out out/refine.pt  --minutes 30 \
    --propose out/propose.pt

A GPU that torch sees is used; the shipped weights were trained without one.
"""

import argparse
import os
import time
from pathlib import Path

import numpy as np
import torch

from kernels import native
from networks import (
    Propose,
    Refine,
    asked,
    decode_propose,
    decode_refine,
    load,
    propose_loss,
    refine_loss,
    refine_target,
    takes_convention,
)
from projects import ask
from questions import (
    CLS,
    COUNT,
    Scans,
    from_frame,
    loose,
    propose_globals,
    questions,
    refine_globals,
    to_frame,
)
from shapes import CLASSES

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def tensor(array):
    return torch.from_numpy(array).to(DEVICE)


def features(scans, picks, q, which, count):
    scan = scans.rows[picks, 0].astype(int)
    return native.features_batch(
        np.ascontiguousarray(scans.points[scan]),
        np.ascontiguousarray(scans.objs[scan]),
        np.ascontiguousarray(scans.starts[scan]),
        scans.rows[picks, 1].astype(np.int32),
        q,
        which,
        count,
    )


def occlusion_features(scans, picks, q, which):
    scan = scans.rows[picks, 0].astype(int)
    return native.occlusion_batch(
        np.ascontiguousarray(scans.points[scan]), np.ascontiguousarray(scans.starts[scan]), q, which
    )


def run_propose(net, scans, picks, q, labels, hint_class, hint_size, count):
    """Boxes (B, 7) in the cloud's coordinates. labels: projects.Asked."""
    x, _, used = features(scans, picks, q, 0, count)
    g = propose_globals(
        q, hint_class, hint_size, labels.truth[:, 3:6], used, occlusion_features(scans, picks, q, 0)
    )
    with torch.no_grad():
        out, _ = net(*asked(net, tensor(x), tensor(g), tensor(labels.convention)))
    boxes = from_frame(q, decode_propose(out.cpu().numpy().astype(np.float64)))
    return np.where(hint_size[:, None] & (np.arange(7) >= 3) & (np.arange(7) < 6), labels.truth, boxes)


def run_refine(net, scans, picks, q, labels, boxes, hint_class, hint_size, count):
    q = q.copy()
    q["box"] = boxes
    x, _, used = features(scans, picks, q, 1, count)
    g = refine_globals(q, hint_class, hint_size, used, occlusion_features(scans, picks, q, 1))
    with torch.no_grad():
        out, _ = net(*asked(net, tensor(x), tensor(g), tensor(labels.convention)))
    out = out.cpu().numpy().astype(np.float64)
    return decode_refine(boxes, out, hint_size), 1 / (1 + np.exp(-out[:, 20])), out[:, 11:20].argmax(1)


def report(scans, picks, truth, boxes, score=None, classes=None, tag=""):
    iou, bev = native.iou_pairs(boxes, truth)
    cls, count = scans.rows[picks, CLS].astype(int), scans.rows[picks, COUNT]
    enough = count >= 20
    text = []
    for c, name in enumerate(CLASSES):
        m = (cls == c) & (enough if c < 5 or c == 8 else count >= 10)
        if m.any():
            limit = 0.7 if c in (0, 4) else 0.5
            text.append(f"{name} {iou[m].mean():.3f} {(iou[m] >= limit).mean():.2f}")
    m = (cls == 0) & enough
    turn = np.abs((boxes[m, 6] - truth[m, 6] + np.pi / 2) % np.pi - np.pi / 2)
    flip = np.abs((boxes[m, 6] - truth[m, 6] + np.pi) % (2 * np.pi) - np.pi) > np.pi / 2
    size = np.abs(boxes[m, 3:6] - truth[m, 3:6]).mean(0)
    extra = f" | car bev {bev[m].mean():.3f} .5/.8 {(iou[m] >= 0.5).mean():.2f}/{(iou[m] >= 0.8).mean():.2f} turn {np.degrees(np.median(turn)):.1f} flip {flip.mean():.2f} size {size.round(2)} z {np.abs(boxes[m, 2] - truth[m, 2]).mean():.3f}"
    if score is not None:
        extra += f" | score error {np.abs(score - iou)[enough].mean():.3f} bias {(score - iou).mean():+.3f}"
    if classes is not None:
        extra += f" class {(classes == cls)[enough].mean():.2f}"
    print(f"{tag}: " + ", ".join(text) + extra, flush=True)
    return iou[m].mean()


class Average:
    """Exponential moving average of the weights (and of the norms' statistics)."""

    def __init__(self, net, decay):
        self.decay, self.state = decay, {k: v.clone() for k, v in net.state_dict().items()}
        self.steps = 0

    def update(self, net):
        self.steps += 1
        d = min(self.decay, self.steps / (self.steps + 20))
        for k, v in net.state_dict().items():
            if v.dtype.is_floating_point:
                self.state[k].lerp_(v, 1 - d)
            else:
                self.state[k].copy_(v)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("stage", choices=["propose", "refine"])
    p.add_argument("--data", required=True)
    p.add_argument("--held", required=True)
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--propose", type=Path)
    p.add_argument("--also", help="another folder of shards, for instance labelled frames (frames.py)")
    p.add_argument("--also-share", type=float, default=0.3, help="its share of the questions")
    p.add_argument("--start", type=Path)
    p.add_argument("--minutes", type=float, default=30)
    p.add_argument("--steps", type=int, help="so many instead: the same on a machine with other work")
    p.add_argument("--held-questions", type=int, default=1000)
    p.add_argument("--batch", type=int, default=128)
    p.add_argument("--points", type=int, default=256)
    p.add_argument(
        "--early-points",
        type=int,
        help="points of a question in the first part of the training; fewer are faster",
    )
    p.add_argument("--early", type=float, default=0.5, help="that part")
    p.add_argument("--rate", type=float, default=2e-3)
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument(
        "--convention",
        choices=["yes", "no"],
        help="whether the network is told the project's; left out: as that of --start, else yes",
    )
    p.add_argument("--compile", action="store_true")
    p.add_argument("--bf16", action="store_true", help="wide layers in bfloat16: for processors that have it")
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    os.environ["OMP_NUM_THREADS"] = str(a.threads)
    torch.manual_seed(a.seed)
    rng = np.random.default_rng(a.seed + 1)
    simulated, held = Scans(a.data), Scans(a.held)
    labelled = Scans(a.also) if a.also else None
    picks_held = held.draw(np.random.default_rng(5), a.held_questions)
    q_held = questions(held, np.random.default_rng(6), picks_held, plain=True)
    labels_held = ask(held, np.random.default_rng(8), picks_held, told=True)
    which = a.stage == "refine"
    knows = a.convention != "no"
    if a.start and not a.convention:
        knows = takes_convention(a.start)
    # One that was trained to know no projects goes on with what is usual.
    drawing = {} if knows or not a.start else {"told": False, "wide": False}
    net = (Refine if which else Propose)(convention=knows).to(DEVICE)
    net.bf16 = a.bf16
    if a.start:
        load(net, a.start)
    average = Average(net, 0.998)
    average.steps = 1000 if a.start else 0
    calm = (Refine if which else Propose)(convention=knows).to(DEVICE)
    first = loose_held = None
    if which:
        first = Propose(convention=knows).to(DEVICE).eval()
        first.bf16 = a.bf16
        ready = a.propose.exists()
        if ready:
            load(first, a.propose)
        loose_held = loose(np.random.default_rng(7), labels_held.truth)
    optimiser = torch.optim.AdamW(net.parameters(), lr=a.rate, weight_decay=0.01)
    forward = torch.compile(net) if a.compile else net
    begin, step, sums, log_at, eval_at, spent = time.time(), 0, {}, 200, 1000, 0.0
    while True:
        part = step / a.steps if a.steps else (time.time() - begin) / (60 * a.minutes)
        if part >= 1:
            break
        count = a.early_points if a.early_points and part < a.early else a.points
        rate = a.rate * min(1, (step + 1) / 100) * (0.5 * (1 + np.cos(np.pi * part)) * 0.99 + 0.01)
        for group in optimiser.param_groups:
            group["lr"] = rate
        net.train()
        at = time.time()
        scans = labelled if labelled and rng.random() < a.also_share else simulated
        picks = scans.draw(rng, a.batch)
        q, hint_class, hint_size = questions(scans, rng, picks)
        labels = ask(scans, rng, picks, **drawing)
        truth, convention = labels.truth, tensor(labels.convention)
        cls = tensor(scans.rows[picks, CLS].astype(np.int64))
        if not which:
            x, seg, used = features(scans, picks, q, 0, count)
            g = propose_globals(
                q, hint_class, hint_size, truth[:, 3:6], used, occlusion_features(scans, picks, q, 0)
            )
            target = tensor(to_frame(q, truth).astype(np.float32))
            x, seg = tensor(x), tensor(seg)
            spent += time.time() - at
            out, seg_logits, guess = forward(*asked(net, x, tensor(g), convention))
            loss, parts = propose_loss(out, seg_logits, x, seg, target, cls)
        else:
            boxes = loose(rng, truth)
            half_ = a.batch // 2
            if not ready:
                half_ = 0
            else:
                boxes[:half_] = run_propose(
                    first,
                    scans,
                    picks[:half_],
                    q[:half_],
                    labels[:half_],
                    hint_class[:half_],
                    hint_size[:half_],
                    count,
                )
            # A drawn box comes without a click, mostly.
            silent = (np.arange(a.batch) >= half_) & (rng.random(a.batch) < 0.8)
            q["n_also"] = np.where(silent, 0, q["n_also"])
            boxes[hint_size, 3:6] = truth[hint_size, 3:6]
            # Some questions start from the network's own answers: later passes.
            again = rng.random(a.batch) < 0.5
            for _ in range(2):
                if step <= 300 and not a.start or not again.any():
                    break
                net.eval()
                boxes[again], _, _ = run_refine(
                    net,
                    scans,
                    picks[again],
                    q[again],
                    labels[again],
                    boxes[again],
                    hint_class[again],
                    hint_size[again],
                    count,
                )
                net.train()
                again &= rng.random(a.batch) < 0.4
            q["box"] = boxes
            x, seg, used = features(scans, picks, q, 1, count)
            g = refine_globals(q, hint_class, hint_size, used, occlusion_features(scans, picks, q, 1))
            target, turn, heading = refine_target(boxes, truth)
            given, _ = native.iou_pairs(boxes, truth)
            weight = tensor(np.where((given > 0.02) & (used > 0), 1.0, 0.0).astype(np.float32))
            half = tensor((boxes[:, [3, 3, 4, 4, 5, 5]] / 2).astype(np.float32))
            x, seg = tensor(x), tensor(seg)
            spent += time.time() - at
            out, seg_logits, guess = forward(*asked(net, x, tensor(g), convention))
            loss, parts = refine_loss(
                out, seg_logits, x, seg, half, tensor(target), tensor(turn), tensor(heading), cls, weight
            )
            answer = decode_refine(boxes, out.detach().cpu().numpy().astype(np.float64), hint_size)
            reached, _ = native.iou_pairs(answer, truth)
            parts["score"] = torch.nn.functional.binary_cross_entropy_with_logits(
                out[:, 20], tensor(np.clip(reached, 0, 1).astype(np.float32))
            )
            loss = loss + 0.3 * parts["score"]
            parts["reached"] = torch.tensor(reached.mean())
        if guess is not None:
            parts["guess"] = torch.nn.functional.cross_entropy(guess, cls)
            loss = loss + 0.1 * parts["guess"]
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        average.update(net)
        step += 1
        for k, v in {**parts, "all": loss}.items():
            sums[k] = sums.get(k, 0) + float(v.detach())
        if step % log_at == 0:
            took = time.time() - begin
            print(
                f"{step} {took:.0f} s ({took / step * 1000:.0f} ms, data {spent / step * 1000:.0f}) rate {rate:.1e} "
                + " ".join(f"{k} {v / log_at:.3f}" for k, v in sums.items()),
                flush=True,
            )
            sums = {}
        if step % eval_at == 0:
            check(a, average, calm, first, held, picks_held, q_held, labels_held, loose_held, step)
            ready = which and a.propose.exists()
    if step % eval_at != 0:
        check(a, average, calm, first, held, picks_held, q_held, labels_held, loose_held, step)


def check(a, average, calm, first, held, picks, questions_, labels, loose_held, step):
    """Writes the weights, and prints how good they are: with the projects' conventions untold and told."""
    calm.load_state_dict(average.state)
    calm.eval()
    part = a.out.with_suffix(".part")
    torch.save(average.state, part)
    part.rename(a.out)
    q, hint_class, hint_size = questions_
    # A new proposer may have come since.
    if first is not None and a.propose.exists():
        load(first, a.propose)
    silent = q.copy()
    silent["n_also"] = 0
    for known, told in ((labels.untold(), ""), (labels, " told")):
        if told and calm.convention is None:
            continue
        proposer = calm if first is None else first
        boxes = run_propose(proposer, held, picks, q, known, hint_class, hint_size, a.points)
        if first is None:
            report(held, picks, labels.truth, boxes, tag=f"held {step}{told}")
            continue
        for name, asked_, start in (("click", q, boxes), ("box", silent, loose_held)):
            for _ in range(2):
                start, score, classes = run_refine(
                    calm, held, picks, asked_, known, start, hint_class, hint_size, a.points
                )
            report(held, picks, labels.truth, start, score, classes, f"held {step} {name}{told}, pass 2")


if __name__ == "__main__":
    main()
