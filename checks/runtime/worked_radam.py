"""RAdam's options, worked by hand.

Each working line names the values of one quantity at t = 1, 2, ...; a line above says what they are.
"""

from __future__ import annotations

from .worked_case import Case

RADAM = "Liu et al. 2020, Algorithm 2"
RADAM_CODE = "Liu et al. 2020, the authors' code"

EARLY = {"eta": "1/5", "beta1": "1/2", "beta2": "3/4", "lambda": "1/2"}
FIVE = "1 1 1 1 1 "
RAW_EARLY = {"eta": "1/10", "beta1": "2/3", "beta2": "2/3", "lambda": "1/2", "eps": "1"}

# fmt: off
CASES = (
    # rho' = rho_max - 2t beta2^t/(1 - beta2^t), rho_max = 2/(1 - beta2) - 1. While rho <= 4, theta' = (1 - eta lambda)
    # theta - eta m_hat. Above it m_hat takes the factor quotient = r/sqrt((v + eps)/(1 - beta2^t)), r^2 = (rho -
    # 4)(rho - 2) rho_max/((rho_max - 4)(rho_max - 2) rho). With beta2 = 3/4, rho_max is 7, rho_5 < 4 and rho_6 =
    # 14821/3367 > 4. There r = sqrt(D)/35644505 with D = 130003957482685, and eps makes (v + eps)/(1 - beta2^6) = 4
    # D/10^14, so that the roots cancel.
    # m: 1/2; 3/4; 7/8; 15/16; 31/32; -33/64. rho: 14821/3367. v: 6439/4096. quotient: 1000000/7128901.
    Case(
        "radam@eps=inside_hat,threshold=four",
        {**EARLY, "eps": FIVE + "55349664968840079/20480000000000000"},
        "1", "1 1 1 1 1 -2", "7/10 43/100 187/1000 -317/10000 -22853/100000 -28591270390517/149706921000000", RADAM,
    ),
    # m: 2/3; 10/9; 38/27; 130/81; 422/243; 1087/729. rho: 14821/3367. v: 2599/1024. quotient: 1000000/7128901.
    Case(
        "radam@eps=inside_hat,threshold=four",
        {**EARLY, "beta1": "2/3", "eps": FIVE + "35564664968840079/20480000000000000"},
        "2", "2 2 2 2 2 1", "7/5 43/50 187/500 -317/5000 -22853/50000 -216751379139941/474071916500000", RADAM,
    ),
    # m: 1; -4/3; 19/9.
    Case("radam@eps=inside_hat,threshold=four", RAW_EARLY, "1", "3 -6 9", "13/20 343/400 4117/8000", RADAM),
    # m in place of m_hat while rho <= 4.
    # m: 1/2; 3/4; 7/8; 15/16; 31/32; -33/64. rho: 14821/3367. v: 6439/4096. quotient: 1000000/7128901.
    Case(
        "radam@eps=inside_hat,threshold=four,unadapted=raw",
        {**EARLY, "eps": FIVE + "55349664968840079/20480000000000000"},
        "1", "1 1 1 1 1 -2", "4/5 57/100 169/500 1167/10000 -1109/12500 -1219224778501/18713365125000", RADAM_CODE,
    ),
    # m: -1/2; -3/4; 1/8; 1/16; 1/32; 65/64. rho: 14821/3367. v: 5095/4096. quotient: 1000000/7128901.
    Case(
        "radam@eps=inside_hat,threshold=four,unadapted=raw",
        {**EARLY, "eps": FIVE + "62069664968840079/20480000000000000"},
        "2", "-1 -1 1 0 0 2", "19/10 93/50 1649/1000 3679/2500 131819/100000 39986449901621/34547751000000",
        RADAM_CODE,
    ),
    # m: 1; -4/3; 19/9.
    Case(
        "radam@eps=inside_hat,threshold=four,unadapted=raw",
        RAW_EARLY,
        "1", "3 -6 9", "17/20 1129/1200 49153/72000", RADAM_CODE,
    ),
    # Only the decay while rho <= 4.
    # m: 1/2; 3/4; 7/8; 15/16; 31/32; -33/64. rho: 14821/3367. v: 6439/4096. quotient: 1000000/7128901.
    Case(
        "radam@eps=inside_hat,threshold=four,unadapted=none",
        {**EARLY, "eps": FIVE + "55349664968840079/20480000000000000"},
        "1", "1 1 1 1 1 -2", "9/10 81/100 729/1000 6561/10000 59049/100000 81760395803161/149706921000000",
        RADAM_CODE,
    ),
    # m: -1/2; -3/4; 1/8; 1/16; 1/32; 65/64. rho: 14821/3367. v: 5095/4096. quotient: 1000000/7128901.
    Case(
        "radam@eps=inside_hat,threshold=four,unadapted=none",
        {**EARLY, "eps": FIVE + "62069664968840079/20480000000000000"},
        "2", "-1 -1 1 0 0 2", "9/5 81/50 729/500 6561/5000 59049/50000 17860091339191/17273875500000", RADAM_CODE,
    ),
    # m: 1; -4/3; 19/9.
    Case(
        "radam@eps=inside_hat,threshold=four,unadapted=none",
        RAW_EARLY,
        "1", "3 -6 9", "19/20 361/400 6859/8000", RADAM_CODE,
    ),
    # No decay while rho <= 4.
    # m: 1/2; 3/4; 7/8; 15/16; 31/32; -33/64. rho: 14821/3367. v: 6439/4096. quotient: 1000000/7128901.
    Case(
        "radam@eps=inside_hat,threshold=four,decay=rectified",
        {**EARLY, "eps": FIVE + "55349664968840079/20480000000000000"},
        "3", "1 1 1 1 1 -2", "14/5 13/5 12/5 11/5 2 1358362289/748534605", RADAM_CODE,
    ),
    # m: 2/3; 10/9; 38/27; 130/81; 422/243; 1087/729. rho: 14821/3367. v: 2599/1024. quotient: 1000000/7128901.
    Case(
        "radam@eps=inside_hat,threshold=four,decay=rectified",
        {**EARLY, "beta1": "2/3", "eps": FIVE + "35564664968840079/20480000000000000"},
        "3", "2 2 2 2 2 1", "13/5 11/5 9/5 7/5 1 8098494497/9481438330", RADAM_CODE,
    ),
    # m: 1; -4/3; 19/9.
    Case(
        "radam@eps=inside_hat,threshold=four,decay=rectified",
        RAW_EARLY,
        "1", "3 -6 9", "7/10 47/50 16/25", RADAM_CODE,
    ),
)
# fmt: on
