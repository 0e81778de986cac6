"""Muon: momentum made nearly orthogonal by five Newton-Schulz steps (Jordan et al. 2024)."""

from driftproof.theory.language import (
    Max,
    Rational,
    Source,
    State,
    UpdateRule,
    b,
    eps,
    eq,
    eta,
    g,
    hyper,
    matmul,
    mu,
    new,
    norm,
    symbol,
    theta,
    transpose,
    x,
)

lambda_ = symbol("lambda")
first = Rational("3.4445")
third = Rational("-4.775")
fifth = Rational("2.0315")
x1 = symbol("x1")
x2 = symbol("x2")
x3 = symbol("x3")
x4 = symbol("x4")
x5 = symbol("x5")
A1 = symbol("A1")
A2 = symbol("A2")
A3 = symbol("A3")
A4 = symbol("A4")
A5 = symbol("A5")

muon = UpdateRule(
    name="muon",
    source=Source("jordan2024muon", "the update rule", "for matrices with rows <= columns, whose step is not scaled"),
    hyperparameters=[hyper(eta, "0.001"), hyper(mu, "0.95"), hyper(eps, "1e-7"), hyper(lambda_, "0.1")],
    state=[State(b, init=0)],
    equations=[
        eq(new(b), mu * b + (1 - mu) * g),
        eq(x, mu * new(b) + (1 - mu) * g),
        eq(x1, x / Max(norm(x, over="tensor"), eps)),
        eq(A1, matmul(x1, transpose(x1))),
        eq(x2, first * x1 + matmul(third * A1 + fifth * matmul(A1, A1), x1)),
        eq(A2, matmul(x2, transpose(x2))),
        eq(x3, first * x2 + matmul(third * A2 + fifth * matmul(A2, A2), x2)),
        eq(A3, matmul(x3, transpose(x3))),
        eq(x4, first * x3 + matmul(third * A3 + fifth * matmul(A3, A3), x3)),
        eq(A4, matmul(x4, transpose(x4))),
        eq(x5, first * x4 + matmul(third * A4 + fifth * matmul(A4, A4), x4)),
        eq(A5, matmul(x5, transpose(x5))),
        eq(
            new(theta),
            (1 - eta * lambda_) * theta - eta * (first * x5 + matmul(third * A5 + fifth * matmul(A5, A5), x5)),
        ),
    ],
)
