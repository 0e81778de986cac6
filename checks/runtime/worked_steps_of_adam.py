"""Relatives of Adam with other steps: AdaBound, Adan, LaProp, NAdam; worked by hand.

Each working line names the values of one quantity at t = 1, 2, ...; a line above says what they are.
"""

from __future__ import annotations

from .worked_case import Case

ADABOUND = "Luo et al. 2019, Algorithm 2, and the authors' code (corrections, eps)"
LAPROP = "Ziyin, Wang & Ueda 2020, Algorithm 1"
LAPROP_CODE = "Ziyin, Wang & Ueda 2020, the authors' code"
NADAM = "Dozat 2016, Algorithm 2, with the option named"
TIMM = "timm's NAdamW"
ADAN = "Xie et al. 2022, Algorithm 1, with the option named"

# fmt: off
CASES = (
    # bounds = final (1 -+ 1/(gamma t + (1 or 0))), free = eta sqrt(1 - beta2^t)/((1 - beta1^t)(root + eps)) with root
    # = sqrt(v'); length = free cut to the bounds; theta' = theta - length m'.
    # m: 1/4; 13/40. root: 2/5; 2/5. free: 4/35; 8/105. bounds: (1/40, 2/5); (1/25, 1/4). length: 4/35; 8/105.
    Case(
        "adabound",
        {"eta": "1/10", "beta1": "1/2", "beta2": "9/25 3/5", "eps": "1", "gamma": "1/3", "final": "1/10"},
        "1", "1/2 2/5", "34/35 71/75", ADABOUND,
    ),
    # m: 1/2; 20. root: 6/5; 37.3. free: 12/11; 0.0376. bounds: (1/40, 2/5); (1/25, 1/4). length: 2/5; 1/25.
    Case(
        "adabound",
        {"eta": "1", "beta1": "2/3", "beta2": "9/25 3/5", "eps": "1", "gamma": "1/3", "final": "1/10"},
        "2", "3/2 59", "9/5 1", ADABOUND,
    ),
    # m: 5/2; 2. root: 6; 4.69. free: 12/35; 0.253. bounds: (1/40, 2/5); (1/25, 1/4). length: 12/35; 1/4.
    Case(
        "adabound",
        {"eta": "1", "beta1": "2/3", "beta2": "9/25 3/5", "eps": "1", "gamma": "1/3", "final": "1/10"},
        "2", "15/2 1", "8/7 9/14", ADABOUND,
    ),
    # m: 5/4; 13/18. root: 3; 7/3. free: 4/25; 36/325. bounds: (1/40, 2/5); (1/25, 1/4). length: 4/25; 36/325.
    Case(
        "adabound",
        {"eta": "1/3", "beta1": "2/3", "beta2": "9/25 3/5", "eps": "2", "gamma": "1/3", "final": "1/10"},
        "2", "15/4 -1/3", "9/5 43/25", ADABOUND,
    ),
    # theta' = theta - length m'/sqrt(t): at t = 2 and 3 m' is 0, at t = 4 the length is a bound, or beta2 = 0 makes
    # its root rational.
    # m: 5/2; 0; 0; 20. root: 4; -; -; 32. free: 4/125; -; -; 0.0032. bounds: (1/40, 2/5); -; -; (2/35, 7/40). length:
    # 4/125; -; -; 2/35.
    Case(
        "adabound@root=yes",
        {"eta": "1/10", "beta1": "1/2", "beta2": "9/25", "eps": "1", "gamma": "1/3", "final": "1/10"},
        "1", "5 -5/2 0 40", "23/25 23/25 23/25 61/175", ADABOUND,
    ),
    # m: 1/2; 0; 0; -1/2. root: 4/5; -; -; 0.831. free: 16/9; -; -; 1.16. bounds: (1/40, 2/5); -; -; (2/35, 7/40).
    # length: 2/5; -; -; 7/40.
    Case(
        "adabound@root=yes",
        {"eta": "2", "beta1": "1/2", "beta2": "9/25", "eps": "1", "gamma": "1/3", "final": "1/10"},
        "1", "1 -1/2 0 -1", "4/5 4/5 4/5 27/32", ADABOUND,
    ),
    # m: 5/2; 0; 0; 1. root: 4; -; -; 2. free: 8/75; -; -; 16/135. bounds: (1/40, 2/5); -; -; (2/35, 7/40). length:
    # 8/75; -; -; 16/135.
    Case(
        "adabound@root=yes",
        {"eta": "1/3", "beta1": "1/2", "beta2": "9/25 9/25 9/25 0", "eps": "1", "gamma": "1/3", "final": "1/10"},
        "1", "5 -5/2 0 2", "11/15 11/15 11/15 91/135", ADABOUND,
    ),
    # jump = g - the gradient before (the first is 0); m, v, n average g, jump and (g + beta2 jump)^2; root =
    # sqrt(n_hat), direction = m_hat + beta2 v_hat; theta' = (1 - eta lambda) theta - eta direction/(root + eps).
    # jump: 0; 6; 3/5. m: -3/4; 15/8; 279/80. v: 0; 9/2; 63/40. n: 3/2; 49/2; 637/24. root: 3/2; 21/4; 21/4. direction:
    # -3/2; 37/10; 307/70.
    Case(
        "adan",
        {"eta": "1/10", "beta1": "1/2", "beta2": "1/4", "beta3": "1/3", "eps": "1", "lambda": "1/5"},
        "1", "-3/2 9/2 51/10", "26/25 24/25 3809/4375", ADAN,
    ),
    # jump: 0; 8/3. m: -2/9; 14/27. v: 0; 2. n: 8/27; 392/81. root: 2/3; 7/3. direction: -2/3; 22/15.
    Case(
        "adan",
        {"eta": "1/10", "beta1": "2/3", "beta2": "1/4", "beta3": "1/3", "eps": "1", "lambda": "1/5"},
        "2", "-2/3 2", "2 479/250", ADAN,
    ),
    # The first jump is g itself.
    # jump: 2; -4/3; -13/9. m: 2/3; 2/3; 5/27. v: 1; -1/6; -29/36. n: 6; 2; 13/6. root: 3; 3/2; 3/2. direction: 3;
    # 49/45; -236/1197.
    Case(
        "adan@difference=gradient",
        {"eta": "1/10", "beta1": "2/3", "beta2": "1/2", "beta3": "1/3", "eps": "1", "lambda": "1/5"},
        "1", "2 2/3 -7/9", "181/200 75901/90000 499366817/598500000", ADAN,
    ),
    # jump: -3/2; -3; 57/8. m: -3/4; -21/8; 0. v: -1; -7/3; 143/36. n: 3; 375/16; 1575/64. root: 2; 5; 5. direction:
    # -2; -35/8; 11/8.
    Case(
        "adan@difference=gradient",
        {"eta": "1/10", "beta1": "1/2", "beta2": "1/3", "beta3": "1/4", "eps": "1", "lambda": "1/5"},
        "1", "-3/2 -9/2 21/8", "157/150 21973/20000 3161281/3000000", ADAN,
    ),
    # m and n start at the first g and g^2; beta3 such that the root is rational.
    # jump: 0; 5/2. m: 1/2; 13/6. v: 0; 15/8. n: 1/4; 17/2. root: 5/8; 25/8. direction: 3/4; 47/16.
    Case(
        "adan@start=gradient",
        {"eta": "1/10", "beta1": "1/3", "beta2": "1/4", "beta3": "9/25", "eps": "1", "lambda": "1/5"},
        "1", "1/2 3", "607/650 226286/268125", ADAN,
    ),
    # jump: 0; -6; 21/4. m: 4; 1; 17/8. v: 0; -4; 13/6. n: 16; 16; 98/5. root: 5; 5; 5. direction: 8; -1/6; 89/28.
    Case(
        "adan@start=gradient",
        {"eta": "1/10", "beta1": "1/2", "beta2": "1/3", "beta3": "9/25 3/5 3/5", "eps": "1", "lambda": "1/5"},
        "1", "4 -2 13/4", "127/150 37463/45000 6007717/7875000", ADAN,
    ),
    # Nothing is corrected.
    # jump: 0; -4; -5. m: 5/2; 7/4; -9/8. v: 0; -3; -9/2. n: 16; 144/25; 12321/625. root: 4; 12/5; 111/25. direction:
    # 5/2; 1; -9/4.
    Case(
        "adan@correction=none",
        {"eta": "1/10", "beta1": "1/2", "beta2": "1/4", "beta3": "9/25", "eps": "1", "lambda": "1/5"},
        "1", "5 1 -4", "93/100 74969/85000 15397049/17000000", ADAN,
    ),
    # jump: 0; 9/2. m: -10; -91/6. v: 0; 3. n: 576; 576. root: 24; 24. direction: -10; -85/6.
    Case(
        "adan@correction=none",
        {"eta": "1/10", "beta1": "2/3", "beta2": "1/3", "beta3": "9/25", "eps": "1", "lambda": "1/5"},
        "2", "-30 -51/2", "2 121/60", ADAN,
    ),
    # root = sqrt(v_hat), d = g/(root + eps), m' = beta1 m + (1 - beta1) d; theta' = (1 - eta lambda) theta - eta m'/(1
    # - beta1^t).
    # root: 1/2; 7/4; 7/4. d: -1/4; 8/13; 7/13. m: -1/8; 51/208; 163/416.
    Case(
        "laprop",
        {"eta": "1/10", "beta1": "1/2", "beta2": "1/3", "eps": "3/2", "lambda": "1/4"},
        "1", "-1/2 2 7/4", "1 49/52 2545/2912", LAPROP,
    ),
    # root: 3/2; 21/4; 7/2. d: 1/2; 8/9; -7/15. m: 1/6; 11/27; 47/405.
    Case(
        "laprop",
        {"eta": "1/10 1/5 1/10", "beta1": "2/3", "beta2": "1/3", "eps": "3/2", "lambda": "1/4"},
        "2", "3/2 6 -7/3", "19/10 199/120 29191/18240", LAPROP,
    ),
    # m' = beta1 m + (1 - beta1) eta d, w' = beta1 w + (1 - beta1) eta; theta' = (1 - eta lambda) theta - m'/(w'/eta).
    # root: 1/2; 7/4; 7/4. d: -1/4; 8/13; -7/13. w: 1/20; 1/20; 1/8. m: -1/80; 19/2080; -41/832.
    Case(
        "laprop@inner=eta",
        {"eta": "1/10 1/20 1/5", "beta1": "1/2", "beta2": "1/3", "eps": "3/2", "lambda": "1/4"},
        "1", "-1/2 2 -7/4", "1 407/416 8389/8320", LAPROP_CODE,
    ),
    # root: 3/2; 21/4; 7/2. d: -1/2; 8/9; 7/15. w: 1/30; 19/180; 37/270. m: -1/60; 17/270; 148/2025.
    Case(
        "laprop@inner=eta",
        {"eta": "1/10 1/4 1/5", "beta1": "2/3", "beta2": "1/3", "eps": "3/2", "lambda": "1/4"},
        "2", "-3/2 6 7/3", "2 787/456 3679/2400", LAPROP_CODE,
    ),
    # The momentum is beta1: m_bar = (1 - beta1) g/(1 - beta1^t) + beta1 m'/(1 - beta1^(t+1)), root = sqrt(v_hat);
    # theta' = (1 - eta lambda) theta - eta m_bar/(root + eps).
    # m: 13/4; 7/8; -21/16. m_bar: 26/3; -1/2; -27/10. root: 13/2; 7/2; 7/2.
    Case(
        "nadam@schedule=constant",
        {"eta": "1/10", "beta1": "1/2", "beta2": "1/3", "eps": "3/2", "lambda": "1/4"},
        "1", "13/2 -3/2 -7/2", "13/15 171/200 7101/8000", NADAM,
    ),
    # m: -5/18; -35/27. m_bar: -7/6; -184/57. root: 5/6; 35/12.
    Case(
        "nadam@schedule=constant",
        {"eta": "1/10", "beta1": "2/3", "beta2": "1/3", "eps": "3/2", "lambda": "1/4"},
        "2", "-5/6 -10/3", "2 8149/4028", NADAM,
    ),
    # Both parts with 1 - beta1^t: m_bar = ((1 - beta1) g + beta1 m')/(1 - beta1^t).
    # m: 1/4; 9/8; 177/16. m_bar: 3/4; 25/12; 513/28. root: 1/2; 7/4; 35/2.
    Case(
        "nadam@schedule=simple",
        {"eta": "1/10", "beta1": "1/2", "beta2": "1/3", "eps": "3/2", "lambda": "1/4"},
        "1", "1/2 2 21", "15/16 4243/4992 5249/7168", TIMM,
    ),
    # m: 1/3; 47/9. m_bar: 5/3; 229/15. root: 1; 13.
    Case(
        "nadam@schedule=simple",
        {"eta": "1/10", "beta1": "2/3", "beta2": "1/3", "eps": "3/2", "lambda": "1/4"},
        "2", "1 15", "113/60 4819/2784", TIMM,
    ),
    # The momentum constant as above; root = sqrt(beta2 v_hat).
    # m: 1/2; -1/2; 5/4. m_bar: 4/3; -9/7; 50/21. root: 1/2; 1; 3/2.
    Case(
        "nadam@schedule=constant,factor=beta2",
        {"eta": "1/10", "beta1": "1/2", "beta2": "1/4 1/2 1/3", "eps": "3/2", "lambda": "1/4"},
        "1", "1 -3/2 3", "109/120 2099/2240 96107/115200", NADAM,
    ),
    # m: -3/2; -17/12; 7/24. m_bar: -4; -107/63; 409/315. root: 2; 4/3; 4/3.
    Case(
        "nadam@schedule=constant,factor=beta2",
        {"eta": "1/10", "beta1": "1/2", "beta2": "4/9", "eps": "3/2", "lambda": "1/4"},
        "1", "-3 -4/3 2", "61/56 18311/16320 56347/53760", NADAM,
    ),
)
# fmt: on
