"""Exported weights back into a checkpoint that training can go on from: python resume.py --model ../model
--data out/train --out out/start

Export folds the norms into the linear layers. Here each norm is put back with the statistics that its layer
has on simulated questions, and with the scale and shift that undo it: the network answers as before, and
trains on like one that was never exported.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from networks import Layer, Propose, Refine, asked
from projects import ask
from questions import Scans, loose, propose_globals, questions, refine_globals
from train import features, occlusion_features

NAMES = {"propose": Propose, "refine": Refine}


def widths(path):
    """How many features of all points an exported network has: of `up` and of `shape`."""
    sizes = {i.name: i.dims[0] for i in onnx.load(str(path)).graph.initializer}
    last = "shape.2" if "shape.2.linear.bias" in sizes else "shape.1"
    return sizes["up.1.linear.bias"], sizes[f"{last}.linear.bias"]


def knows(path):
    """Whether an exported network takes a convention."""
    return any(i.name == "convention" for i in onnx.load(str(path)).graph.input)


def folded(net, path):
    """`net` without norms, with the weights of an exported file. MatMul weights lost their names: they come
    in the order of the layers.
    """
    graph = onnx.load(str(path)).graph
    known = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    known |= {
        n.output[0]: numpy_helper.to_array(n.attribute[0].t) for n in graph.node if n.op_type == "Constant"
    }
    matmuls = [
        known[i]
        for n in graph.node
        if n.op_type == "MatMul"
        for i in n.input
        if i in known and i.startswith("onnx::")
    ]
    layers = [(name, m) for name, m in net.named_modules() if isinstance(m, torch.nn.Linear)]
    if not any(
        n.op_type == "LayerNormalization" for n in graph.node
    ):  # exported before there was attention: it adds nothing
        layers = [(name, m) for name, m in layers if not name.startswith("near.")]
    for name, m in net.named_modules():
        if isinstance(m, Layer):
            m.norm = None
    with torch.no_grad():
        for name, m in layers:
            weight = known.get(f"{name}.weight")
            if weight is None:
                weight = matmuls.pop(0).T
            assert weight.shape == tuple(m.weight.shape), (name, weight.shape, m.weight.shape)
            m.weight.copy_(torch.from_numpy(weight.copy()))
            if m.bias is not None:
                m.bias.copy_(torch.from_numpy(known[f"{name}.bias"].copy()))
        norms = [m for m in net.modules() if isinstance(m, torch.nn.LayerNorm)]
        for m, node in zip(norms, (n for n in graph.node if n.op_type == "LayerNormalization")):
            m.weight.copy_(torch.from_numpy(known[node.input[1]].copy()))
            m.bias.copy_(torch.from_numpy(known[node.input[2]].copy()))
    assert not matmuls
    return net.eval()


def simulated(scans, which, count):
    """`count` batches of inputs: simulated questions to the proposing network (0), or loose boxes for the
    refining one (1).
    """
    rng = np.random.default_rng(3)
    for _ in range(count):
        picks = scans.draw(rng, 64)
        q, hint_class, hint_size = questions(scans, rng, picks)
        labels = ask(scans, rng, picks)
        truth = labels.truth
        if which:
            q["box"] = loose(rng, truth)
        x, _, used = features(scans, picks, q, which, 192)
        g = (
            refine_globals(q, hint_class, hint_size, used, occlusion_features(scans, picks, q, 1))
            if which
            else propose_globals(
                q, hint_class, hint_size, truth[:, 3:6], used, occlusion_features(scans, picks, q, 0)
            )
        )
        yield [torch.from_numpy(v) for v in (x, g, labels.convention)]


def unfold(net, batches):
    """Puts the norms back; `batches` yields the inputs."""
    seen, hooks = {}, []
    for name, m in net.named_modules():
        if isinstance(m, Layer) and m.linear.out_features <= 64:
            seen[name] = [0, 0.0, 0.0]

            def hook(_, __, out, s=seen[name]):
                flat = out.reshape(-1, out.shape[-1]).double()
                s[0] += len(flat)
                s[1] = s[1] + flat.sum(0)
                s[2] = s[2] + (flat**2).sum(0)

            hooks.append(m.linear.register_forward_hook(hook))
    with torch.no_grad():
        for told in batches:
            net(*told)
    for h in hooks:
        h.remove()
    for name, (n, total, squares) in seen.items():
        m = net.get_submodule(name)
        mean, var = total / n, squares / n - (total / n) ** 2
        m.norm = torch.nn.BatchNorm1d(m.linear.out_features, momentum=0.02)
        m.norm.running_mean.copy_(mean)
        m.norm.running_var.copy_(var)
        with torch.no_grad():
            m.norm.weight.copy_(torch.sqrt(var + m.norm.eps))
            m.norm.bias.copy_(mean)
    return net


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--model", type=Path, default=Path(__file__).parent.parent / "model")
    p.add_argument("--data", required=True)
    p.add_argument("--out", type=Path, required=True)
    a = p.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    scans = Scans(a.data, limit=4)
    for which, (name, kind) in enumerate(NAMES.items()):
        batches = list(simulated(scans, which, 24))
        file = a.model / f"{name}.onnx"
        net = folded(kind(*widths(file), knows(file)), file)
        batches = [asked(net, *told) for told in batches]
        with torch.no_grad():
            before = net(*batches[0])[0]
            unfold(net, batches)
            after = net.eval()(*batches[0])[0]
        print(f"{name}: largest difference {float((before - after).abs().max()):.1e}")
        torch.save(net.state_dict(), a.out / f"{name}.pt")


if __name__ == "__main__":
    main()
