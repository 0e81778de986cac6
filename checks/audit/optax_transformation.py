"""Gradient transformations of optax: functions that return one, or one that is made already."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from driftproof.checks.runtime.packages import quiet
from driftproof.theory.errors import DriftproofError

from .signature import Signature
from .subject import Array, Group
from .torch_class import written


class OptaxSubject:
    """See subject.Subject."""

    kind = "optax"

    def __init__(self, maker: Any, name: str, where: str, version: str, header: Sequence[str]) -> None:
        _check_installed()
        self.name, self.where, self.version = name, where, version
        self.title = name.rpartition(":")[2]
        self.made = hasattr(maker, "update")
        self.maker = (lambda: maker) if self.made else maker
        self._header = list(header)
        self.signature = Signature.of(self.maker, 0)

    def start(
        self,
        tensors: Sequence[Array],
        keywords: Mapping[str, Any],
        groups: Sequence[Group] = (),
        dtype: str = "float64",
    ) -> OptaxLive:
        if groups:
            raise DriftproofError(f"{self.name} has no groups.", "A gradient transformation has one set of keywords.")
        self.signature.check_complete(keywords)
        return OptaxLive(self, tensors, dict(keywords), dtype)

    def header(self) -> list[str]:
        return ["import jax, jax.numpy as jnp, optax", *self._header, 'jax.config.update("jax_enable_x64", True)']

    def script(self, tensors: Sequence[Array], keywords: Mapping[str, Any], gradients: Sequence[Any]) -> list[str]:
        given = ", ".join(f"{k}={v!r}" for k, v in keywords.items())
        wrap = "jnp.array({})".format
        series = ", ".join(f"[{', '.join(wrap(written(g)) for g in step)}]" for step in gradients)
        return [
            f"optimizer = {self.title}" if self.made else f"optimizer = {self.title}({given})",
            f"params = [{', '.join(wrap(written(a)) for a in tensors)}]",
            "state = optimizer.init(params)",
            f"for grads in [{series}]:",
            "    updates, state = optimizer.update(grads, state, params)",
            "    params = optax.apply_updates(params, updates)",
            "got = [x for p in params for x in jnp.ravel(p).tolist()]",
        ]


class OptaxLive:
    """See subject.Live. Steps are not compiled: an audit makes many transformations of a few steps each."""

    def __init__(self, subject: OptaxSubject, tensors: Sequence[Array], keywords: dict[str, Any], dtype: str) -> None:
        self.subject, self.keywords = subject, keywords
        with in_x64():
            import jax.numpy as jnp

            self.params = [jnp.asarray(np.array(a), dtype=dtype) for a in tensors]
            self._make()
            self.state = self.transformation.init(self.params)

    def _make(self) -> None:
        with quiet():
            self.transformation = self.subject.maker(**self.keywords)

    def step(self, gradients: Sequence[Array | None]) -> None:
        import jax.numpy as jnp
        import optax

        if any(g is None for g in gradients):
            raise DriftproofError("A gradient transformation has a gradient for every tensor.")
        with in_x64(), quiet():
            grads = [jnp.asarray(np.array(g), dtype=p.dtype) for g, p in zip(gradients, self.params, strict=True)]
            updates, self.state = self.transformation.update(grads, self.state, self.params)
            self.params = optax.apply_updates(self.params, updates)

    def set(self, keywords: Mapping[str, Any]) -> None:
        """Another transformation goes on from the state."""
        self.keywords = {**self.keywords, **keywords}
        with in_x64():
            self._make()

    def theta(self) -> list[Array]:
        return [np.asarray(p).astype(np.float64) for p in self.params]

    def save(self) -> Any:
        import jax

        leaves, tree = jax.tree.flatten(self.state)
        return [np.array(leaf) for leaf in leaves], tree

    def load(self, saved: Any) -> None:
        import jax
        import jax.numpy as jnp

        leaves, tree = saved
        with in_x64():
            self.state = jax.tree.unflatten(tree, [jnp.asarray(copy.deepcopy(leaf)) for leaf in leaves])


def _check_installed() -> None:
    """raises: DriftproofError where optax is not there."""
    try:
        import optax  # noqa: F401
    except ImportError as error:
        raise DriftproofError(
            f"A gradient transformation needs optax: {error}", "", 'pip install "driftproof[optax]"'
        ) from error


@contextlib.contextmanager
def in_x64() -> Iterator[None]:
    import jax

    with jax.enable_x64(True):
        yield
