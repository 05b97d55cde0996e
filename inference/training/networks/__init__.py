"""The two networks. Both see points as (B, N, features) with free places repeating points (mask 0), a vector
of globals, and the convention of the project, class by class (projects/convention.py; zeros: unknown).

Propose: click -> box, in the ray's frame.    Refine: box -> better box, in the box's frame.
"""

from .layers import Layer
from .propose import PROPOSE_GLOBALS, PROPOSE_OUT, Propose, decode_propose, propose_loss
from .prune import pruned, raised
from .refine import REFINE_GLOBALS, REFINE_OUT, Refine, decode_refine, refine_loss, refine_target
from .weights import asked, fold, load, takes_convention
