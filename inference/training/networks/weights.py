"""Weights of networks: read from files, put into wider networks, folded for export."""

import torch

from .layers import Layer


def last_layer(net, stack):
    """Name of the linear layer that gives the features of all points: of `up` or of `shape`."""
    return f"{stack}.{len(net.get_submodule(stack)) - 1}.linear"


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
    before = {stack: len(state[f"{last_layer(net, stack)}.weight"]) for stack in ("up", "shape")}
    for k, v in net.state_dict().items():
        if k not in state:  # attention and convention: they add nothing yet
            state[k] = v
        if state[k].shape == v.shape:
            continue
        if k.startswith(("up", "shape")):  # more features of all points: drawn at random, not listened to yet
            wider = v.clone()
            wider[: len(state[k])] = state[k]
        else:  # what listens to them
            wider, at, old_at = torch.zeros_like(v), 0, 0
            for stack in net.HEARD[k.removesuffix(".weight")]:
                old, new = before[stack], net.get_submodule(last_layer(net, stack)).out_features
                wider[:, at : at + old] = state[k][:, old_at : old_at + old]
                at, old_at = at + new, old_at + old
            rest = state[k][:, old_at:]
            wider[:, at : at + rest.shape[1]] = rest
        state[k] = wider
    net.load_state_dict(state)
    return net


def fold(net):
    for m in net.modules():
        if isinstance(m, Layer):
            m.fold()
    return net
