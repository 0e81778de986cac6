"""Relatives of Adam with other moments: AMSGrad, AdamNC, AdaBelief, Yogi, QHAdam, AdEMAMix; worked by hand.

Each working line names the values of one quantity at t = 1, 2, ...; a line above says what they are.
"""

from __future__ import annotations

from .worked_case import Case

ADAMNC = "Reddi, Kale & Kumar 2018, Algorithm 3, beta2_t = 1 - 1/t (eps outside)"
NOSADAM = "Huang et al. 2019, Algorithm 1, b_k = k^-gamma (eps outside)"
REDDI = "Reddi, Kale & Kumar 2018, Algorithm 2 (eps outside)"
ADABELIEF = "Zhuang et al. 2020, Algorithm 2, with the option named"
ADEMAMIX = "Pagliardini et al. 2024, Algorithm 1"
QHADAM = "Ma & Yarats 2019, Section 4"
YOGI = "Zaheer et al. 2018, Algorithm 2, with both corrections"
YOGI_OPTAX = "Zaheer et al. 2018, Algorithm 2, started as in optax"

# fmt: off
CASES = (
    # v_max' = max(v_max, v'), root = sqrt(v_max'), no correction: theta' = theta - eta m'/(root + eps).
    # m: 2; 3/2; -4. root: 2; 2; 5. ratio: 2/3; 1/2; -2/3.
    Case(
        "amsgrad",
        {"eta": "1/10", "beta1": "1/2", "beta2": "3/4", "eps": "1"},
        "1", "4 1 -19/2", "14/15 53/60 19/20", REDDI,
    ),
    # m: 1/3; 10/9. root: 4/5; 164/75. ratio: 10/39; 500/1209.
    Case(
        "amsgrad",
        {"eta": "1/10", "beta1": "2/3", "beta2": "9/25", "eps": "1/2"},
        "2", "1 8/3", "77/39 779/403", REDDI,
    ),
    # v' is the mean of the squares so far: theta' = theta - eta/t^power m'/(sqrt(v') + eps).
    # m: 1; 15/2; -5/4. root: 2; 10; 10. ratio: 1/3; 15/22; -5/44. eta/t: 1/10; 1/20; 1/30.
    Case(
        "adamnc",
        {"eta": "1/10", "beta1": "1/2", "eps": "1", "power": "1"},
        "1", "2 14 -10", "29/30 1231/1320 103/110", ADAMNC,
    ),
    # m: 1; 23/3. root: 3; 15. ratio: 2/7; 46/93. eta/t^2: 1/10; 1/40.
    Case(
        "adamnc",
        {"eta": "1/10", "beta1": "2/3", "eps": "1/2", "power": "2"},
        "1", "3 21", "34/35 12487/13020", ADAMNC,
    ),
    # The k-th square weighs k^-gamma. weights: 1; 1/2; 1/3. m: 1; 11/2; -1/4. root: 2; 6; 6. ratio: 1/3; 11/14; -1/28.
    Case(
        "nosadam",
        {"eta": "1/10", "beta1": "1/2", "eps": "1", "power": "1", "gamma": "1"},
        "1", "2 10 -6", "29/30 779/840 13/14", NOSADAM,
    ),
    # weights: 1; 1/4. m: 1; 14/3. root: 3; 6. ratio: 2/7; 28/39.
    Case(
        "nosadam",
        {"eta": "1/10", "beta1": "2/3", "eps": "1/2", "power": "0", "gamma": "2"},
        "1", "3 12", "34/35 1228/1365", NOSADAM,
    ),
    # s' = beta2 s + (1 - beta2)(g - m')^2 + eps; root = sqrt(s_hat), ratio = m_hat/(root + eps).
    # m: 1/4; 0; 19/2. s: 25/24; 25/18; 1664/27. m_hat: 1/2; 0; 76/7. root: 5/4; 5/4; 8. ratio: 2/9; 0; 76/63.
    Case(
        "adabelief",
        {"eta": "1/10", "beta1": "1/2", "beta2": "1/3", "eps": "1"},
        "1", "1/2 -1/4 19", "44/45 44/45 6/7", ADABELIEF,
    ),
    # m: 1/8; 1/4; -9/2. s: 25/24; 25/18; 1664/27. m_hat: 3/8; 9/20; -243/38. root: 5/4; 5/4; 8. ratio: 1/6; 1/5;
    # -27/38.
    Case(
        "adabelief",
        {"eta": "1/10", "beta1": "2/3", "beta2": "1/3", "eps": "1"},
        "1", "3/8 1/2 -14", "59/60 289/300 1474/1425", ADABELIEF,
    ),
    # m: 23/24; 7/12. s: 961/216; 625/162. m_hat: 23/8; 21/20. root: 31/12; 25/12. ratio: 69/110; 9/35.
    Case(
        "adabelief",
        {"eta": "1/10", "beta1": "2/3", "beta2": "1/3", "eps": "2"},
        "1", "23/8 -1/6", "1031/1100 7019/7700", ADABELIEF,
    ),
    # The same without eps in s'.
    # m: 1/2; 0; -6. s: 1/6; 2/9; 650/27. m_hat: 1; 0; -48/7. root: 1/2; 1/2; 5. ratio: 2/3; 0; -8/7.
    Case(
        "adabelief@damped=once",
        {"eta": "1/10", "beta1": "1/2", "beta2": "1/3", "eps": "1"},
        "1", "1 -1/2 -12", "14/15 14/15 22/21", ADABELIEF,
    ),
    # m: 2; 2; 1. s: 32/3; 32/9; 104/27. m_hat: 6; 18/5; 27/19. root: 4; 2; 2. ratio: 1; 9/10; 27/76.
    Case(
        "adabelief@damped=once",
        {"eta": "1/10", "beta1": "2/3", "beta2": "1/3", "eps": "2"},
        "1", "6 2 -1", "9/10 81/100 2943/3800", ADABELIEF,
    ),
    # v' = v - (1 - beta2) sign(v - g^2) g^2 from v0; root = sqrt(v_hat), ratio = m_hat/(root + eps).
    # m: 5/4; 7/8; 119/16. v: 49/6; 8; 416/3. root: 7/2; 3; 12. ratio: 1/2; 7/27; 17/27.
    Case(
        "yogi",
        {"eta": "1/10", "beta1": "1/2", "beta2": "1/3", "eps": "3/2", "v0": "4"},
        "1", "5/2 1/2 14", "19/20 499/540 31/36", YOGI,
    ),
    # m: 5/6; 7/18; 133/27. v: 49/6; 8; 416/3. root: 7/2; 3; 12. ratio: 1/2; 7/45; 14/27.
    Case(
        "yogi",
        {"eta": "1/10", "beta1": "2/3", "beta2": "1/3", "eps": "3/2", "v0": "4"},
        "1", "5/2 -1/2 14", "19/20 841/900 2383/2700", YOGI,
    ),
    # The same with a negative last gradient, whose square and cube lie on different sides of v.
    # m: 5/6; 7/18; -119/27. v: 49/6; 8; 416/3. root: 7/2; 3; 12. ratio: 1/2; 7/45; -238/513.
    Case(
        "yogi",
        {"eta": "1/10", "beta1": "2/3", "beta2": "1/3", "eps": "3/2", "v0": "4"},
        "1", "5/2 -1/2 -14", "19/20 841/900 50317/51300", YOGI,
    ),
    # m: 5/4; -3/4. v: 49/6; 25/8. root: 7/2; 15/8. ratio: 1/2; -8/27.
    Case(
        "yogi",
        {"eta": "1/10", "beta1": "1/2", "beta2": "1/3", "eps": "3/2", "v0": "4"},
        "1", "5/2 -11/4", "19/20 529/540", YOGI,
    ),
    # The same with m = v0 at the start.
    # m: 3/4; 5/8; -107/16. v: 49/6; 8; 416/3. root: 7/2; 3; 12. ratio: 3/10; 5/27; -107/189.
    Case(
        "yogi@m0=same",
        {"eta": "1/10", "beta1": "1/2", "beta2": "1/3", "eps": "3/2", "v0": "4"},
        "1", "-5/2 1/2 -14", "97/100 2569/2700 2117/2100", YOGI_OPTAX,
    ),
    # v starts at g^2, so that the first step leaves it there.
    # m: 3; -17/2; -31/4. v: 36; 196; 343/2. root: 15/2; 35/2; 14. ratio: 2/3; -34/57; -4/7.
    Case(
        "yogi@start=gradient",
        {"eta": "1/10", "beta1": "1/2", "beta2": "9/25 3/5 1/2", "eps": "3/2"},
        "1", "6 -20 -7", "14/15 283/285 419/399", YOGI,
    ),
    # m: 1/3; 8/9; 49/27. v: 1; 3; 175/18. root: 5/4; 2; 10/3. ratio: 4/11; 16/35; 294/551.
    Case(
        "yogi@start=gradient",
        {"eta": "1/10", "beta1": "2/3", "beta2": "9/25 1/2", "eps": "3/2"},
        "1", "1 2 11/3", "53/55 1767/1925 917022/1060675", YOGI,
    ),
    # numerator = (1 - nu1) g + nu1 m_hat, root = sqrt((1 - nu2) g^2 + nu2 v_hat); theta' = theta - eta numerator/(root
    # + eps).
    # m: 10/3; -32/9; 112/27. numerator: 5; -19/4; 68/13. root: 5; 13/2; 52/7.
    Case(
        "qhadam",
        {"eta": "1/10", "beta1": "1/3", "eps": "3/2", "nu1": "3/4", "nu2": "3/4", "beta2": "3/5"},
        "1", "5 -7 8", "12/13 4087/4160 480411/520000", QHADAM,
    ),
    # m: 2/3; 26/9; -1/27. numerator: 1; 7/2; -41/78. root: 1; 7/2; 9/4.
    Case(
        "qhadam",
        {"eta": "1/10", "beta1": "1/3", "eps": "3/2", "nu1": "2/3", "nu2": "3/4", "beta2": "1/2"},
        "1", "1 4 -3/2", "24/25 89/100 10577/11700", QHADAM,
    ),
    # m' with beta1, b' with beta3 (not corrected), root = sqrt(v_hat), sum = m_hat + alpha b'; theta' = theta - eta
    # (sum/(root + eps) + lambda theta).
    # m: 3/4; -21/8; -7/48. b: 1/2; -5/3; -1/3. root: 3/2; 21/4; 7/2. sum: 3; -17/2; -7/6.
    Case(
        "ademamix",
        {"eta": "1/10", "beta1": "1/2", "beta2": "1/3", "beta3": "2/3", "alpha": "3", "eps": "3/2", "lambda": "1/4"},
        "1", "3/2 -6 7/3", "7/8 8459/8640 22531/23040", ADEMAMIX,
    ),
    # m: -3/2; 45/8. b: -1; 7/2. root: 2; 7. sum: -4; 13.
    Case(
        "ademamix",
        {"eta": "1/10", "beta1": "1/4", "beta2": "1/3", "beta3": "1/2", "alpha": "2", "eps": "3/2", "lambda": "1/4"},
        "2", "-2 8", "289/140 177047/95200", ADEMAMIX,
    ),
)
# fmt: on
