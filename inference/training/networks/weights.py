"""Weights of networks: read from files, put into wider networks, folded for export."""

import torch

from .layers import Layer
from .propose import Propose


def takes_convention(path):
    """Whether the weights in a file are of a network that takes a convention."""
    return "convention.guess.weight" in torch.load(path, map_location="cpu")


def asked(net, x, g, c):
    """The inputs of a network: with the convention if it takes one."""
    return (x, g, c) if net.convention else (x, g)


def load(net, path):
    """Weights from a file, which may be of a narrower network, or of one that takes no convention: what it
    lacks starts so that the answers stay the same (Net2Net, Chen et al. 2016).
    """
    state = torch.load(path, map_location="cpu")
    old, new = state["up.1.linear.weight"].shape[0], net.up[1].linear.out_features
    for k, v in net.state_dict().items():
        if k not in state:  # attention and convention: they add nothing yet
            state[k] = v
        if state[k].shape == v.shape:
            continue
        wider = v.clone() if k.startswith(("up", "shape")) else torch.zeros_like(v)
        if k.startswith(("up", "shape")):  # more features of all points: drawn at random, not listened to yet
            wider[:old] = state[k]
        else:
            # What listens to them: their columns come first, in one block of `wide` for mix, one (propose) or
            # two (refine) for the head.
            blocks = 1 if k.startswith("mix") or isinstance(net, Propose) else 2
            for i in range(blocks):
                wider[:, i * new : i * new + old] = state[k][:, i * old : (i + 1) * old]
            rest = state[k][:, blocks * old :]
            wider[:, blocks * new : blocks * new + rest.shape[1]] = rest
        state[k] = wider
    net.load_state_dict(state)
    return net


def fold(net):
    for m in net.modules():
        if isinstance(m, Layer):
            m.fold()
    return net
