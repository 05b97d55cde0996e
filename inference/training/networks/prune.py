"""Features of all points that are never above zero, taken out of a network: what listens to them hears
nothing, so the answers stay.
"""

import torch
from torch import nn

from .weights import last_layer


def raised(net, batches):
    """Which features of `up` and of `shape` any of the inputs raises above zero: masks by stack."""
    found, hooks = {}, []
    for name, stacks in net.HEARD.items():

        def look(_, told, stacks=stacks):
            at = 0
            for stack in stacks:
                size = net.get_submodule(last_layer(net, stack)).out_features
                above = (told[0][:, at : at + size] > 0).any(0)
                found[stack] = found.get(stack, False) | above
                at += size

        layer = dict(net.named_modules()).get(name)
        if layer is not None:
            hooks.append(layer.register_forward_pre_hook(look))
    with torch.no_grad():
        for told in batches:
            net(*told)
    for hook in hooks:
        hook.remove()
    return found


def pruned(net, kept):
    """The folded network with the features in `kept` (masks by stack) alone; changed in place."""
    for name, stacks in net.HEARD.items():
        layer = dict(net.named_modules()).get(name)
        if layer is not None:
            heard = torch.cat([kept[stack] for stack in stacks])
            rest = torch.ones(layer.in_features - len(heard), dtype=torch.bool)
            layer.weight = nn.Parameter(layer.weight[:, torch.cat([heard, rest])].detach())
            layer.in_features = layer.weight.shape[1]
    for stack, mask in kept.items():
        layer = net.get_submodule(last_layer(net, stack))
        layer.weight = nn.Parameter(layer.weight[mask].detach())
        layer.bias = nn.Parameter(layer.bias[mask].detach())
        layer.out_features = len(layer.bias)
    return net
