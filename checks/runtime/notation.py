"""Two notations for the same expressions: plain text for the terminal, and LaTeX."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

CASES, SUM, PRODUCT, POWER, ATOM = range(5)
"""How tightly an expression binds, from a case distinction to a single name."""

Shown = tuple[str, int]

PRIME = "'"
DERIVATIVE = re.compile(r"d(\d*)(f|Sigma|mu\d+|K3)((?:_[ij]+)*)\Z")
"""A derivative in theta: how often, of what, in which coordinates."""
GREEK = set("alpha beta gamma delta eta theta kappa lambda mu pi rho sigma tau psi Sigma".split())
RELATIONS = {"<=": r"\leq", ">=": r"\geq", "==": "=", "!=": r"\neq"}
FUNCTIONS = {"Abs": "abs", "Max": "max", "Min": "min", "MatMul": "matmul", "IsFinite": "is_finite"}
ACCENTS = {"hat": r"\hat{%s}", "bar": r"\bar{%s}"}


class Notation(Protocol):
    """How the parts of an expression are put together; strings come in ready, in reading order."""

    def name(self, name: str) -> str: ...
    def parenthesised(self, text: str) -> str: ...
    def juxtaposed(self, parts: Sequence[str]) -> str: ...
    def fraction(self, above: int, below: int) -> str: ...
    def quotient(self, above: Shown, below: Shown) -> str: ...
    def power(self, base: str, exponent: Shown) -> str: ...
    def root(self, inside: str) -> str: ...
    def norm(self, inside: str, over: str) -> str: ...
    def cases(self, pairs: Sequence[tuple[str, str | None]]) -> str: ...
    def reduction(self, kind: str, inside: str, over: str) -> str: ...
    def relation(self, left: str, sign: str, right: str) -> str: ...
    def logic(self, word: str, parts: Sequence[str]) -> str: ...
    def call(self, function: str, arguments: Sequence[Shown]) -> str: ...


class Text:
    """theta' = theta - eta m_hat / (sqrt(v_hat) + eps)

    primes: f' and f'' for derivatives in one coordinate, where second ones occur; else grad f.
    """

    def __init__(self, primes: bool = False) -> None:
        self.primes = primes

    def name(self, name: str) -> str:
        if self.primes and (derivative := DERIVATIVE.match(name)):
            times, what, indices = derivative.groups()
            return f"{what}{PRIME * int(times or 1)}{indices.replace('_', ',').replace(',', '_', 1)}"
        name = re.sub(r"^df\b|^df(?=_)", "grad f", name)
        return re.sub(r"_new$", "'", name)

    def parenthesised(self, text: str) -> str:
        return f"({text})"

    def juxtaposed(self, parts: Sequence[str]) -> str:
        return " ".join(parts)

    def fraction(self, above: int, below: int) -> str:
        return f"{above}/{below}"

    def quotient(self, above: Shown, below: Shown) -> str:
        over = above[0] if above[1] >= PRODUCT else self.parenthesised(above[0])
        under = below[0] if below[1] >= POWER else self.parenthesised(below[0])
        return f"{over} / {under}"

    def power(self, base: str, exponent: Shown) -> str:
        text, binding = exponent
        return f"{base}^{text if binding == ATOM and not text.startswith('-') else self.parenthesised(text)}"

    def root(self, inside: str) -> str:
        return f"sqrt({inside})"

    def norm(self, inside: str, over: str) -> str:
        return f"norm({inside} over {over})"

    def cases(self, pairs: Sequence[tuple[str, str | None]]) -> str:
        return ", else ".join(value if condition is None else f"{value} if {condition}" for value, condition in pairs)

    def reduction(self, kind: str, inside: str, over: str) -> str:
        return f"{kind}({inside} over {over})"

    def relation(self, left: str, sign: str, right: str) -> str:
        return f"{left} {sign} {right}"

    def logic(self, word: str, parts: Sequence[str]) -> str:
        return f"not {parts[0]}" if word == "not" else f" {word} ".join(parts)

    def call(self, function: str, arguments: Sequence[Shown]) -> str:
        if function == "Transpose":
            text, binding = arguments[0]
            return f"{text if binding == ATOM else self.parenthesised(text)}^T"
        return f"{FUNCTIONS.get(function, function)}({', '.join(text for text, _ in arguments)})"


class Latex:
    r"""\theta' = \theta - \eta \frac{\hat{m}}{\sqrt{\hat{v}} + \varepsilon}"""

    def __init__(self, primes: bool = False) -> None:
        self.primes = primes

    def name(self, name: str) -> str:
        if self.primes and (derivative := DERIVATIVE.match(name)):
            times, what, indices = derivative.groups()
            below = indices.replace("_", ",").removeprefix(",")
            return _letter(what) + PRIME * int(times or 1) + (f"_{{{below}}}" if below else "")
        base, *marks = name.split("_")
        text, prime = _letter(base), ""
        words: list[str] = []
        for mark in marks:
            if mark == "new":
                prime = "'"
            elif mark in ACCENTS:
                text = ACCENTS[mark] % text
            else:
                words.append(mark)
        if words:
            upright = ",".join(w if len(w) <= 2 else rf"\mathrm{{{w}}}" for w in words)
            text = f"({text})_{{{upright}}}" if "_" in text or " " in text else f"{text}_{{{upright}}}"
        return text + prime

    def parenthesised(self, text: str) -> str:
        return rf"\left({text}\right)"

    def juxtaposed(self, parts: Sequence[str]) -> str:
        return r" \, ".join(parts)

    def fraction(self, above: int, below: int) -> str:
        return rf"\frac{{{above}}}{{{below}}}"

    def quotient(self, above: Shown, below: Shown) -> str:
        return rf"\frac{{{above[0]}}}{{{below[0]}}}"

    def power(self, base: str, exponent: Shown) -> str:
        return f"{{{base}}}^{{{exponent[0]}}}"

    def root(self, inside: str) -> str:
        return rf"\sqrt{{{inside}}}"

    def norm(self, inside: str, over: str) -> str:
        return rf"\left\|{inside}\right\|_{{\mathrm{{{over}}}}}"

    def cases(self, pairs: Sequence[tuple[str, str | None]]) -> str:
        lines = [f"{value} & " + (r"\text{otherwise}" if c is None else rf"\text{{if }} {c}") for value, c in pairs]
        return r"\begin{cases} " + r" \\ ".join(lines) + r" \end{cases}"

    def reduction(self, kind: str, inside: str, over: str) -> str:
        return rf"\operatorname{{{kind}}}_{{\mathrm{{{over}}}}}\left({inside}\right)"

    def relation(self, left: str, sign: str, right: str) -> str:
        return f"{left} {RELATIONS.get(sign, sign)} {right}"

    def logic(self, word: str, parts: Sequence[str]) -> str:
        return rf"\text{{not }} {parts[0]}" if word == "not" else rf" \text{{ {word} }} ".join(parts)

    def call(self, function: str, arguments: Sequence[Shown]) -> str:
        texts = [text for text, _ in arguments]
        if function == "Abs":
            return rf"\left|{texts[0]}\right|"
        if function == "Transpose":
            return rf"\left({texts[0]}\right)^{{\top}}"
        if function == "MatMul":
            return r" \, ".join(t if b == ATOM else self.parenthesised(t) for t, b in arguments)
        name = FUNCTIONS.get(function, function).replace("_", r"\_")
        return rf"\operatorname{{{name}}}\left({', '.join(texts)}\right)"


def _letter(base: str) -> str:
    """A name without marks: theta, beta1, eps, df, Sigma, denom."""
    if base == "df":
        return r"\nabla f"
    letters = base.rstrip("0123456789")
    digits = base[len(letters) :]
    if letters == "eps":
        text = r"\varepsilon"
    elif letters == "ell":
        text = r"\ell"
    elif letters in GREEK:
        text = f"\\{letters}"
    else:
        text = letters if len(letters) == 1 else rf"\mathrm{{{letters}}}"
    return f"{text}_{{{digits}}}" if digits else text
