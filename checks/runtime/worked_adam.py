"""Adam and AdamW: the options that torch lacks, worked by hand.

Gradients are chosen so that every root is rational: with beta2 = 9/25 the step v' = (9 v + 16 g^2)/25 closes
right-angled triangles of sides 3 sqrt(v), 4 g and 5 sqrt(v'), and with beta2 = 1/3 the corrected moments are
v_hat_2 = (g1^2 + 3 g2^2)/4 and v_hat_3 = (g1^2 + 3 g2^2 + 9 g3^2)/13.
"""

from __future__ import annotations

from .worked_case import Case

OLD = "Malladi et al. 2022, Adam (old v)"
ADAM = "Kingma & Ba 2015, Algorithm 1, with the option named"
ADAMW = "Loshchilov & Hutter 2019, Algorithm 2, with the option named"
ONEFLOW = "Loshchilov & Hutter 2019, Algorithm 2, with the decay of OneFlow 2021"

# sqrt(v): 4, 3, 41/5 from 9*0 + 16*25 = 400 = 20^2, 9*16 + 16*81/16 = 225 = 15^2, 9*9 + 16*100 = 1681 = 41^2, over 5.
TRIANGLES = "5 -9/4 10"
NINE = {"beta2": "9/25", "eps": "1"}
# v_hat: 1, (1 + 48)/4 = (7/2)^2, (1 + 48 + 9*1764)/13 = 15925/13 = 1225 = 35^2.
THIRDS = {"beta1": "1/2", "beta2": "1/3", "eps": "3/2", "eta": "1/10"}

# fmt: off
CASES = (
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
    # theta' = theta - eta m_hat sqrt(1 - beta2^t)/sqrt(v + eps): root = sqrt((v + eps)/(1 - beta2^t)), ratio =
    # m_hat/root.
    # m: 5/2; 3/4; 15/8. m_hat: 5; 1; 15/7. root: 7; 5; 5. ratio: 5/7; 1/5; 3/7.
    Case(
        "adam@eps=inside_hat",
        {"eta": "1/10", "beta1": "1/2", "beta2": "1/3", "eps": "16"},
        "1", "5 -1 3", "13/14 159/175 303/350", ADAM,
    ),
    # m: 1/12; 11/36; -61/54. m_hat: 1/4; 11/20; -61/38. root: 5/4; 5/4; 7/2. ratio: 1/5; 11/25; -61/133.
    Case(
        "adam@eps=inside_hat",
        {"eta": "1/10", "beta1": "2/3", "beta2": "1/3", "eps": "1"},
        "1", "1/4 3/4 -4", "49/50 117/125 32647/33250", ADAM,
    ),
    # root = sqrt(v_hat + eps), ratio = m_hat/(root + eps).
    # m: 1/4; 9/8; 23/16. m_hat: 1/2; 3/2; 23/14. root: 3/2; 9/4; 9/4. ratio: 1/7; 6/17; 46/119.
    Case(
        "adam@eps=both",
        {"eta": "1/10", "beta1": "1/2", "beta2": "1/3", "eps": "2"},
        "1", "1/2 2 7/4", "69/70 1131/1190 31/34", ADAM,
    ),
    # m: 1/6; 19/18; -1/54. m_hat: 1/2; 19/10; -1/38. root: 1; 7/3; 7/3. ratio: 2/7; 114/185; -6/703.
    Case(
        "adam@eps=both",
        {"eta": "1/10", "beta1": "2/3", "beta2": "3/4", "eps": "3/4"},
        "1", "1/2 17/6 -13/6", "34/35 5891/6475 112034/123025", ADAM,
    ),
    # m: 31/24; 25/36. m_hat: 31/8; 5/4. root: 33/8; 39/16. ratio: 31/49; 20/71.
    Case(
        "adam@eps=both",
        {"eta": "1/10", "beta1": "2/3", "beta2": "1/3", "eps": "2"},
        "1", "31/8 -1/2", "459/490 31609/34790", ADAM,
    ),
    # root = sqrt(v_hat), ratio = m_hat/max(root, eps).
    # m: 1/2; -7/4; -21/8. m_hat: 1; -7/3; -3. root: 1; 7/2; 7/2. ratio: 1/3; -2/3; -6/7.
    Case(
        "adam@eps=max",
        {"eta": "1/10", "beta1": "1/2", "beta2": "1/3", "eps": "3"},
        "1", "1 -4 -7/2", "29/30 31/30 47/42", ADAM,
    ),
    # m: 11/9; 10/27. m_hat: 11/3; 2/3. root: 11/3; 13/6. ratio: 1; 2/9.
    Case(
        "adam@eps=max",
        {"eta": "1/10", "beta1": "2/3", "beta2": "1/3", "eps": "3"},
        "2", "11/3 -4/3", "19/10 169/90", ADAM,
    ),
    # root = sqrt(v_hat + 10^-15); with everything in units of 10^-8 the constant is 10. ratio = m_hat/(root + eps).
    # m: 1/1200000000; 31/2400000000; -7/1600000000. m_hat: 1/600000000; 31/1800000000; -1/200000000. root:
    # 19/600000000; 23/600000000; 23/600000000. ratio: 1/25; 31/87; -3/29.
    Case(
        "adam@eps=guarded",
        {"eta": "1/10", "beta1": "1/2", "beta2": "1/3", "eps": "1/100000000"},
        "1", "1/600000000 1/40000000 -13/600000000", "249/250 10444/10875 21113/21750", ADAM,
    ),
    # m: 13/400000000; 11/600000000. m_hat: 39/400000000; 33/1000000000. root: 41/400000000; 47/800000000. ratio:
    # 13/15; 12/25.
    Case(
        "adam@eps=guarded",
        {"eta": "1/10", "beta1": "2/3", "beta2": "1/3", "eps": "1/100000000"},
        "1", "39/400000000 -1/100000000", "137/150 649/750", ADAM,
    ),
    # AdamW: m_hat 11, 19/3; roots 11, 13/2. Steps 11/(25/2) = 22/25, (19/3)/8 = 19/24, times 1/10; lambda = 1/4.
    # after: (1 - 11/125)(39/40) = 2223/2500; (2223/2500 - 19/240)(39/40) = (24301/30000)(39/40).
    Case("adamw@decay=after", {**THIRDS, "lambda": "1/4"}, "1", "11 4", "2223/2500 315913/400000", ADAMW),
    # independent: 1 - 11/125 - 1/4 = 331/500; 331/500 - 19/240 - 331/2000 = (3972 - 475 - 993)/6000.
    Case("adamw@decay=independent", {**THIRDS, "lambda": "1/4"}, "1", "11 4", "331/500 313/750", ADAMW),
    # proximal: (114/125)/(41/40) = 912/1025; (912/1025 - 19/240)/(41/40) = (39881/49200)(40/41).
    Case("adamw@decay=proximal", {**THIRDS, "lambda": "1/4"}, "1", "11 4", "912/1025 39881/50430", ADAMW),
    # The decay is with the corrected step size: theta' = shrink theta - eta ratio, shrink = 1 - eta lambda sqrt(1 -
    # beta2^t)/(1 - beta1^t); beta2 is 9/25, then 3/5, so that this root is 4/5 twice. root = sqrt(v_hat).
    # m: 3/4; -9/40. m_hat: 3/2; -3/10. root: 3/2; 3/2. ratio: 3/5; -3/25. shrink: 24/25; 73/75.
    Case(
        "adamw@decay=corrected",
        {"eta": "1/10", "beta1": "1/2", "beta2": "9/25 3/5", "eps": "1", "lambda": "1/4"},
        "1", "3/2 -6/5", "9/10 111/125", ONEFLOW,
    ),
    # m: 3; 26/15. m_hat: 9; 78/25. root: 9; 7. ratio: 9/10; 39/100. shrink: 47/50; 241/250.
    Case(
        "adamw@decay=corrected",
        {"eta": "1/10", "beta1": "2/3", "beta2": "9/25 3/5", "eps": "1", "lambda": "1/4"},
        "2", "9 -4/5", "179/100 10541/6250", ONEFLOW,
    ),
    # A matrix decays; ratio = m_hat/(sqrt(v_hat) + eps).
    # ratio: (22/25, 2/5); (19/24, -7/15).
    Case(
        "adamw@decay=matrices",
        {"eta": "1/10", "beta1": "1/2", "beta2": "1/3", "eps": "3/2", "lambda": "1/4"},
        "1,2", "11,1 4,-4", "887/1000,191/100 94279/120000,22907/12000", ADAMW, (1, 2),
    ),
    # A vector does not.
    # ratio: (22/25, 2/5); (19/24, -7/15).
    Case(
        "adamw@decay=matrices",
        {"eta": "1/10", "beta1": "1/2", "beta2": "1/3", "eps": "3/2", "lambda": "1/4"},
        "1,2", "11,1 4,-4", "114/125,49/25 4997/6000,301/150", ADAMW, (2,),
    ),
)
# fmt: on
