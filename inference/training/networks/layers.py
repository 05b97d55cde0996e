"""Layers of both networks.

The points of all questions are the rows of one matrix: ONNX Runtime adds a bias and applies ReLU within the
product of two matrices, but not within that of higher tensors.
"""

import torch
from torch import nn
from torch.nn import functional as F

from kernels import native
from projects import CONVENTION

WIDE = 384  # features of all points together


class Layer(nn.Module):
    """Linear, batch norm, ReLU on rows. fold() turns it into one linear for export."""

    def __init__(self, n_in, n_out):
        super().__init__()
        self.linear = nn.Linear(n_in, n_out)
        # The wide layers would cost the most and gain the least from a norm.
        self.norm = nn.BatchNorm1d(n_out, momentum=0.02) if n_out <= 64 else None

    def forward(self, x):
        y = self.linear(x)
        if self.norm is not None:
            y = self.norm(y)
        return torch.relu_(y)

    def fold(self):
        if self.norm is None:
            return
        k = self.norm.weight / torch.sqrt(self.norm.running_var + self.norm.eps)
        with torch.no_grad():
            self.linear.weight.mul_(k[:, None])
            self.linear.bias.copy_((self.linear.bias - self.norm.running_mean) * k + self.norm.bias)
        self.norm = None


def fast(enabled=True):
    """Where the wide layers run in bfloat16 while training (processors with AVX-512 BF16 or AMX: 2.5 times as
    fast). Coordinates, heads and everything that is exported stay in float32.
    """
    return torch.autocast("cuda" if torch.cuda.is_available() else "cpu", torch.bfloat16, enabled=enabled)


def rows(x):
    """(B, N, features) -> (B * N, features)"""
    return x.reshape(-1, x.shape[2])


def stack(*sizes):
    return nn.Sequential(*[Layer(a, b) for a, b in zip(sizes, sizes[1:])])


class _TopOfLinear(torch.autograd.Function):
    """relu(max over points of linear(x)), with a backward that only follows the points which gave the maxima:
    a third of the cost of the dense one.
    """

    @staticmethod
    def forward(ctx, x, weight, bias):
        y = F.linear(x, weight)
        best, at = native.column_max(y) if y.dtype == torch.bfloat16 and y.device.type == "cpu" else y.max(1)
        out = torch.relu(best.float() + bias)
        ctx.save_for_backward(x, weight, at, out)
        return out

    @staticmethod
    def backward(ctx, grad):
        x, weight, at, out = ctx.saved_tensors
        b, n, k = x.shape
        grad = grad * (out > 0)
        rows = (at + n * torch.arange(b, device=at.device)[:, None]).reshape(-1)
        picked = x.reshape(b * n, k).index_select(0, rows).view(b, -1, k)
        g = grad.to(x.dtype)
        d_weight = torch.bmm(g.t().unsqueeze(1), picked.transpose(0, 1)).squeeze(1).float()
        d_x = (
            torch.zeros_like(x)
            .view(b * n, k)
            .index_add_(0, rows, (g.unsqueeze(2) * weight.unsqueeze(0)).reshape(-1, k))
        )
        return d_x.view(b, n, k), d_weight.to(weight.dtype), grad.sum(0)


def top(layers, x, batch):
    """The maximum of a stack's last layer over all points of a question: rows -> (B, features).

    The bias and ReLU do not change which point is the highest, so they come after the maximum. Features are
    the rows of the product because ONNX Runtime takes a maximum along rows some eight times as fast as across
    them.
    """
    x = layers[:-1](x)
    x = x.reshape(batch, -1, x.shape[-1])
    last = layers[-1]
    assert last.norm is None
    weight, bias = last.linear.weight, last.linear.bias
    if last.training and x.requires_grad:
        return _TopOfLinear.apply(x, weight.to(x.dtype), bias)
    return torch.relu((weight @ x.transpose(1, 2)).amax(2) + bias)


class Mixed(nn.Module):
    """A layer on each point's features beside one vector for all points of a question, without repeating that
    vector.
    """

    def __init__(self, n_point, n_all, n_out):
        super().__init__()
        self.point = nn.Linear(n_point, n_out, bias=False)
        self.all = nn.Linear(n_all, n_out)

    def forward(self, x, g):
        point = self.point(x)
        return torch.relu_(point.reshape(g.shape[0], -1, point.shape[1]) + self.all(g).unsqueeze(1)).reshape(point.shape)


class Norm(nn.LayerNorm):
    """Layer normalization that takes bfloat16 too: it counts in float32. Older versions of torch refuse an
    input of another type than the weights have.
    """

    def forward(self, x):
        return super().forward(x) if x.dtype == torch.float32 else super().forward(x.float()).to(x.dtype)


class Attention(nn.Module):
    """Points look at each other: one block of self-attention and a layer on each point, both added to what is
    there (pre-norm; Vaswani et al. 2017, Xiong et al. 2020).

    Adds nothing at first, so that it may be put into a trained network.
    """

    def __init__(self, width=64, heads=2):
        super().__init__()
        self.heads = heads
        self.before, self.between = Norm(width), Norm(width)
        self.ask, self.answer = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        for last in (self.answer, self.narrow):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)

    def forward(self, x, mask):
        """x (rows, width), mask (B, N, 1): points with 0 are not looked at."""
        (b, n), w = mask.shape[:2], x.shape[1]
        q, k, v = (
            self.ask(self.before(x))
            .view(b, n, 3, self.heads, w // self.heads)
            .permute(2, 0, 3, 1, 4)
            .unbind(0)
        )
        away = ((mask - 1) * 30).to(q.dtype).view(b, 1, 1, n)
        seen = torch.softmax((q * (w // self.heads) ** -0.5) @ k.transpose(2, 3) + away, 3) @ v
        x = x + self.answer(seen.transpose(1, 2).reshape(-1, w))
        return x + self.narrow(torch.relu(self.wide(self.between(x))))


class Convention(nn.Module):
    """Picks of a project's convention what it says of the class that the object seems to have.

    Nobody has told the class yet where it matters: it is guessed from the first features of all points,
    before these are mixed into each point's. So the convention steers which points count and every head, for
    the price of two small products a question.
    """

    def __init__(self, n_all):
        super().__init__()
        self.guess = nn.Linear(n_all, CONVENTION[0])

    def forward(self, every, given, convention):
        """every (B, n_all), given (B, classes) one-hot or zeros -> (B, 14), logits of the guess."""
        logits = self.guess(every)
        chance = torch.softmax(logits + 12 * given, 1)
        return (chance.unsqueeze(1) @ convention).squeeze(1), logits
