"""Adafactor: second moments of a matrix kept by row and column alone (Shazeer & Stern 2018, Algorithms 4 to 6)."""

from ..language import *

damping = Convention("damping", {
    "clamp": "v and the mean of r are kept above eps1^2 and eps1 (torch)", "added": "eps1 is added to g^2 (paper)"})
relative = Convention("relative", {
    "yes": "steps of min(eta, 1/sqrt(t)) (paper, torch)", "no": "of eta (optax, whose eta is a schedule)"})
beta_t, squares = symbol("beta_t"), symbol("squares")
row_v, column_v = symbol("row_v"), symbol("column_v")
mean_row = reduce("mean", new(row_v), over="column")
outer = new(row_v) * new(column_v) / choose("damping", clamp=Max(mean_row, eps1), added=mean_row)
estimate = Piecewise((new(v), dims < 2), (outer, True))

undecayed = UpdateRule(
    name="adafactor",
    source=Source("shazeer2018adafactor", "Algorithms 4-6", "R/m is row_v, C/n column_v; every entry holds its line's"),
    conventions=[damping, relative],
    names={
        "row_v": "second moment of the row", "column_v": "second moment of the column", "squares": "squared gradient",
        "beta_t": "decay of this step",
    },
    hyperparameters=[
        hyper(eta, "0.01", meaning="largest relative step size"), hyper(c, "1", meaning="bound of the step's size"),
        hyper(power, "0.8", meaning="exponent of the decay's schedule"),
        hyper(eps1, "1e-30", meaning="floor of squared gradients"), hyper(eps2, "0.001", meaning="of theta's size")],
    state=[State(row_v, init=0), State(column_v, init=0), State(v, init=0)],
    equations=[
        eq(beta_t, 1 - t ** (-power)),
        eq(squares, choose("damping", clamp=g**2, added=g**2 + eps1)),
        average(row_v, reduce("mean", squares, over="row"), beta_t),
        average(column_v, reduce("mean", squares, over="column"), beta_t),
        average(v, squares, beta_t),
        eq(d, g / sqrt(choose("damping", clamp=Max(estimate, eps1**2), added=estimate))),
        eq(r, choose("relative", yes=Min(eta, 1 / sqrt(t)), no=eta)),
        eq(step, Max(eps2, sqrt(reduce("mean", theta**2, over="tensor"))) * r),
        eq(new(theta), theta - step * d / Max(1, sqrt(reduce("mean", d**2, over="tensor")) / c)),
    ],
)
adafactor = compose(
    "adafactor", undecayed, [decoupled_decay("0", step=theta_raw - step * lambda_ * theta)],
    conventions=[decay_orders(step="theta shrinks by 1 - step*lambda, the whole length of the step (collections)")],
    used_in=["torch.optim.Adafactor", "transformers.optimization.Adafactor", "optax.adafactor"],
    disagreements=["torch: eps1 is machine epsilon, and clamps; optax: added, relative=no, decay=independent."])
