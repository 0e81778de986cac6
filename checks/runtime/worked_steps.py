"""First steps of rules and options that torch lacks, worked by hand in rational numbers.

Each case follows the paper's algorithm line by line; the working stands beside the numbers. Gradients are chosen so
that every root is rational: with beta2 = 9/25 the step v' = (9 v + 16 g^2)/25 closes right-angled triangles of sides
3 sqrt(v), 4 g and 5 sqrt(v'), and with beta2 = 1/3 the corrected moments are v_hat_2 = (g1^2 + 3 g2^2)/4 and
v_hat_3 = (g1^2 + 3 g2^2 + 9 g3^2)/13.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Case:
    """One coordinate: a RULE string, its hyperparameters, theta before the first step, gradients, theta after each.

    given: numbers as text; a value with several entries, "1/2 1/2 1/4", has one for each step.
    """

    rule: str
    given: Mapping[str, str]
    start: str
    gradients: str
    expected: str
    source: str

    def hyperparameters(self) -> list[dict[str, Fraction]]:
        steps = len(self.gradients.split())
        columns = {name: [Fraction(x) for x in text.split()] for name, text in self.given.items()}
        return [{n: c[min(i, len(c) - 1)] for n, c in columns.items()} for i in range(steps)]


RMSPROP = "Malladi et al. 2022, RMSprop (old v; eps outside)"
TENSORFLOW = "Tieleman & Hinton 2012, slide 29, with the option named"
GENERIC = "Chen et al. 2022, Algorithm 1"
OLD = "Malladi et al. 2022, Adam (old v)"
ADAM = "Kingma & Ba 2015, Algorithm 1, with the option named"
ADAMW = "Loshchilov & Hutter 2019, Algorithm 2, with the option named"
LION = "Chen et al. 2023, Algorithm 2"
ADOPT = "Taniguchi et al. 2024, Algorithm 2"
CLIPPED = "Taniguchi et al. 2024, the authors' later code"
ADAGRAD = "Duchi, Hazan & Singer 2011, Figure 1, with the option named"
MOMENTUM = "Polyak 1964, Eq. (9)"
NESTEROV = "Sutskever et al. 2013, Eqs. (1)-(4)"

# sqrt(v): 4, 3, 41/5 from 9*0 + 16*25 = 400 = 20^2, 9*16 + 16*81/16 = 225 = 15^2, 9*9 + 16*100 = 1681 = 41^2, over 5.
TRIANGLES = "5 -9/4 10"
NINE = {"beta2": "9/25", "eps": "1"}
# v_hat: 1, (1 + 48)/4 = (7/2)^2, (1 + 48 + 9*1764)/13 = 15925/13 = 1225 = 35^2.
THIRDS = {"beta1": "1/2", "beta2": "1/3", "eps": "3/2", "eta": "1/10"}

SIGNS = {"eta": "1/10", "beta1": "2/3", "beta2": "1/2", "lambda": "1/5"}
ROOTS = {"eta": "1/4", "beta1": "1/2", "beta2": "9/25", "eps": "1/10"}
AVERAGE = {"eta": "1/2", "mu": "1/3"}

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
    # t = 1 does not move. m: 1/2; 1/4 + 2 = 9/4; 9/8 - 1 = 1/8. m_hat: 9/4 / (3/4) = 3; 1/8 / (7/8) = 1/7.
    # v_hat before the step: 1; (7/2)^2. Steps 3/(5/2) = 6/5; (1/7)/5 = 1/35.
    # theta: 1; 1 - 3/25; 22/25 - 1/350 = (308 - 1)/350.
    Case("adam@second_moment=old", THIRDS, "1", "1 4 -2", "1 22/25 307/350", OLD),
    # A second moment that falls: v_hat 121; (121 + 48)/4 = (13/2)^2. m: 11/2; 19/4; 19/8 - 1 = 11/8, m_hat 19/3, 11/7.
    # Steps (19/3)/(25/2) = 38/75; (11/7)/8 = 11/56. theta: 1; 1 - 19/375; 356/375 - 11/560 = (39872 - 825)/42000.
    Case("adam@second_moment=old", THIRDS, "1", "11 4 -2", "1 356/375 39047/42000", OLD),
    # m: 5/2; 5/4 - 9/8 = 1/8; 1/16 + 5 = 81/16. Steps (5/2)/5 = 1/2; (1/8)/4 = 1/32; (81/16)/(46/5) = 405/736.
    # theta: 1 - 1/20; 19/20 - 1/320 = 303/320; 303/320 - 81/1472 = (6969 - 405)/7360.
    Case(
        "adam@correction=none",
        {**NINE, "eta": "1/10", "beta1": "1/2"},
        "1", TRIANGLES, "19/20 303/320 1641/1840", ADAM,
    ),
    # m_hat: 5; (1/8)/(3/4) = 1/6; (81/16)/(7/8) = 81/14. Steps 1; 1/24; (81/14)/(46/5) = 405/644.
    # theta: 1 - 1/10; 9/10 - 1/240 = 43/48; 43/48 - 81/1288 = (6923 - 486)/7728.
    Case(
        "adam@correction=first",
        {**NINE, "eta": "1/10", "beta1": "1/2"},
        "1", TRIANGLES, "9/10 43/48 6437/7728", ADAM,
    ),
    # m: 1/2; 9/4; 9/8 + 21 = 177/8. sqrt(v_hat) + eps: 5/2, 5, 73/2. Steps 1/5, 9/20, 177/292.
    # theta: 1 - 1/50; 49/50 - 9/200 = 187/200; 187/200 - 177/2920 = (13651 - 885)/14600.
    Case("adam@correction=second", THIRDS, "1", "1 4 42", "49/50 187/200 6383/7300", ADAM),
    # The same with signs: m -1/2; -1/4 + 2 = 7/4; 7/8 - 21 = -161/8. Steps -1/5, 7/20, -161/292.
    # theta: 1 + 1/50; 51/50 - 7/200 = 197/200; 197/200 + 161/2920 = (14381 + 805)/14600.
    Case("adam@correction=second", THIRDS, "1", "-1 4 -42", "51/50 197/200 7593/7300", ADAM),
    # A second moment that falls: roots 11, 13/2; m 11/2, 19/4. Steps (11/2)/(25/2) = 11/25; (19/4)/8 = 19/32.
    Case("adam@correction=second", THIRDS, "1", "11 4", "239/250 7173/8000", ADAM),
    # v_hat: 9; (9 + 27)/4 = 9; (9 + 27 + 2304)/13 = 180. sqrt(v_hat + 16): 5, 5, 14.
    # m: 3/2; 3/4 - 3/2 = -3/4; -3/8 + 8 = 61/8. m_hat 3, -1, 61/7. Steps 3/5, -1/5, 61/98.
    # theta: 1 - 3/50; 47/50 + 1/50; 24/25 - 61/980 = (4704 - 305)/4900.
    Case("adam@eps=inside", {**THIRDS, "eps": "16"}, "1", "3 -3 16", "47/50 24/25 4399/4900", ADAM),
    # v_hat: 9; (9 + 48)/4 = 57/4, plus 16 is (11/2)^2. m: 3/2; 3/4 + 2 = 11/4, m_hat 11/3. Steps 3/5, 2/3.
    Case("adam@eps=inside", {**THIRDS, "eps": "16"}, "1", "3 4", "47/50 131/150", ADAM),
    # v_hat: 121; 169/4; plus 48: 13^2; (19/2)^2. m_hat 11, 19/3. Steps 11/13; 2/3.
    Case("adam@eps=inside", {**THIRDS, "eps": "48"}, "1", "11 4", "119/130 331/390", ADAM),
    # beta2 = 9/25, then 3/5, so that sqrt(1 - beta2^t) = 4/5 at t = 1 and t = 2. (A third step has no rational case:
    # y^2 = 1 - x^3 has no rational point with 0 < x < 1.) v_hat_1 = 25; v_hat_2 = (24*25 + 25*16)/40 = 25.
    # sqrt(v_hat) + eps/sqrt(1 - beta2^t) = 5 + (4/5)(5/4) = 6. m: 5/2; 5/4 + 2 = 13/4, m_hat 5, 13/3.
    # Steps 5/6, 13/18; theta: 1 - 1/12; 11/12 - 13/180.
    Case("adam@eps=hat", {**THIRDS, "beta2": "9/25 3/5", "eps": "4/5"}, "1", "5 4", "11/12 38/45", ADAM),
    # v_hat_1 = 45^2; v_hat_2 = (24*2025 + 25*16)/40 = 1225 = 35^2. m_hat 45; 53/3. Steps 45/46; (53/3)/36 = 53/108.
    # theta: 1 - 9/92; 83/92 - 53/1080 = (22410 - 1219)/24840.
    Case("adam@eps=hat", {**THIRDS, "beta2": "9/25 3/5", "eps": "4/5"}, "1", "45 4", "83/92 21191/24840", ADAM),
    # v_hat: 121; (121 + 48)/4 = (13/2)^2; (169 + 9*6084)/13 = 4225 = 65^2. Their maxima have roots 11, 11, 65.
    # m: 11/2; 11/4 + 2 = 19/4; 19/8 + 39 = 331/8. m_hat 11, 19/3, 331/7. Steps 11/12, 19/36, 331/462.
    # theta: 1 - 11/120; 109/120 - 19/360 = 77/90; 77/90 - 331/4620 = (11858 - 993)/13860.
    Case(
        "adam@amsgrad=corrected",
        {**THIRDS, "eps": "1"},
        "1", "11 4 78", "109/120 77/90 2173/2772", "Reddi et al. 2018, Algorithm 2, maximum of v_hat",
    ),
    # AdamW: m_hat 11, 19/3; roots 11, 13/2. Steps 11/(25/2) = 22/25, (19/3)/8 = 19/24, times 1/10; lambda = 1/4.
    # after: (1 - 11/125)(39/40) = 2223/2500; (2223/2500 - 19/240)(39/40) = (24301/30000)(39/40).
    Case("adamw@decay=after", {**THIRDS, "lambda": "1/4"}, "1", "11 4", "2223/2500 315913/400000", ADAMW),
    # independent: 1 - 11/125 - 1/4 = 331/500; 331/500 - 19/240 - 331/2000 = (3972 - 475 - 993)/6000.
    Case("adamw@decay=independent", {**THIRDS, "lambda": "1/4"}, "1", "11 4", "331/500 313/750", ADAMW),
    # proximal: (114/125)/(41/40) = 912/1025; (912/1025 - 19/240)/(41/40) = (39881/49200)(40/41).
    Case("adamw@decay=proximal", {**THIRDS, "lambda": "1/4"}, "1", "11 4", "912/1025 39881/50430", ADAMW),
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
    # The first gradient sets v = 16 and moves nothing; roots then 4, 3, 41/5. d: -9/16, 10/3, 5.
    # m: -9/32; -9/64 + 5/3 = 293/192; 293/384 + 5/2 = 1253/384.
    # theta: 1; 1 + 9/128; 137/128 - 293/768 = 529/768; 529/768 - 1253/1536 = -195/1536.
    Case("adopt", ROOTS, "1", "4 -9/4 10 41", "1 137/128 529/768 -65/512", ADOPT),
    # A hundredth of it: the roots stay below eps = 1/10. d: -9/40, 1, 41/10. m: -9/80; 71/160; 727/320.
    Case("adopt", ROOTS, "0", "4/100 -9/400 1/10 41/100", "0 9/320 -53/640 -833/1280", ADOPT),
    # root + 1: 5, 4, 46/5. d: -9/20, 5/2, 205/46. m: -9/40; 91/80; 91/160 + 205/92 = 10293/3680.
    Case("adopt@eps=outside", {**ROOTS, "eps": "1"}, "1", "4 -9/4 10 41", "1 169/160 247/320 1069/14720", ADOPT),
    # root 4, then (9*16 + 16*1225/16)/25 = (37/5)^2. d = 35/16, clipped to (t-1)^(1/4) = 1 at t = 2;
    # (407/50)/(37/5) = 11/10 < 2^(1/4) at t = 3 is not. m: 1/2; 1/4 + 11/20 = 4/5.
    Case("adopt@clip=growing", ROOTS, "1", "4 35/4 407/50", "1 7/8 27/40", CLIPPED),
    Case("adopt@clip=growing", ROOTS, "0", "4 -35/4 -407/50", "0 1/8 13/40", CLIPPED),
    # Zero gradients shrink the root to 4 (3/5)^15; at t = 17 the limit is 16^(1/4) = 2 and d = 5/root is above it.
    Case("adopt@clip=growing", ROOTS, "1", "4" + 15 * " 0" + " 5", 16 * "1 " + "3/4", CLIPPED),
    # sqrt(v + 16): 5, 13, 85 (legs 3-4, 5-12, 13-84). Step sizes 1/3, 2/9, 1/6.
    # theta: 1 - 1/5; 4/5 - 8/39 = 116/195; 116/195 + 14/85 = (1972 + 546)/3315.
    Case("adagrad@eps=inside", GROWING, "1", "3 12 -84", "4/5 116/195 2518/3315", ADAGRAD),
    # b: 3 (the first is g itself); 1 - 4 = -3; -1 + 6 = 5.
    Case("sgd@momentum=ema", AVERAGE, "1", "3 -6 9", "-1/2 1 -3/2", MOMENTUM),
    # b: 2; 2/3 - 4 = -10/3; -10/9 + 6 = 44/9.
    Case("sgd@momentum=ema,first=damped", AVERAGE, "1", "3 -6 9", "0 5/3 -7/9", MOMENTUM),
    # b: 3, -3, 5 as above; d = (2/3) g + b/3: 3, -5, 23/3.
    Case("sgd@momentum=ema,nesterov=yes", AVERAGE, "1", "3 -6 9", "-1/2 2 -11/6", NESTEROV),
    # b = b/3 + (3/4) g: 9/4; 3/4 - 9/2 = -15/4; -5/4 + 27/4 = 11/2.
    Case("sgd@momentum=heavy_ball,first=damped", {**AVERAGE, "tau": "1/4"}, "1", "3 -6 9", "-1/8 7/4 -1", MOMENTUM),
)
# fmt: on
