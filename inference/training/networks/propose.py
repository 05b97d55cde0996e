"""The proposing network: click -> box, in the ray's frame; its loss, and what its answers mean."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from kernels import native
from projects import CONVENTION, SIZE_SCALE

from .layers import WIDE, Attention, Convention, Mixed, fast, rows, stack, top

# Typical sizes (length, width, height) of each class of shapes.CLASSES: where the size starts from.
MEAN_SIZES = [
    [4.3, 1.78, 1.55],
    [5.1, 1.92, 2.05],
    [8.2, 2.45, 3.1],
    [11.0, 2.5, 3.2],
    [5.5, 1.95, 1.9],
    [0.85, 0.72, 1.72],
    [1.75, 0.68, 1.7],
    [2.0, 0.8, 1.5],
    [1.6, 0.9, 1.2],
]
PROPOSE_BLOCKS = 2  # of attention
BINS = 12  # of yaw, over half a turn
PROPOSE_IN, PROPOSE_GLOBALS, PROPOSE_OUT = 7, 20 + native.OCCLUSION_FEATURES[0], 3 + 3 + 2 * BINS + 1 + 9


class Propose(nn.Module):
    bf16 = False
    # Whose features of all points come first in the input of each layer that listens to them.
    HEARD = {"mix.all": ("up",), "convention.guess": ("up",), "head.0": ("shape",)}

    def __init__(self, high=WIDE, best=WIDE, convention=True):
        """high, best: how many features of all points `up` and `shape` give. convention: whether the network
        takes one.
        """
        super().__init__()
        told = CONVENTION[1] if convention else 0
        self.local = stack(PROPOSE_IN, 64, 64)
        self.near = nn.ModuleList(Attention() for _ in range(PROPOSE_BLOCKS))
        self.up = stack(64, 128, high)
        self.convention = Convention(high + PROPOSE_GLOBALS) if convention else None
        self.mix = Mixed(64, high + PROPOSE_GLOBALS + told, 128)
        self.down = stack(128, 64)
        self.seg = nn.Linear(64, 1)
        self.shape = stack(3 + 1 + 64, 128, 128, best)
        self.head = nn.Sequential(
            nn.Linear(best + PROPOSE_GLOBALS + 7 + told, 256),
            nn.ReLU(),
            nn.Linear(256, 128),
            nn.ReLU(),
            nn.Linear(128, PROPOSE_OUT),
        )
        self.register_buffer("sizes", torch.log(torch.tensor(MEAN_SIZES)))

    def forward(self, x, g, c=None):
        """c (B, 9, 14): the convention, for a network that takes one. While training, the logits of the class
        that is guessed to read it come third.
        """
        mask = x[:, :, 7:8]
        a = self.local[0](rows(x[:, :, :7]))
        with fast(self.bf16):
            a = self.local[1](a)
            for block in self.near:
                a = block(a, mask)
            high = top(self.up, a, x.shape[0])
        every = torch.cat([high.float(), g], 1)
        given = g[:, 4:13]
        own, guess = self.convention(every, given, c) if self.convention else (g[:, :0], None)
        with fast(self.bf16):
            deep = self.down(self.mix(a, torch.cat([every, own], 1)))
        h = deep.float()
        seg = self.seg(h).reshape(x.shape[0], -1, 1)
        m = torch.sigmoid(seg)
        mm = m * mask
        p = torch.cat([x[:, :, :2] * 3, x[:, :, 2:3]], 2)
        weight = mm.sum(1) + 0.01
        centre = (p * mm).sum(1) / weight
        d = p - centre.unsqueeze(1)
        # How the points spread seen from above: their main direction (as cosine and sine of twice its angle,
        # times how long it is) and extent.
        dx, dy = d[:, :, 0:1], d[:, :, 1:2]
        xx, yy, xy = ((a * mm).sum(1) / weight for a in (dx * dx, dy * dy, dx * dy))
        both = xx + yy + 0.01
        spread = torch.cat([(xx - yy) / both, 2 * xy / both, torch.log(both)], 1)
        if self.training and self.bf16:  # coordinates in float32, the rest fast
            first = self.shape[0].linear
            near = F.linear(rows(torch.cat([d, m], 2)), first.weight[:, :4], first.bias)
            with fast():
                q = torch.relu_(near.to(torch.bfloat16) + F.linear(deep, first.weight[:, 4:]))
        else:
            q = self.shape[0](torch.cat([rows(d), rows(m), h], 1))
        with fast(self.bf16):
            best = top(self.shape[1:], q, x.shape[0])
        told = PROPOSE_GLOBALS - native.OCCLUSION_FEATURES[0]
        out = self.head(
            torch.cat(
                [best.float(), g[:, :told], centre / 3, torch.log(weight) / 4, spread, g[:, told:], own], 1
            )
        )
        logits = out[:, 7 + 2 * BINS :]
        chance = torch.softmax(logits + 12 * given, 1)
        mean = chance @ self.sizes
        if self.convention:  # mean sizes are those of the project
            mean = mean + SIZE_SCALE * (chance.unsqueeze(1) @ c[:, :, :3]).squeeze(1)
        size = torch.exp(mean + out[:, 3:6].clamp(-2, 2))
        xyz = centre + out[:, :3]
        # box (6): centre x y (from the click), z (over the ground, minus 0.8), size; then yaw bins,
        # residuals, front/back, classes
        answer = torch.cat([xyz, size, out[:, 6:]], 1), seg.squeeze(2)
        return (*answer, guess) if self.training else answer


def propose_loss(out, seg_logits, x, seg, target, cls):
    """target (B, 7): box in the frame, z over the ground."""
    mask = x[:, :, 7]
    bce = F.binary_cross_entropy_with_logits(seg_logits, seg, reduction="none")
    parts = {"seg": ((bce * mask).sum(1) / (mask.sum(1) + 1e-6)).mean()}
    length = target[:, 3:6].clamp(min=0.5)
    z = target[:, 2] - 0.8
    centre = torch.stack([target[:, 0], target[:, 1], z], 1)
    diag = torch.stack([length[:, 0] * 0.5 + 0.5, length[:, 0] * 0.5 + 0.5, length[:, 2]], 1)
    parts["centre"] = F.smooth_l1_loss((out[:, :3] - centre) / diag * 2, torch.zeros_like(centre), beta=0.1)
    parts["size"] = F.smooth_l1_loss(torch.log(out[:, 3:6]), torch.log(target[:, 3:6]), beta=0.08)
    half = torch.remainder(target[:, 6], torch.pi)
    step = torch.pi / BINS
    bin_ = (half / step).floor().long().clamp(0, BINS - 1)
    rest = (half - (bin_ + 0.5) * step) / (step / 2)
    weight = torch.where(target[:, 3] / target[:, 4] > 1.35, 1.0, 0.25)
    parts["bin"] = (F.cross_entropy(out[:, 6 : 6 + BINS], bin_, reduction="none") * weight).mean()
    residual = out[:, 6 + BINS : 6 + 2 * BINS].gather(1, bin_[:, None])[:, 0]
    parts["turn"] = (F.smooth_l1_loss(residual, rest, beta=0.3, reduction="none") * weight).mean()
    front = (torch.remainder(target[:, 6], 2 * torch.pi) < torch.pi).float()
    parts["front"] = F.binary_cross_entropy_with_logits(out[:, 6 + 2 * BINS], front)
    parts["class"] = F.cross_entropy(out[:, 7 + 2 * BINS :], cls)
    k = {"seg": 1.0, "centre": 2.0, "size": 2.0, "bin": 0.8, "turn": 0.8, "front": 0.2, "class": 0.2}
    return sum(k[n] * v for n, v in parts.items()), parts


def decode_propose(out):
    """Numpy rows of the network -> boxes (B, 7) in the frame (z over the ground) and the classes' logits."""
    step = np.pi / BINS
    b = out[:, 6 : 6 + BINS].argmax(1)
    rest = np.clip(out[np.arange(len(out)), 6 + BINS + b], -1.5, 1.5)
    yaw = (b + 0.5) * step + rest * step / 2
    yaw = np.where(out[:, 6 + 2 * BINS] > 0, yaw, yaw + np.pi)
    z = out[:, 2] + 0.8
    return np.column_stack([out[:, 0], out[:, 1], z, out[:, 3:6], yaw]).astype(np.float64)
