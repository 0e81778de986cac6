"""Combinators around SGD, worked by hand; COMPOSED has the rules by name.

Each working line names the values of one quantity at t = 1, 2, ...; a line above says what they are.
"""

from __future__ import annotations

from driftproof.theory.combinators import cautious, clip_by_norm, clip_by_value, ema, lookahead, unscale

from .worked_case import Case

CAUTIOUS = "Liang et al. 2024, Algorithm 1"
LOOKAHEAD = "Zhang et al. 2019, Algorithm 1"
EMA = "Polyak & Juditsky 1992, with exponential weights"
PASCANU = "Pascanu, Mikolov & Bengio 2013, Algorithm 1"
TORCH_CLIP = "torch.nn.utils.clip_grad_norm_"
VALUE = "Pascanu, Mikolov & Bengio 2013, entry by entry"
SCALED = "Micikevicius et al. 2018, Section 3.2"

COMPOSED = {
    "cautious_sgd": ("sgd@momentum=ema", cautious()),
    "lookahead_sgd": ("sgd", lookahead()),
    "ema_sgd": ("sgd", ema()),
    "norm_clipped_sgd": ("sgd", clip_by_norm()),
    "torch_clipped_sgd": ("sgd", clip_by_norm(form="torch")),
    "value_clipped_sgd": ("sgd", clip_by_value()),
    "unscaled_sgd": ("sgd", unscale()),
}
"""A RULE string and the combinator around it, by the name that the cases use."""

# fmt: off
CASES = (
    # b = mu b + (1 - mu) g (at first g), mask = 1 where b g > 0, share = mean of mask, at least 1/1000; theta' = theta
    # - eta b mask/share.
    # b: (3, -6, 1); (-1, -3, 4/3); (-1/3, -5/3, 5/9); (-8/9, -1/9, 46/27). mask: (1, 1, 1); (1, 0, 1); (0, 0, 0); (1,
    # 0, 1). share: 1; 2/3; 1/1000; 2/3.
    Case(
        "cautious_sgd",
        {"eta": "1/2", "mu": "2/3"},
        "1,2,-1", "3,-6,1 -9,3,2 1,1,-1 -2,3,4", "-1/2,5,-3/2 1/4,5,-5/2 1/4,5,-5/2 11/12,5,-34/9", CAUTIOUS, (3,),
    ),
    # b: (3, -6); (5/4, -13/4). mask: (1, 1); (0, 0). share: 1; 1/1000.
    Case("cautious_sgd", {"eta": "1/2", "mu": "3/4"}, "10,-10", "3,-6 -4,5", "17/2,-7 17/2,-7", CAUTIOUS, (2,)),
    # Fast steps of SGD; at t = 2 and 4 slow' = slow + share (fast - slow), and fast starts again from there.
    # slow: 1; 2/3; 2/3; 2/45; 2/45.
    Case(
        "lookahead_sgd",
        {"eta": "1/2 1/4 1/3 1/5", "every": "2", "share": "1/3"},
        "1", "3 -2 5 1 -4", "-1/2 2/3 -1 2/45 38/45", LOOKAHEAD,
    ),
    # slow: 2; 2; 19/8; 19/8.
    Case(
        "lookahead_sgd",
        {"eta": "1/2", "every": "3", "share": "3/4"},
        "2", "1 1 -3 2", "3/2 1 19/8 11/8", LOOKAHEAD,
    ),
    # averaged' = beta_ema averaged + (1 - beta_ema) theta', from theta at the start.
    Case(
        "ema_sgd",
        {"eta": "1/2", "beta_ema": "2/3"},
        "1", "3 -2 4", "-1/2 1/2 -3/2", EMA, outputs={"averaged": "1/2 1/2 -1/6"},
    ),
    # factor = c/max(c, norm).
    # norm: 5; 1; 10. factor: 2/5; 1; 1/5.
    Case(
        "norm_clipped_sgd",
        {"eta": "1/2", "c": "2"},
        "1,-1", "3,4 -3/5,4/5 -8,6", "2/5,-9/5 7/10,-11/5 3/2,-14/5", PASCANU, (2,),
    ),
    # factor = min(1, c/(norm + 10^-6)).
    # norm: 5; 1; 10. factor: 2000000/5000001; 1; 2000000/10000001.
    Case(
        "torch_clipped_sgd",
        {"eta": "1/2", "c": "2"},
        "1,-1", "3,4 -3/5,4/5 -8,6",
        "666667/1666667,-9000001/5000001 11666671/16666670,-55000007/25000005 "
        "250000081666671/166666716666670,-700000155000007/250000075000005",
        TORCH_CLIP, (2,),
    ),
    # Each entry cut to [-c, c].
    # clipped: 2; -1; -2.
    Case("value_clipped_sgd", {"eta": "1/2", "c": "2"}, "1", "3 -1 -5", "0 1/2 3/2", VALUE),
    # g/scale.
    # unscaled: 3/8; -5/2; 1.
    Case("unscaled_sgd", {"eta": "1/2", "scale": "8"}, "1", "3 -20 8", "13/16 33/16 25/16", SCALED),
)
# fmt: on
