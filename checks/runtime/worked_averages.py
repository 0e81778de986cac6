"""Schedule-Free SGD and AdamW, worked by hand.

Each working line names the values of one quantity at t = 1, 2, ...; a line above says what they are.
"""

from __future__ import annotations

from .worked_case import Case

ROAD = "Defazio et al. 2024, Eqs. (3)-(5)"
ROAD_CODE = "Defazio et al. 2024, the authors' code"
ROAD_ADAMW = "Defazio et al. 2024, Algorithm 1, with the option named"

# fmt: off
CASES = (
    # d = g + lambda y, z' = z - eta d, x' = (1 - share) x + share z', y' = (1 - beta) z' + beta x'; share = 1/(t + 1),
    # t = 1, 2, 3.
    # d: 16/5; -1; 103/50. z: -3/5; 2/5; -23/200. share: 1/2; 1/3; 1/4. x: 1/5; 4/15; 137/800. y: 0; 3/10; 319/3200.
    Case(
        "schedule_free_sgd",
        {"eta": "1/2 1 1/4", "beta": "3/4", "lambda": "1/5"},
        "1", "3 -1 2", "0 3/10 319/3200", ROAD, outputs={"evaluation": "1/5 4/15 137/800"},
    ),
    # share = w/(sum of the w), w = (largest eta so far)^2.
    # d: 16/5; -28/25; 1294/625. z: -3/5; 13/25; 3/1250. share: 1; 4/5; 4/9. x: -3/5; 37/125; 931/5625. y: -3/5;
    # 44/125; 1871/15000.
    Case(
        "schedule_free_sgd@weights=largest",
        {"eta": "1/2 1 1/4", "beta": "3/4", "lambda": "1/5"},
        "1", "3 -1 2", "-3/5 44/125 1871/15000", ROAD_CODE, outputs={"evaluation": "-3/5 37/125 931/5625"},
    ),
    # root = sqrt(v_hat), d = g/(root + eps) + lambda y; with one eta the share of the newest z, eta_t^2 in the sum of
    # these, is 1/t.
    # root: 1/2; 7/4; 7/4. d: 0; 45/52; -1005/3328. z: 1; 95/104; 6281/6656. x: 1; 199/208; 6339/6656. y: 1; 787/832;
    # 973/1024.
    Case(
        "schedule_free_adamw",
        {"eta": "1/10", "beta": "3/4", "lambda": "1/4", "beta2": "1/3", "eps": "3/2"},
        "1", "-1/2 2 -7/4", "1 787/832 973/1024", ROAD_ADAMW, outputs={"evaluation": "1 199/208 6339/6656"},
    ),
    # root: 11/2; 7/2; 7/2. d: 9/7; 25/28; -3721/10080. z: 11/7; 107/84; 42241/30240. x: 11/7; 239/168; 128281/90720.
    # y: 11/7; 667/504; 381727/272160.
    Case(
        "schedule_free_adamw",
        {"eta": "1/3", "beta": "1/3", "lambda": "1/4", "beta2": "1/3", "eps": "3/2"},
        "2", "11/2 5/2 -7/2", "11/7 667/504 381727/272160", ROAD_ADAMW,
        outputs={"evaluation": "11/7 239/168 128281/90720"},
    ),
    # share = w/(sum of the w), w = (largest eta so far)^2.
    # root: 1/2; 7/4; 7/4. d: 0; 45/52; -1353/4160. z: 1; 43/52; 35753/41600. x: 1; 56/65; 26851/31200. y: 1; 887/1040;
    # 143157/166400.
    Case(
        "schedule_free_adamw",
        {"eta": "1/10 1/5 1/10", "beta": "3/4", "lambda": "1/4", "beta2": "1/3", "eps": "3/2"},
        "1", "-1/2 2 -7/4", "1 887/1040 143157/166400", ROAD_CODE, outputs={"evaluation": "1 56/65 26851/31200"},
    ),
    # root: 11/2; 7/2. d: 9/7; 25/28. z: 11/7; 9/8. x: 11/7; 919/728. y: 11/7; 2557/2184.
    Case(
        "schedule_free_adamw",
        {"eta": "1/3 1/2", "beta": "1/3", "lambda": "1/4", "beta2": "1/3", "eps": "3/2"},
        "2", "11/2 5/2", "11/7 2557/2184", ROAD_CODE, outputs={"evaluation": "11/7 919/728"},
    ),
    # root = sqrt(v').
    # root: 16; 12; 9. d: -25/28; 631/672; 38729/43008. z: 61/56; 6689/6720; 129789/143360. x: 61/56; 14009/13440;
    # 1285943/1290240. y: 61/56; 1583/1536; 23933/24576.
    Case(
        "schedule_free_adamw@correction=none",
        {"eta": "1/10", "beta": "3/4", "lambda": "1/4", "beta2": "9/25", "eps": "3/2"},
        "1", "-20 9 27/4", "61/56 1583/1536 23933/24576", ROAD_ADAMW,
        outputs={"evaluation": "61/56 14009/13440 1285943/1290240"},
    ),
    # root: 16; 12. d: -25/28; 111/112. z: 109/84; 77/96. x: 109/84; 8339/8736. y: 109/84; 4003/4368.
    Case(
        "schedule_free_adamw@correction=none",
        {"eta": "1/3 1/2 1/5", "beta": "3/4", "lambda": "1/4", "beta2": "9/25", "eps": "3/2"},
        "1", "-20 9", "109/84 4003/4368", ROAD_CODE, outputs={"evaluation": "109/84 8339/8736"},
    ),
)
# fmt: on
