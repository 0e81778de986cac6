"""SGD with momentum, ASGD, Lion, signSGD, Signum and Rprop, worked by hand.

Each working line names the values of one quantity at t = 1, 2, ...; a line above says what they are.
"""

from __future__ import annotations

from .worked_case import Case

LION = "Chen et al. 2023, Algorithm 2"
MOMENTUM = "Polyak 1964, Eq. (9)"
NESTEROV = "Sutskever et al. 2013, Eqs. (1)-(4)"
ASGD = "Polyak & Juditsky 1992; step sizes of torch"
RPROP = "Riedmiller & Braun 1993, without taking a step back (Rprop-)"
KERAS = "Sutskever et al. 2013, Eqs. (1)-(4), the first step as in Keras"
SIGNSGD = "Bernstein et al. 2018, Algorithm 1"
SIGNUM = "Bernstein et al. 2018, Algorithm 2, with decoupled decay"
SGDW = "Loshchilov & Hutter 2019, Algorithm 1, the step size outside the buffer (timm)"
SGDP = "Heo et al. 2021, the authors' code of SGDP"

SIGNS = {"eta": "1/10", "beta1": "2/3", "beta2": "1/2", "lambda": "1/5"}
AVERAGE = {"eta": "1/2", "mu": "1/3"}

# fmt: off
CASES = (
    # b: 3 (the first is g itself); 1 - 4 = -3; -1 + 6 = 5.
    Case("sgd@momentum=ema", AVERAGE, "1", "3 -6 9", "-1/2 1 -3/2", MOMENTUM),
    # b: 2; 2/3 - 4 = -10/3; -10/9 + 6 = 44/9.
    Case("sgd@momentum=ema,first=damped", AVERAGE, "1", "3 -6 9", "0 5/3 -7/9", MOMENTUM),
    # b: 3, -3, 5 as above; d = (2/3) g + b/3: 3, -5, 23/3.
    Case("sgd@momentum=ema,nesterov=yes", AVERAGE, "1", "3 -6 9", "-1/2 2 -11/6", NESTEROV),
    # b = b/3 + (3/4) g: 9/4; 3/4 - 9/2 = -15/4; -5/4 + 27/4 = 11/2. theta: 1 - 9/8; -1/8 + 15/16; 13/16 - 11/6.
    Case(
        "sgd@momentum=heavy_ball,first=damped",
        {"eta": "1/2 1/4 1/3", "mu": "1/3", "tau": "1/4"},
        "1", "3 -6 9", "-1/8 13/16 -49/48", MOMENTUM,
    ),
    # b = mu b + (1 - tau) eta g (the first b is eta g), theta' = theta - b.
    # b: 3/2; -5/8; 49/24.
    Case(
        "sgd@momentum=inside",
        {"eta": "1/2 1/4 1/3", "mu": "1/3", "tau": "1/4"},
        "1", "3 -6 9", "-1/2 1/8 -23/12", NESTEROV,
    ),
    # The first b is (1 - tau) eta g.
    # b: 9/8; -3/4; 2.
    Case(
        "sgd@momentum=inside,first=damped",
        {"eta": "1/2 1/4 1/3", "mu": "1/3", "tau": "1/4"},
        "1", "3 -6 9", "-1/8 5/8 -11/8", KERAS,
    ),
    # d = (1 - tau) eta g + mu b, theta' = theta - d.
    # b: 3/2; -5/8; 49/24. d: 13/8; -4/3; 211/72.
    Case(
        "sgd@momentum=inside,nesterov=yes",
        {"eta": "1/2 1/4 1/3", "mu": "1/3", "tau": "1/4"},
        "1", "3 -6 9", "-5/8 17/24 -20/9", NESTEROV,
    ),
    # b: 9/8; -3/4; 2. d: 3/2; -11/8; 35/12.
    Case(
        "sgd@momentum=inside,nesterov=yes,first=damped",
        {"eta": "1/2 1/4 1/3", "mu": "1/3", "tau": "1/4"},
        "1", "3 -6 9", "-1/2 7/8 -49/24", KERAS,
    ),
    # b = mu b + (1 - tau) g (the first b is g), theta' = (1 - eta lambda) theta - eta b.
    # b: 3; -7/2; 67/12.
    Case(
        "sgdw",
        {"eta": "1/2 1/4 1/3", "mu": "1/3", "tau": "1/4", "lambda": "1/5"},
        "1", "3 -6 9", "-3/5 61/200 -3547/2250", SGDW,
    ),
    # theta' = (1 - eta lambda/(1 - mu)) theta - eta b.
    # b: 3; -7/2; 67/12.
    Case(
        "sgdw@decay=long_run",
        {"eta": "1/2 1/4 1/3", "mu": "1/3", "tau": "1/4", "lambda": "1/5"},
        "1", "3 -6 9", "-13/20 219/800 -116261/72000", SGDP,
    ),
    # size of a step: step = eta/(1 + lambda eta (t - 1))^power with the eta of now; theta' = (1 - lambda step) theta -
    # step g; x' = x + mu (theta' - x), mu = 1/max(1, t - 1 - begin).
    # step: 1; 1/2; 2/9; 4/27. mu: 1; 1; 1; 1/2.
    Case(
        "asgd@timing=direct",
        {"eta": "1 2 2 4/3", "lambda": "1/2", "power": "2", "begin": "1"},
        "1", "1 -2 3 -1", "-1/2 5/8 -1/9 11/243", ASGD, outputs={"mean": "-1/2 5/8 -1/9 -8/243"},
    ),
    # step: 1/2; 2/9; 1/4. mu: 1; 1; 1/2.
    Case(
        "asgd@timing=direct",
        {"eta": "1/2 1/4 1/3", "lambda": "1/2", "power": "1", "begin": "0"},
        "2", "1 -2 3", "1 4/3 5/12", ASGD, outputs={"mean": "1 4/3 7/8"},
    ),
    # sign(c), c = (2/3) m + (1/3) g; theta' = (49/50) theta - sign/10; m' = (m + g)/2.
    # c: 1; (2/3)(3/2) - 2/3 = 1/3; (2/3)(-1/4) + 1/3 = 1/6; (2/3)(3/8) - 4/3 < 0.
    # theta: 44/50; (22*49 - 125)/1250; (953*49 - 6250)/62500; (40447*49 + 312500)/3125000.
    Case("lion", SIGNS, "1", "3 -2 1 -4", "22/25 953/1250 40447/62500 2294403/3125000", LION),
    # c: -1/3; (2/3)(-1/2) + 5/12 = 1/12; (2/3)(3/8) - 1/3 = -1/12.
    Case("lion", SIGNS, "-1", "-1 5/4 -1", "-22/25 -1203/1250 -52697/62500", LION),
    # m: 2, 0. c: 4/3; 4/3 - 2/3; 0 - 1/3. theta: 22/25; 953/1250; (46697 + 6250)/62500.
    Case("lion", SIGNS, "1", "4 -2 -1", "22/25 953/1250 52947/62500", LION),
    # c: 0, 0, 2/3: no step on zero gradients, but decay.
    Case("lion", SIGNS, "2", "0 0 2", "49/25 2401/1250 111399/62500", LION),
    # Two steps of +1. after: (9/10)(49/50); (441/500 - 1/10)(49/50).
    Case("lion@decay=after", SIGNS, "1", "3 -2", "441/500 19159/25000", LION),
    # independent: 1 - 1/10 - 1/5; 7/10 - 1/10 - 7/50.
    Case("lion@decay=independent", SIGNS, "1", "3 -2", "7/10 23/50", LION),
    # proximal: (9/10)(50/51) = 15/17; (15/17 - 1/10)(50/51) = (133/170)(50/51).
    Case("lion@decay=proximal", SIGNS, "1", "3 -2", "15/17 665/867", LION),
    # theta' = theta - eta sign(g).
    Case("signsgd", {"eta": "1/3 1/3 1/5"}, "1", "3 0 -2", "2/3 2/3 13/15", SIGNSGD),
    # m' = mu m + (1 - mu) g, theta' = (1 - eta lambda) theta - eta sign(m').
    # m: 0; 1; 1/3; -16/9.
    Case(
        "signum",
        {"eta": "1/3", "mu": "2/3", "lambda": "1/5"},
        "1", "0 3 -1 -6", "14/15 121/225 569/3375 24841/50625", SIGNUM,
    ),
    # m: 1; -1/3; 1/9.
    Case("signum", {"eta": "1/3", "mu": "2/3", "lambda": "1/5"}, "1", "3 -3 1", "3/5 67/75 563/1125", SIGNUM),
    # A size grows by up (to high at most) while the sign stays, and shrinks by down (to low at least) when it turns;
    # theta' = theta - sign(g) size.
    # size: 1/2; 3/4; 1; 1/3; 1/2; 1/2; 1/2; 1/5.
    Case(
        "rprop@reversal=keep",
        {"eta": "1/2", "up": "3/2", "down": "1/3", "low": "1/5", "high": "1"},
        "1", "3 2 1 -1 -2 0 4 -1", "1/2 -1/4 -5/4 -11/12 -5/12 -5/12 -11/12 -43/60", RPROP,
    ),
    # size: 1/3; 1/5; 1/5; 3/10; 9/20; 27/40.
    Case(
        "rprop@reversal=keep",
        {"eta": "1/3 2", "up": "3/2", "down": "1/3", "low": "1/5", "high": "1"},
        "-1", "-1 2 -3 -1 -1 -5", "-2/3 -13/15 -2/3 -11/30 1/12 91/120", RPROP,
    ),
)
# fmt: on
