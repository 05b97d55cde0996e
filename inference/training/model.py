"""The two networks. Both see points as (B, N, features) with free places repeating points (mask 0), a vector
of globals, and the convention of the project, class by class (projects/convention.py; zeros: unknown).

Between their layers the points of all questions are the rows of one matrix: ONNX Runtime adds a bias and
applies ReLU within the product of two matrices, but not within that of higher tensors.

Propose: click -> box, in the ray's frame.    Refine: box -> better box, in the box's frame.
"""

import torch
from torch import nn
from torch.nn import functional as F

import native
from projects import CONVENTION, SIZE_SCALE

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
WIDE = 384  # features of all points together
PROPOSE_BLOCKS = 2  # of attention
BINS = 12  # of yaw, over half a turn
PROPOSE_IN, PROPOSE_GLOBALS, PROPOSE_OUT = 7, 20 + native.OCCLUSION_FEATURES[0], 3 + 3 + 2 * BINS + 1 + 9
REFINE_IN, REFINE_GLOBALS, REFINE_OUT = 13, 21 + native.OCCLUSION_FEATURES[1], 6 + 6 + 1 + 4 + 9 + 1


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


class Propose(nn.Module):
    bf16 = False

    def __init__(self, wide=WIDE, convention=True):
        """convention: whether the network takes one."""
        super().__init__()
        told = CONVENTION[1] if convention else 0
        self.local = stack(PROPOSE_IN, 64, 64)
        self.near = nn.ModuleList(Attention() for _ in range(PROPOSE_BLOCKS))
        self.up = stack(64, 128, wide)
        self.convention = Convention(wide + PROPOSE_GLOBALS) if convention else None
        self.mix = Mixed(64, wide + PROPOSE_GLOBALS + told, 128)
        self.down = stack(128, 64)
        self.seg = nn.Linear(64, 1)
        self.shape = stack(3 + 1 + 64, 128, 128, wide)
        self.head = nn.Sequential(
            nn.Linear(wide + PROPOSE_GLOBALS + 7 + told, 256),
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


class Refine(nn.Module):
    bf16 = False

    def __init__(self, wide=WIDE, convention=True):
        """convention: whether the network takes one."""
        super().__init__()
        told = CONVENTION[1] if convention else 0
        self.local = stack(REFINE_IN, 64, 64)
        self.near = Attention()
        self.up = stack(64, 128, wide)
        self.convention = Convention(wide + REFINE_GLOBALS) if convention else None
        self.mix = Mixed(64, wide + REFINE_GLOBALS + told, 128)
        self.down = stack(128, 64)
        self.seg = nn.Linear(64, 7)
        self.shape = stack(1 + 64 + 64, 128, wide)
        self.head = nn.Sequential(
            nn.Linear(2 * wide + REFINE_GLOBALS + 7 + told, 256),
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
    import numpy as np

    step = np.pi / BINS
    b = out[:, 6 : 6 + BINS].argmax(1)
    rest = np.clip(out[np.arange(len(out)), 6 + BINS + b], -1.5, 1.5)
    yaw = (b + 0.5) * step + rest * step / 2
    yaw = np.where(out[:, 6 + 2 * BINS] > 0, yaw, yaw + np.pi)
    z = out[:, 2] + 0.8
    return np.column_stack([out[:, 0], out[:, 1], z, out[:, 3:6], yaw]).astype(np.float64)


def refine_target(boxes, truth):
    """Offsets of the faces, turn and heading that take `boxes` to `truth` (numpy, (B, 7) each)."""
    import numpy as np

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
    import numpy as np

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
