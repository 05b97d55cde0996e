"""The refining network: box -> better box, in the box's frame; its loss, and what its answers mean."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from kernels import native
from projects import CONVENTION

from .layers import WIDE, Attention, Convention, Mixed, fast, rows, stack, top

REFINE_IN, REFINE_GLOBALS, REFINE_OUT = 13, 21 + native.OCCLUSION_FEATURES[1], 6 + 6 + 1 + 4 + 9 + 1


class Refine(nn.Module):
    bf16 = False
    HEARD = {"mix.all": ("up",), "convention.guess": ("up",), "head.0": ("shape", "up")}

    def __init__(self, high=WIDE, best=WIDE, convention=True):
        """As Propose.__init__."""
        super().__init__()
        told = CONVENTION[1] if convention else 0
        self.local = stack(REFINE_IN, 64, 64)
        self.near = Attention()
        self.up = stack(64, 128, high)
        self.convention = Convention(high + REFINE_GLOBALS) if convention else None
        self.mix = Mixed(64, high + REFINE_GLOBALS + told, 128)
        self.down = stack(128, 64)
        self.seg = nn.Linear(64, 7)
        self.shape = stack(1 + 64 + 64, 128, best)
        self.head = nn.Sequential(
            nn.Linear(best + high + REFINE_GLOBALS + 7 + told, 256),
            nn.ReLU(),
            nn.Linear(256, 128),
            nn.ReLU(),
            nn.Linear(128, REFINE_OUT),
        )

    def forward(self, x, g, c=None):
        """As Propose.forward."""
        mask = x[:, :, 12:13]
        a = self.local[0](rows(torch.cat([x[:, :, :12], x[:, :, 13:14]], 2)))
        with fast(self.bf16):
            a = self.near(self.local[1](a), mask)
            high = top(self.up, a, x.shape[0])
        every = torch.cat([high.float(), g], 1)
        own, guess = self.convention(every, g[:, 9:18], c) if self.convention else (g[:, :0], None)
        with fast(self.bf16):
            deep = self.down(self.mix(a, torch.cat([every, own], 1)))
        h = deep.float()
        both = self.seg(h).reshape(x.shape[0], -1, 7)
        seg = both[:, :, :1]
        m = torch.sigmoid(seg)
        # Where each face seems to be: an average of the points' distances to it, weighted by what the network
        # picks.
        pick = torch.softmax(both[:, :, 1:] + F.logsigmoid(seg) + (mask - 1) * 30, 1)
        face = (pick * x[:, :, 3:9]).sum(1)
        with fast(self.bf16):
            best = top(self.shape, torch.cat([rows(m).to(a.dtype), a, deep], 1), x.shape[0])
        weight = (m * mask).sum(1)
        told = REFINE_GLOBALS - native.OCCLUSION_FEATURES[1]
        out = self.head(
            torch.cat(
                [
                    best.float(),
                    high.float(),
                    g[:, :told],
                    face,
                    torch.log(weight + 0.1) / 4,
                    g[:, told:],
                    own,
                ],
                1,
            )
        )
        offsets = out[:, 6:12] - torch.sigmoid(out[:, :6]) * face
        turn = 0.8 * torch.tanh(out[:, 12:13])
        # offsets (6) of the faces +x -x +y -y +z -z outward, turn (1), heading (4), classes (9), score (1)
        answer = torch.cat([offsets, turn, out[:, 13:]], 1), seg.squeeze(2)
        return (*answer, guess) if self.training else answer


def refine_target(boxes, truth):
    """Offsets of the faces, turn and heading that take `boxes` to `truth` (numpy, (B, 7) each)."""
    relative = truth[:, 6] - boxes[:, 6]
    heading = np.round(relative / (np.pi / 2)).astype(int)
    turn = relative - heading * (np.pi / 2)
    heading = heading % 4
    dx, dy = truth[:, 0] - boxes[:, 0], truth[:, 1] - boxes[:, 1]
    a = boxes[:, 6] + turn
    u, v = dx * np.cos(a) + dy * np.sin(a), dy * np.cos(a) - dx * np.sin(a)
    odd = heading % 2 == 1
    ex, ey = np.where(odd, truth[:, 4], truth[:, 3]) / 2, np.where(odd, truth[:, 3], truth[:, 4]) / 2
    hz, dz = truth[:, 5] / 2, truth[:, 2] - boxes[:, 2]
    faces = np.column_stack([u + ex, ex - u, v + ey, ey - v, dz + hz, hz - dz])
    half = boxes[:, [3, 3, 4, 4, 5, 5]] / 2
    return (faces - half).astype(np.float32), turn.astype(np.float32), heading.astype(np.int64)


def decode_refine(boxes, out, keep_size=None):
    """Boxes (B, 7) and network rows -> better boxes. keep_size (B,) bool: the caller states the size."""
    half = boxes[:, [3, 3, 4, 4, 5, 5]] / 2
    f = half + out[:, :6]
    u, v, w = (f[:, 0] - f[:, 1]) / 2, (f[:, 2] - f[:, 3]) / 2, (f[:, 4] - f[:, 5]) / 2
    ex, ey, ez = f[:, 0] + f[:, 1], f[:, 2] + f[:, 3], f[:, 4] + f[:, 5]
    heading = out[:, 7:11].argmax(1)
    a = boxes[:, 6] + out[:, 6]
    odd = heading % 2 == 1
    size = np.column_stack([np.where(odd, ey, ex), np.where(odd, ex, ey), ez]).clip(0.1, 40)
    if keep_size is not None:
        size = np.where(keep_size[:, None], boxes[:, 3:6], size)
    c, s = np.cos(a), np.sin(a)
    return np.column_stack(
        [
            boxes[:, 0] + u * c - v * s,
            boxes[:, 1] + u * s + v * c,
            boxes[:, 2] + w,
            size,
            a + heading * np.pi / 2,
        ]
    ).astype(np.float64)


def refine_loss(out, seg_logits, x, seg, half, target, turn, heading, cls, weight):
    """half (B, 6): half sizes of the given boxes, target (B, 6): offsets. weight (B,): 1, or 0 where the
    question is hopeless.
    """
    mask = x[:, :, 12]
    bce = F.binary_cross_entropy_with_logits(seg_logits, seg, reduction="none")
    parts = {"seg": ((bce * mask).sum(1) / (mask.sum(1) + 1e-6)).mean()}
    size = (half + target)[:, 0::2] + (half + target)[:, 1::2]
    scale = size.repeat_interleave(2, 1).clamp(min=0.4)
    parts["face"] = (
        F.smooth_l1_loss(
            (out[:, :6] - target) / scale, torch.zeros_like(target), beta=0.03, reduction="none"
        ).mean(1)
        * weight
    ).mean()
    # Overlap of the two boxes as if they were turned alike.
    a, b = half + out[:, :6], half + target
    both = torch.minimum(a, b)
    cut = (both[:, 0::2] + both[:, 1::2]).clamp(min=0.0).prod(1)
    va = (a[:, 0::2] + a[:, 1::2]).clamp(min=0.05).prod(1)
    vb = (b[:, 0::2] + b[:, 1::2]).prod(1)
    parts["iou"] = ((1 - cut / (va + vb - cut)) * weight).mean()
    long_ = torch.where(
        torch.maximum(size[:, 0], size[:, 1]) / torch.minimum(size[:, 0], size[:, 1]) > 1.35, 1.0, 0.2
    )
    parts["turn"] = (F.smooth_l1_loss(out[:, 6], turn, beta=0.05, reduction="none") * weight * long_).mean()
    parts["heading"] = (F.cross_entropy(out[:, 7:11], heading, reduction="none") * weight * long_).mean()
    parts["class"] = F.cross_entropy(out[:, 11:20], cls)
    k = {"seg": 0.5, "face": 4.0, "iou": 1.0, "turn": 2.0, "heading": 0.25, "class": 0.1}
    return sum(k[n] * v for n, v in parts.items()), parts
