"""Script steps about positive numbers: their reciprocals and roots."""

from __future__ import annotations

from .script import Proof


def reciprocal(proof: Proof, name: str, positive: str, x: str, unit: str = "unit", over: str = "over") -> None:
    """From the fact x > 0: `name_unit`, x (1/x) = 1, and `name_over`, 1/x > 0; `unit` and `over` rename them."""
    proof.use(f"{name}_apart", "positive_is_apart", positive, x=x)
    proof.use(f"{name}_{unit}", "reciprocal", f"{name}_apart", x=x)
    proof.use(f"{name}_{over}", "reciprocal_positive", positive, x=x)


def root(proof: Proof, name: str, positive: str, x: str) -> None:
    """From the fact x > 0: `name_root`, sqrt(x) > 0, `name_square`, its square, and its reciprocal."""
    proof.use(f"{name}_root", "root_positive", positive, x=x)
    proof.have(f"{name}_known", f"{x} >= 0", [positive])
    proof.use(f"{name}_square", "root_squared", f"{name}_known", x=x)
    reciprocal(proof, name, f"{name}_root", f"sqrt({x})")


def inverse(proof: Proof, name: str, x: str, positive: str) -> None:
    """The same reciprocal as `name_one` and `name_inverse`."""
    reciprocal(proof, name, positive, x, "one", "inverse")
