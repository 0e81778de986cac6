"""RMSprop, Adagrad, Adamax, Generic Adam, ADOPT and MADGRAD, worked by hand.

Each working line names the values of one quantity at t = 1, 2, ...; a line above says what they are.
"""

from __future__ import annotations

from .worked_adam import NINE, TRIANGLES
from .worked_case import Case

RMSPROP = "Malladi et al. 2022, RMSprop (old v; eps outside)"
TENSORFLOW = "Tieleman & Hinton 2012, slide 29, with the option named"
GENERIC = "Chen et al. 2022, Algorithm 1"
ADOPT = "Taniguchi et al. 2024, Algorithm 2"
CLIPPED = "Taniguchi et al. 2024, the authors' later code"
ADAGRAD = "Duchi, Hazan & Singer 2011, Figure 1, with the option named"
ADAMAX = "Kingma & Ba 2015, Algorithm 2, with eps beside the maximum"
ADOPT_CODE = "Taniguchi et al. 2024, the authors' code (decay)"
MADGRAD = "Defazio & Jelassi 2021, Algorithm 1"
MADGRAD_CODE = "Defazio & Jelassi 2021, the authors' code"
OPTAX = "Tieleman & Hinton 2012, slide 29, corrected as in optax"

GROWING = {"eta": "1/3", "eps": "16", "delta": "1/2"}

# fmt: off
CASES = (
    # theta' = theta - eta g / (sqrt(v) + eps), then v. The roots are 0, 4, 3.
    # steps 5/(0+1) = 5, (-9/4)/(4+1) = -9/20, 10/(3+1) = 5/2, each times 1/2.
    Case("rmsprop@second_moment=old", {**NINE, "eta": "1/2"}, "2", TRIANGLES, "-1/2 -11/40 -61/40", RMSPROP),
    # Twice the gradients, two signs changed: the roots are 0, 8, 6.
    # steps -10/1 = -10, (-9/2)/9 = -1/2, 20/7; theta 1 + 5, 6 + 1/4, 25/4 - 10/7.
    Case("rmsprop@second_moment=old", {**NINE, "eta": "1/2"}, "1", "-10 -9/2 20", "6 25/4 135/28", RMSPROP),
    # b' = mu b + eta g/(sqrt(v') + eps), theta' = theta - b'. Ratios 5/5 = 1, (-9/4)/4 = -9/16, 10/(46/5) = 25/23.
    # b: 1/2; 1/4 - 9/32 = -1/32; -1/64 + (1/4)(25/23) = (-23 + 400)/1472 = 377/1472.
    # theta: 2 - 1/2; 3/2 + 1/32; 49/32 - 377/1472 = (2254 - 377)/1472.
    Case(
        "rmsprop@momentum=inside",
        {**NINE, "eta": "1/2 1/2 1/4", "mu": "1/2"},
        "2", TRIANGLES, "3/2 49/32 1877/1472", TENSORFLOW,
    ),
    # v: 16; (144 + 3600)/25 = 3744/25; (9*3744/25 + 16*169/25)/25 = 1456/25.
    # sqrt(v + 9): 5; sqrt(3969/25) = 63/5; sqrt(1681/25) = 41/5. Ratios 1, -25/21, 13/41.
    # theta: 1 - 1/2; 1/2 + 25/42 = 23/21; 23/21 - 13/82 = (1886 - 273)/1722.
    Case(
        "rmsprop@eps=inside",
        {"eta": "1/2", "beta2": "9/25", "eps": "9"},
        "1", "5 -15 13/5", "1/2 23/21 1613/1722", TENSORFLOW,
    ),
    # v starts at 1; root = sqrt(v'), ratio = g/(root + eps).
    # v: 1; 289/625; 1692601/15625. root: 1; 17/25; 1301/125. ratio: 1/2; 5/21; 1625/1426.
    Case(
        "rmsprop@start=one",
        {"eta": "1/2", "beta2": "9/25", "eps": "1"},
        "1", "1 2/5 13", "3/4 53/84 916/14973", TENSORFLOW,
    ),
    # root = sqrt(v'/(1 - beta2^t)).
    # v: 2/3; 98/9; 637/54. root: 1; 7/2; 7/2. ratio: 2/5; 4/5; -7/10.
    Case(
        "rmsprop@correction=second",
        {"eta": "1/2", "beta2": "1/3", "eps": "3/2"},
        "1", "1 4 -7/2", "4/5 2/5 3/4", OPTAX,
    ),
    # sqrt(v + 16): 5, 13, 85 (legs 3-4, 5-12, 13-84). Step sizes 1/3, 2/9, 1/6.
    # theta: 1 - 1/5; 4/5 - 8/39 = 116/195; 116/195 + 14/85 = (1972 + 546)/3315.
    Case("adagrad@eps=inside", GROWING, "1", "3 12 -84", "4/5 116/195 2518/3315", ADAGRAD),
    # u' = max(beta2 u, |g|), ratio = m_hat/(u' + eps).
    # m: 1; 1/3; 8/9; -56/27. u: 3; 3/2; 2; 8. ratio: 4/5; 4/15; 96/209; -96/325.
    Case(
        "adamax@eps=outside",
        {"eta": "1/10", "beta1": "2/3", "beta2": "1/2", "eps": "3/4"},
        "1", "3 -1 2 -8", "23/25 67/75 13283/15675 893491/1018875", ADAMAX,
    ),
    # In units of 10^-4 = sqrt(v_0): g = 7, -35, 10. v: (1 + 49)/2 = 5^2; (25 + 1225)/2 = 25^2;
    # (9*625 + 16*100)/25 = 7225/25 = 17^2.
    # m: 7/2; (1/3)(7/2) + (2/3)(-35) = -133/6; (1/4)(-133/6) + (3/4) 10 = 47/24.
    # ratios 7/10, -133/150, 47/408, times 1/10, 1/20, 1/40:
    # theta: 1 - 7/100; 93/100 + 133/3000 = 2923/3000; 2923/3000 - 47/16320 = (397528 - 1175)/408000.
    Case(
        "generic_adam",
        {"eta": "1/10 1/20 1/40", "beta1": "1/2 1/3 1/4", "beta2": "1/2 1/2 9/25"},
        "1", "7/10000 -35/10000 10/10000", "93/100 2923/3000 396353/408000", GENERIC,
    ),
    # root = sqrt(v) before the step, d = g/max(root, eps) clipped to +-t^(1/4): 11/10 is not at t = 2, nor 5/4 at t =
    # 3.
    # root: -; 4. d: -; 11/10. m: 0; 11/20.
    Case(
        "adopt@clip=counted",
        {"eta": "1/3", "beta1": "1/2", "beta2": "9/25", "eps": "1/10", "lambda": "1/5"},
        "1", "4 22/5", "14/15 619/900", CLIPPED,
    ),
    # root: -; 4; 12/5. d: -; 0; -5/4. m: 0; 0; -5/12.
    Case(
        "adopt@clip=counted",
        {"eta": "1/3", "beta1": "2/3", "beta2": "9/25", "eps": "1/10", "lambda": "1/5"},
        "1", "4 0 -3", "14/15 196/225 12851/13500", CLIPPED,
    ),
    # The roots stay below eps = 8.
    # root: -; 4; 3. d: -; -9/32; 5/4. m: 0; -9/64; 71/128.
    Case(
        "adopt@clip=counted",
        {"eta": "1/3", "beta1": "1/2", "beta2": "9/25", "eps": "8", "lambda": "1/5"},
        "1", "4 -9/4 10", "14/15 13219/14400 290257/432000", CLIPPED,
    ),
    Case(
        "adopt@clip=counted",
        {"eta": "1/3", "beta1": "1/2", "beta2": "9/25", "eps": "1/10", "lambda": "1/5 0"},
        "1", "4 0 0 0 0 0 0 0 0 0 0 0 0 0 0 -5",
        "14/15 14/15 14/15 14/15 14/15 14/15 14/15 14/15 14/15 14/15 14/15 14/15 14/15 14/15 14/15 19/15", CLIPPED,
    ),
    # Zero gradients shrink the root to 4 (3/5)^14; at t = 16 the limit is 2.
    Case(
        "adopt@clip=counted",
        {"eta": "1/3", "beta1": "1/2", "beta2": "9/25", "eps": "1/10", "lambda": "1/5 0"},
        "1", "4 0 0 0 0 0 0 0 0 0 0 0 0 0 0 5",
        "14/15 14/15 14/15 14/15 14/15 14/15 14/15 14/15 14/15 14/15 14/15 14/15 14/15 14/15 14/15 3/5", CLIPPED,
    ),
    # Nothing at the first step; then theta' = (1 - eta lambda) theta - eta m'.
    # root: -; 4; 3; 41/5. d: -; -9/16; 10/3; 5. m: 0; -9/32; 293/192; 1253/384.
    Case(
        "adopt@decay=later",
        {"eta": "1/3", "beta1": "1/2", "beta2": "9/25", "eps": "1/10", "lambda": "1/5"},
        "1", "4 -9/4 10 41", "1 493/480 6479/14400 -288463/432000", ADOPT_CODE,
    ),
    # root: -; 4; 3. d: -; -9/20; 2. m: 0; -3/20; 17/30.
    Case(
        "adopt@decay=later",
        {"eta": "1/3", "beta1": "2/3", "beta2": "9/25", "eps": "5", "lambda": "1/5"},
        "2", "4 -9/4 10", "2 23/12 8/5", ADOPT_CODE,
    ),
    # The first gradient sets v = 16 and only decays theta. root = sqrt(v) before the step, d = g/max(root, eps), m' =
    # beta1 m + (1 - beta1) d, theta' = (1 - eta lambda) theta - eta m'.
    # root: -; 4; 3; 41/5. d: -; -9/16; 10/3; 5. m: 0; -9/32; 293/192; 1253/384.
    Case(
        "adopt",
        {"eta": "1/3", "beta1": "1/2", "beta2": "9/25", "eps": "1/10", "lambda": "1/5"},
        "1", "4 -9/4 10 41", "14/15 6947/7200 84641/216000 -4678177/6480000", ADOPT,
    ),
    # A hundredth of it: the roots stay below eps = 1/10.
    # root: -; 1/25; 3/100; 41/500. d: -; -9/40; 1; 41/10. m: 0; -9/80; 71/160; 727/320.
    Case(
        "adopt",
        {"eta": "1/3", "beta1": "1/2", "beta2": "9/25", "eps": "1/10", "lambda": "1/3"},
        "2", "1/25 -9/400 1/10 41/100", "16/9 10483/6480 30095/23328 817651/2099520", ADOPT,
    ),
    # d = g/(root + eps).
    # root: -; 4; 3; 41/5. d: -; -9/20; 5/2; 205/46. m: 0; -9/40; 91/80; 10293/3680.
    Case(
        "adopt@eps=outside",
        {"eta": "1/3", "beta1": "1/2", "beta2": "9/25", "eps": "1", "lambda": "1/5"},
        "1", "4 -9/4 10 41", "14/15 1703/1800 27209/54000 -17216279/37260000", ADOPT,
    ),
    # d = 35/16, clipped to (t - 1)^(1/4) = 1 at t = 2; (407/50)/(37/5) = 11/10 < 2^(1/4) at t = 3 is not.
    # root: -; 4; 37/5. d: -; 1; 11/10. m: 0; 1/2; 4/5.
    Case(
        "adopt@clip=growing",
        {"eta": "1/3", "beta1": "1/2", "beta2": "9/25", "eps": "1/10", "lambda": "1/5"},
        "1", "4 35/4 407/50", "14/15 317/450 1319/3375", CLIPPED,
    ),
    # root: -; 4; 37/5. d: -; -1; -11/10. m: 0; -1/2; -4/5.
    Case(
        "adopt@clip=growing",
        {"eta": "1/3", "beta1": "1/2", "beta2": "9/25", "eps": "1/10", "lambda": "1/3"},
        "0", "4 -35/4 -407/50", "0 1/6 56/135", CLIPPED,
    ),
    # Zero gradients shrink the root to 4 (3/5)^15; at t = 17 the limit is 2.
    Case(
        "adopt@clip=growing",
        {"eta": "1/3", "beta1": "1/2", "beta2": "9/25", "eps": "1/10", "lambda": "1/5 0"},
        "1", "4 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 5",
        "14/15 14/15 14/15 14/15 14/15 14/15 14/15 14/15 14/15 14/15 14/15 14/15 14/15 14/15 14/15 14/15 3/5",
        CLIPPED,
    ),
    # weight = eta sqrt(t), of use where g is not 0; s and v sum weight g and weight g^2; z = x0 - s/(v^(1/3) + eps),
    # theta' = mu theta + (1 - mu) z. v: 8, then 8 + (19/4) 4 = 27.
    # weight: 1/2; -; -; 19/4. s: 2; 2; 2; -15/2. v: 8; 8; 8; 27. z: 1/3; 1/3; 1/3; 23/8.
    Case(
        "madgrad",
        {"eta": "1/2 1/2 1/2 19/8", "mu": "1/3", "eps": "1"},
        "1", "4 0 0 -2", "5/9 11/27 29/81 1979/972", MADGRAD,
    ),
    # v: 1, then 8.
    # weight: 4; -; -; 7. s: -2; -2; -2; 5. v: 1; 1; 1; 8. z: 10/3; 10/3; 10/3; 0.
    Case(
        "madgrad",
        {"eta": "4 1 1 7/2", "mu": "3/4", "eps": "1/2"},
        "2", "-1/2 0 0 1", "7/3 31/12 133/48 133/64", MADGRAD,
    ),
    # weight = (eta + eps) sqrt(t).
    # weight: 1/2; -; -; 19/4. s: 2; 2; 2; -15/2. v: 8; 8; 8; 27. z: 1/9; 1/9; 1/9; 43/13.
    Case(
        "madgrad@offset=eps",
        {"eta": "1/4 1/4 1/4 17/8", "mu": "1/3", "eps": "1/4"},
        "1", "4 0 0 -2", "11/27 17/81 35/243 21353/9477", MADGRAD_CODE,
    ),
    # weight: 4; -; -; 7. s: -2; -2; -2; 5. v: 1; 1; 1; 8. z: 10/3; 10/3; 10/3; 0.
    Case(
        "madgrad@offset=eps",
        {"eta": "7/2 1 1 3", "mu": "3/4", "eps": "1/2"},
        "2", "-1/2 0 0 1", "7/3 31/12 133/48 133/64", MADGRAD_CODE,
    ),
)
# fmt: on
