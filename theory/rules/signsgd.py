"""signSGD: a step along the sign of the gradient (Bernstein et al. 2018, Algorithm 1)."""

from ..language import Source, UpdateRule, eq, eta, g, hyper, new, sign, theta

signsgd = UpdateRule(
    name="signsgd",
    source=Source("bernstein2018signsgd", "Algorithm 1", "delta is eta here; sign(0) = 0"),
    hyperparameters=[hyper(eta, "1e-4")],
    equations=[eq(new(theta), theta - eta * sign(g))],
)
