"""Instances about the value of theta along the SDE of Adam and AdamW, which Euler's steps in its time approach.

A cubic function of m and u stands beside it, whose value is exact.
"""

from __future__ import annotations

from collections.abc import Mapping

from .instance import Given, Instance
from .value_functions import CUBE_OF_M, valued

THETA_OF_ADAM: Mapping[str, Given] = {
    **CUBE_OF_M,
    "last": ["t", "(N - t - 1)*(N - t)/2"],
    "steps": ["t", "(N - t)*(3 - N + t)/2"],
    "kappa": ["k", "sqrt(gamma2(k))/gamma1(k)"],
    "P": ["t", "k", "sigma0*sqrt(u(t, 0)) + eps0*sqrt(gamma2(k))"],
    "w": ["t", "k", "kappa(k)/P(t, k)"],
    "slope": ["t", "k", "-kappa(k)*sigma0/(2*sqrt(u(t, 0))*P(t, k)^2)"],
    "V_theta": ["t", "1 - eta^2*lambda0*last(t)"],
    "V_m_theta": ["t", "-(eta^2*last(t)*w(t, t + k0 + 2))"],
    "V_u_theta": ["t", "-(eta^2*last(t)*m(t, 0)*slope(t, t + k0 + 2))"],
    "drift_of_value": [
        "t",
        "-(V_theta(t)*(lambda0*theta(t, 0) + w(t, t + k0 + 1)*m(t, 0))) - V_m_theta(t)*c1*y(t, 0)"
        " + V_u_theta(t)*c2*(Sigma(0, 0, 0) - u(t, 0))",
    ],
    "later_of_m": CUBE_OF_M["later"],
    "later_of_theta": ["t", "V_theta(t)*theta(t, 0) + V_m_theta(t)*m(t, 0)"],
    "later": ["t", "later_of_m(t) + later_of_theta(t)"],
    "V_of_m": CUBE_OF_M["V"],
    "V": ["t", "V_of_m(t) + later_of_theta(t) + eta^2*steps(t)*drift_of_value(t)"],
    "V_x": ["t", "i", "(1 - i)*V_theta(t)"],
    "V_m_of_m": CUBE_OF_M["V_m"],
    "V_m": ["t", "i", "V_m_of_m(t, i) + (1 - i)*V_m_theta(t)"],
    "V_u_of_m": CUBE_OF_M["V_u"],
    "V_u": ["t", "i", "V_u_of_m(t, i) + (1 - i)*V_u_theta(t)"],
    "V_mu_of_m": CUBE_OF_M["V_mu"],
    "V_mu": ["t", "i", "j", "V_mu_of_m(t, i, j) - (1 - i)*(1 - j)*(eta^2*last(t)*slope(t, t + k0 + 2))"],
    "root": ["t", "sqrt(beta2*u(t, 0))"],
    "least": ["t", "sigma0*root(t) + eps0*sqrt(gamma2(t + k0 + 2))"],
    "bend": [
        "t",
        "kappa(t + k0 + 2)*sigma0*(1/(4*root(t)^3*least(t)^2) + sigma0/(2*root(t)^2*least(t)^3))",
    ],
    "M": ["t", "eta^2*last(t)*(abs(m(t, 0)) + 1)*bend(t)/2"],
    "test": "y(2, 0)^3 + 2*y(2, 0)*y(2, 1) + y(2, 0)*u(2, 1) + u(2, 0) + theta(2, 0)",
}
"""theta + y^3 + 2 y y' + y u' + u: the weight w of m in theta's drift is a function of u, its slope and bend follow."""


def values_of_adam(instance: Instance, **values: Given) -> list[Instance]:
    """A run of Adam or AdamW with the values of two test functions: m and u alone, and with theta."""
    with_theta = {**THETA_OF_ADAM, "C": "259000", **values}
    return [
        valued(
            instance,
            "two steps on skewed noise, and the value of a cubic function of m and u along the SDE",
            {**CUBE_OF_M, "C": "282"},
        ),
        valued(
            instance,
            "two steps on skewed noise, and the value of theta by Euler's steps beside that of a cubic function",
            with_theta,
            ("3", "2"),
        ),
    ]
