"""Rules that look at whole tensors: LAMB, Adafactor, Muon; worked by hand.

Each working line names the values of one quantity at t = 1, 2, ...; a line above says what they are.
Tensors are written row by row, steps in brackets.
"""

from __future__ import annotations

from fractions import Fraction

from .worked_case import Case

FACTORED = "Shazeer & Stern 2018, Algorithms 4-6, with the option named"
LAMB = "You et al. 2020, Algorithm 2"
LAMB_CODE = "You et al. 2020, Algorithm 2, with the option named"
ADAFACTOR = "Shazeer & Stern 2018, Algorithms 4-6"
MUON = "Jordan et al. 2024, the update rule, with the option named"

# The five iterations of Newton-Schulz act on singular values alone, each y -> a y + b y^3 + c y^5; the fifth values
# have thousands of digits and are left to be added up below.
def iterated(y: Fraction) -> Fraction:
    for _ in range(5):
        y = Fraction(34445, 10000) * y - Fraction(4775, 1000) * y**3 + Fraction(20315, 10000) * y**5
    return y


def less(theta: list[Fraction], *parts: tuple[Fraction, str]) -> list[Fraction]:
    """(9/10) theta - the sum of size * matrix, entry by entry."""
    found = [Fraction(9, 10) * x for x in theta]
    for size, matrix in parts:
        found = [x - size * Fraction(y) for x, y in zip(found, matrix.split(","), strict=True)]
    return found


MOVED = {"eta": "1/2", "mu": "1/3", "lambda": "1/5"}
# A column of norm 6.   x: (2/3) g + (1/3)(2/3) g = (8/9) g, then with b' = (2/9) g - (2/3) g = -(4/9) g
# x = -(2/3) g - (4/27) g = -(22/27) g; norms 16/3, 44/9, and eps half of the first, then equal to the second: y has
# the norm 2/3, then -1/2 times the direction g/6. The scale is sqrt(4/1) = 2, times eta = 1/2.
COLUMN = "1/6,-1/6,5/6,1/2"
LINE = [less([Fraction(1)] * 4, (iterated(Fraction(2, 3)), COLUMN))]
LINE += [less(LINE[0], (-iterated(Fraction(1, 2)), COLUMN))]
# P and Q are products of two columns (2, 2, 1)/3, (2, -1, -2)/3 with two rows (3, 4)/5, (-4, 3)/5 of norm 1, orthogonal
# in pairs. g = 45 P + 60 Q, then -14 Q. x = (8/9) g, of norm (8/9) 75 > eps: singular values 3/5, 4/5. Then
# x = (8/9) g + (2/27)(45 P + 60 Q) = (10/3) P - 8 Q, of norm 26/3 < eps = 16: 5/24, -1/2.
P, Q = "6/15,8/15,6/15,8/15,3/15,4/15", "-8/15,6/15,4/15,-3/15,8/15,-6/15"
TALL = [less([Fraction(1)] * 6, (iterated(Fraction(3, 5)) / 2, P), (iterated(Fraction(4, 5)) / 2, Q))]
TALL += [less(TALL[0], (iterated(Fraction(5, 24)) / 2, P), (-iterated(Fraction(1, 2)) / 2, Q))]
# The same, lying: norms (8/9) 75 + eps = 100, so that 40 and 160/3 become 2/5 and 8/15; then 26/3 + 22/3 = 16.
R, S = "6/15,6/15,3/15,8/15,8/15,4/15", "-8/15,4/15,8/15,6/15,-3/15,-6/15"
WIDE = [less([Fraction(1)] * 6, (iterated(Fraction(2, 5)) / 2, R), (iterated(Fraction(8, 15)) / 2, S))]
WIDE += [less(WIDE[0], (iterated(Fraction(5, 24)) / 2, R), (-iterated(Fraction(1, 2)) / 2, S))]

# fmt: off
CASES = (
    # root = sqrt(v_hat), d = m_hat/(root + eps) + lambda theta, norms = (|theta|, |d|), ratio = |theta|/|d|; theta' =
    # theta - eta ratio d.
    # root: (1, 3); (1, 21/2). d: (17/16, 0); (11/23, 44/69). norms: (5, 17/16); (5, 55/69). ratio: 80/17; 69/11.
    Case(
        "lamb",
        {"beta1": "1/2", "beta2": "1/3", "eps": "1", "lambda": "3/16 1/138", "eta": "6/5 1/5"},
        "3,4", "1,-3 1,12", "-3,4 -18/5,16/5", LAMB, (2,),
    ),
    # root: (1, 3); (7/2, 21/2). d: (-7/30, -7/40); (239/550, 478/825). norms: (5, 7/24); (24/5, 239/330). ratio:
    # 120/7; 1584/239.
    Case(
        "lamb",
        {"beta1": "2/3", "beta2": "1/3", "eps": "2", "lambda": "17/120 41/1584", "eta": "7/25 1/5"},
        "-4,3", "1,-3 4,12", "-72/25,96/25 -432/125,384/125", LAMB, (2,),
    ),
    # theta = 0, then d = 0 = theta: the ratio is 1.
    # root: 0; 3. d: 0; 16/27. norms: (0, 0); (0, 16/27). ratio: 1; 1.
    Case(
        "lamb",
        {"eta": "1/10", "beta1": "1/2", "beta2": "7/9", "eps": "3/2", "lambda": "0 1/3"},
        "0", "0 4", "0 -8/135", LAMB,
    ),
    # root: (1, 3); (1, 21/2). d: (17/16, 0); (11/23, 44/69). norms: (15, 17/16); (15, 55/69). ratio: 240/17; 207/11.
    Case(
        "lamb",
        {"beta1": "1/2", "beta2": "1/3", "eps": "1", "lambda": "1/16 1/414", "eta": "6/5 1/5"},
        "9,12", "1,-3 1,12", "-9,12 -54/5,48/5", LAMB, (2,),
    ),
    # |theta| is cut to 10 before.
    # root: (1, 3); (1, 21/2). d: (17/16, 0); (11/23, 44/69). norms: (15, 17/16); (15, 55/69). ratio: 160/17; 138/11.
    Case(
        "lamb@trust=clamped",
        {"beta1": "1/2", "beta2": "1/3", "eps": "1", "lambda": "1/16 1/414", "eta": "9/5 1/5"},
        "9,12", "1,-3 1,12", "-9,12 -51/5,52/5", LAMB_CODE, (2,),
    ),
    # root: (1, 3); (1, 21/2). d: (17/16, 0); (41/92, 41/69). norms: (5, 17/16); (5, 205/276). ratio: 80/17; 276/41.
    Case(
        "lamb@trust=clamped",
        {"beta1": "2/3", "beta2": "1/3", "eps": "1", "lambda": "3/16 5/276", "eta": "6/5 1/5"},
        "3,4", "1,-3 1,12", "-3,4 -18/5,16/5", LAMB_CODE, (2,),
    ),
    # root: 0; 3. d: 0; 16/27. norms: (0, 0); (0, 16/27). ratio: 1; 1.
    Case(
        "lamb@trust=clamped",
        {"eta": "1/10", "beta1": "1/2", "beta2": "7/9", "eps": "3/2", "lambda": "0 1/3"},
        "0", "0 4", "0 -8/135", LAMB_CODE,
    ),
    # The ratio is cut to 1.
    # root: (1, 3); (1, 21/2). d: (5, 21/4); (-171/230, -114/115). norms: (5, 29/4); (85/87, 57/46). ratio: 20/29;
    # 3910/4959.
    Case(
        "lamb@trust=capped",
        {"beta1": "1/2", "beta2": "1/3", "eps": "1", "lambda": "3/2 2523/1955", "eta": "100/87 1/5"},
        "3,4", "1,-3 1,-12", "-2431/2523,-136/841 -10676/12615,-68/12615", LAMB_CODE, (2,),
    ),
    # root: (1, 3); (1, 21/2). d: (5, 21/4); (66885/88274, 85068/44137). norms: (15, 29/4); (61/19, 182811/88274).
    # ratio: 1; 1.
    Case(
        "lamb@trust=capped",
        {"beta1": "2/3", "beta2": "1/3", "eps": "1", "lambda": "1/2 1034/2323", "eta": "32/19 1/5"},
        "9,12", "1,-3 1,12", "11/19,60/19 37729/88274,611832/220685", LAMB_CODE, (2,),
    ),
    # root: (1, 3); (1, 21/2). d: (17/16, 0); (41/92, 41/69). norms: (1/2, 17/16); (1/2, 205/276). ratio: 8/17;
    # 138/205.
    Case(
        "lamb@trust=capped",
        {"beta1": "2/3", "beta2": "1/3", "eps": "1", "lambda": "15/8 25/138", "eta": "6/5 1/5"},
        "3/10,2/5", "1,-3 1,12", "-3/10,2/5 -9/25,8/25", LAMB_CODE, (2,),
    ),
    # root: 0; 3. d: 0; 16/27. norms: (0, 0); (0, 16/27). ratio: 1; 1.
    Case(
        "lamb@trust=capped",
        {"eta": "1/10", "beta1": "1/2", "beta2": "7/9", "eps": "3/2", "lambda": "0 1/3"},
        "0", "0 4", "0 -8/135", LAMB_CODE,
    ),
    # beta_t = 1 - t^-2; v' = beta_t v + (1 - beta_t)(g^2 + eps1), d = g/root, root = sqrt(v'); mean_d2 is the mean of
    # d^2, shrink = max(1, sqrt(mean_d2)/c), step = max(eps2, rms(theta)) min(eta, 1/sqrt(t)); theta' = (1 - eta
    # lambda) theta - step d/shrink. At t = 4 eps1 makes the root rational.
    # root: 5; -; -; 6. mean_d2: 16/25; 0; 0; 49/36. shrink: 16/5; 1; 1; 14/3. step: 3/2; 93/80; 837/800; 7533/8000.
    Case(
        "adafactor@damping=added",
        {"eta": "1/2 1/2 1/2 3/4", "power": "2", "eps1": "9 9 9 232", "eps2": "1/2", "c": "1/4", "lambda": "1/5"},
        "3", "4 0 0 -7", "93/40 837/400 7533/4000 293787/160000", ADAFACTOR,
    ),
    # root: 5; -; -; 6. mean_d2: 16/25; 0; 0; 25/36. shrink: 1; 1; 1; 1. step: 1/2; 1/6; 1/6; 1/8.
    Case(
        "adafactor@damping=added",
        {"eta": "3/2 1/3 1/3 1/4", "power": "2", "eps1": "9 9 9 256", "eps2": "1/2", "c": "2", "lambda": "1/5"},
        "1/3", "4 0 0 5", "-1/6 -7/45 -98/675 -13073/54000", ADAFACTOR,
    ),
    # For a matrix v = rows x columns/(mean of rows), rows and columns averages of the means of g^2 + eps1 in each;
    # root is shown where g is not 0.
    # rows: (25, 25); (45, 27); (364/9, 28). columns: (25, 25); (27, 45); (220/9, 44). root: (5, 5, 5, 5); (-, 15/2, -,
    # -); (-, -, -, 6). mean_d2: 16/25; 16/25; 4/9. shrink: 1; 1; 1. step: 3; 4/3; 5/4.
    Case(
        "adafactor@damping=added",
        {"eta": "3/2 1/3 1/4", "power": "2", "eps1": "9 33 4", "eps2": "1/2 4 5", "c": "9/10", "lambda": "1/5"},
        "3,-5,1,1", "4,-4,-4,4 0,-12,0,0 0,0,0,8",
        "-3/10,-11/10,31/10,-17/10 -7/25,83/75,217/75,-119/75 -133/500,1577/1500,4123/1500,-1587/500", ADAFACTOR,
        (2, 2),
    ),
    # step = max(eps2, rms(theta)) eta.
    # root: 5; -; -; 6. mean_d2: 16/25; 0; 0; 49/36. shrink: 16/5; 1; 1; 14/3. step: 3/2; 93/80; 837/800; 22599/16000.
    Case(
        "adafactor@damping=added,relative=no",
        {"eta": "1/2 1/2 1/2 3/4", "power": "2", "eps1": "9 9 9 232", "eps2": "1/2", "c": "1/4", "lambda": "1/5"},
        "3", "4 0 0 -7", "93/40 837/400 7533/4000 625239/320000", FACTORED,
    ),
    # root: 5; -; -; 6. mean_d2: 16/25; 0; 0; 25/36. shrink: 1; 1; 1; 1. step: 3/4; 1/6; 1/6; 1/8.
    Case(
        "adafactor@damping=added,relative=no",
        {"eta": "3/2 1/3 1/3 1/4", "power": "2", "eps1": "9 9 9 256", "eps2": "1/2", "c": "2", "lambda": "1/5"},
        "1/3", "4 0 0 5", "-11/30 -77/225 -1078/3375 -110053/270000", FACTORED,
    ),
    # rows: (25, 25); (45, 27); (364/9, 28). columns: (25, 25); (27, 45); (220/9, 44). root: (5, 5, 5, 5); (-, 15/2, -,
    # -); (-, -, -, 6). mean_d2: 16/25; 16/25; 4/9. shrink: 1; 1; 1. step: 9/2; 4/3; 5/4.
    Case(
        "adafactor@damping=added,relative=no",
        {"eta": "3/2 1/3 1/4", "power": "2", "eps1": "9 33 4", "eps2": "1/2 4 5", "c": "9/10", "lambda": "1/5"},
        "3,-5,1,1", "4,-4,-4,4 0,-12,0,0 0,0,0,8",
        "-3/2,1/10,43/10,-29/10 -7/5,167/75,301/75,-203/75 -133/100,3173/1500,5719/1500,-2119/500", FACTORED, (2, 2),
    ),
    # theta' = (1 - step lambda) theta - step d/shrink.
    # root: 5; -; -; 6. mean_d2: 16/25; 0; 0; 49/36. shrink: 16/5; 1; 1; 14/3. step: 3/2; 69/80; 22839/32000;
    # 3132620079/5120000000.
    Case(
        "adafactor@damping=added,decay=step",
        {"eta": "1/2 1/2 1/2 3/4", "power": "2", "eps1": "9 9 9 232", "eps2": "1/2", "c": "1/4", "lambda": "1/5"},
        "3", "4 0 0 -7", "69/40 22839/16000 3132620079/2560000000 80406149715846033759/65536000000000000000",
        FACTORED,
    ),
    # root: 5; -; -; 6. mean_d2: 16/25; 0; 0; 25/36. shrink: 1; 1; 1; 1. step: 1/2; 1/6; 1/6; 1/8.
    Case(
        "adafactor@damping=added,decay=step",
        {"eta": "3/2 1/3 1/3 1/4", "power": "2", "eps1": "9 9 9 256", "eps2": "1/2", "c": "2", "lambda": "1/5"},
        "1/3", "4 0 0 5", "-1/10 -29/300 -841/9000 -7811/40000", FACTORED,
    ),
    Case(
        "muon@eps=outside",
        {**MOVED, "eps": "8/3 44/9"},
        "1,1,1,1", "1,-1,5,3 -1,1,-5,-3", LINE, MUON, (4, 1),
    ),
    Case(
        "muon@eps=outside",
        {**MOVED, "eps": "100/3 22/3"},
        "1,1,1,1,1,1", "-14,34,41,48,12,-12 112/15,-56/15,-112/15,-84/15,42/15,84/15", WIDE, MUON, (2, 3),
    ),
    Case(
        "muon@scale=none",
        {**MOVED, "eps": "1 16"},
        "1,1,1,1,1,1", "-14,48,34,12,41,-12 112/15,-84/15,-56/15,42/15,-112/15,84/15", TALL, MUON, (3, 2),
    ),
)
# fmt: on
