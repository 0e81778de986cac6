"""Muon: momentum made nearly orthogonal by five Newton-Schulz steps (Jordan et al. 2024)."""

from ..language import *

nesterov = Convention("nesterov", {"yes": "look-ahead (1 - mu)*g + mu*b", "no": "b"})
norm_floor = Convention("eps", {"max": "max(norm, eps) (torch)", "outside": "norm + eps (Jordan's code)"})
scale = Convention("scale", {
    "original": "sqrt(max(1, rows/columns)) (Jordan; torch's default)",
    "match_rms": "0.2*sqrt(max(rows, columns)): AdamW's root mean square (Liu et al. 2025)",
    "none": "1 (Jordan's first version)"})
size_of = norm(x, over="tensor")
first_c, third_c, fifth_c = Rational("3.4445"), Rational("-4.775"), Rational("2.0315")

undecayed = UpdateRule(
    name="muon",
    source=Source("jordan2024muon", "the update rule", "for matrices; rows > columns is the transposed case, the same"),
    conventions=[nesterov, norm_floor, scale],
    hyperparameters=[hyper(eta, "0.001"), hyper(mu, "0.95"), hyper(eps, "1e-7")],
    state=[State(b, init=0)],
    equations=[
        average(b, g, mu),
        eq(x, choose("nesterov", yes=mu * new(b) + (1 - mu) * g, no=new(b))),
        eq(y, x / choose("eps", max=Max(size_of, eps), outside=size_of + eps)),
        *repeat(5, [
            eq(A, matmul(y, transpose(y))),
            eq(y, first_c * y + matmul(third_c * A + fifth_c * matmul(A, A), y)),
        ], result=d),
        eq(step, eta * choose("scale", original=sqrt(Max(1, rows / columns)),
            match_rms=Rational("0.2") * sqrt(Max(rows, columns)), none=1)),
        eq(new(theta), theta - step * d),
    ],
)
muon = compose(
    "muon", undecayed, [decoupled_decay("0.1")], conventions=[DECAY_ORDERS],
    used_in=["torch.optim.Muon", "optax.contrib.muon"],
    disagreements=[
        "A sum b = mu*b + g has the same direction but for eps.",
        "optax corrects b and takes columns/rows; torch rounds to bfloat16."])
