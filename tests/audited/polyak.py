"""The Polyak step, at most eta long: a rule that uses the loss."""

from driftproof.theory.language import Min, Source, UpdateRule, eq, eta, f, g, hyper, new, reduce, theta

polyak = UpdateRule(
    name="polyak",
    source=Source("polyak1964some", "for the test"),
    hyperparameters=[hyper(eta, "0.1")],
    equations=[eq(new(theta), theta - Min(eta, f / reduce("sum", g**2, over="group")) * g)],
)
