"""Terms: what a text says, which sort it has, and how it is written again. The language of statements and certificates.

    12, x, x(t + 1)          a numeral; a variable; a family of reals, or of random variables, over the natural numbers
    a + b, a - b, a*b, a/b   1/0 is 0
    a^3, -a                  the power is a numeral
    sqrt abs exp log         of one term; sqrt and log of a negative number, and log(0), are numbers nothing is known of
    max(a, b), min(a, b)     (a + b + abs(a - b))/2, (a + b - abs(a - b))/2
    pow(x, a)                exp(a*log(x))
    E(a)                     the expectation
    sum(i < n, a)            the terms at i = 0 .. n - 1; 0 when n is 0

Sorts: nat, real, rand (a real that depends on the outcome). Arguments of a family and bounds of a sum are nat: numerals
and nat variables under + and *. A term in which a rand variable stands outside every E is rand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from .untrusted import require

Term = tuple[Any, ...]
FUNCTIONS, PAIRS = ("sqrt", "abs", "exp", "log"), ("max", "min", "pow")
RESERVED = {*FUNCTIONS, *PAIRS, "E", "sum", "inv", "past", "forall", "nat", "real", "rand"}
LONGEST, LARGEST_POWER, DIGITS = 6000, 64, 60
_TOKEN = re.compile(r"([0-9]+|[A-Za-z][A-Za-z0-9_]*|>=|<=|/=|=>|[-+*/^(),:<>=])", re.ASCII)
_SORT = re.compile(r"(nat|real|rand)(?:\((nat(?:, nat){0,3})\))?", re.ASCII)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)


@dataclass(frozen=True)
class Sort:
    """nat, real or rand, and the number of nat arguments."""

    kind: str
    arity: int = 0

    @classmethod
    def of(cls, text: object) -> Sort:
        """The sort that a text such as "rand(nat, nat)" names; nat takes no arguments."""
        match = _SORT.fullmatch(text) if isinstance(text, str) else None
        require(match, f"{text!r} is no sort")
        assert match is not None
        sort = cls(match[1], len(match[2].split(",")) if match[2] else 0)
        require(sort.kind != "nat" or not sort.arity, f"{text!r} is no sort: natural numbers take no arguments")
        return sort


Sorts = Mapping[str, Sort]


class Known(dict[str, Sort]):
    """Sorts that stay as they are, and what was found under them, which no other sorts see."""

    def __init__(self, sorts: Sorts, found: tuple[dict[Any, Any], dict[Any, Any]] | None = None) -> None:
        super().__init__(sorts)
        self.found: tuple[dict[Any, Any], dict[Any, Any]] = found or ({}, {})

    def inside(self, sorts: Sorts) -> Known:
        """Other sorts, with a copy of what was found where they only say more."""
        more = all(sorts.get(name) == sort for name, sort in self.items())
        return Known(sorts, (dict(self.found[0]), dict(self.found[1])) if more else None)


def is_name(text: object) -> bool:
    """Whether a text may name a variable."""
    return isinstance(text, str) and bool(_NAME.fullmatch(text)) and text not in RESERVED


class Tokens:
    """The tokens of one text, read from left to right."""

    def __init__(self, text: str) -> None:
        require(isinstance(text, str) and len(text) <= LONGEST, f"no text, or longer than {LONGEST} characters")
        self.text, self.at = text, 0
        self.all: list[str] = [*_TOKEN.findall(text), ""]
        require("".join(self.all) == text.replace(" ", ""), "cannot read {!r}", text)

    def peek(self) -> str:
        """The next token; empty at the end."""
        return self.all[self.at]

    def take(self, wanted: str = "") -> str:
        """The next token, which must be `wanted` where that is given."""
        token = self.peek()
        require(token and wanted in ("", token), "expected {!r}, not {!r}, in {!r}", wanted or "more", token, self.text)
        self.at += 1
        return token

    def accept(self, *wanted: str) -> str:
        """The next token if it is one of these; empty otherwise."""
        token = self.all[self.at]
        if not token or token not in wanted:
            return ""
        self.at += 1
        return token


def read(tokens: Tokens) -> Term:
    """A sum of signed products."""
    parts = [_signed(tokens, tokens.accept("-"))]
    while sign := tokens.accept("+", "-"):
        parts.append(_signed(tokens, sign))
    return parts[0] if len(parts) == 1 else ("+", *parts)


def _signed(tokens: Tokens, sign: str) -> Term:
    term = _product(tokens)
    return ("neg", term) if sign == "-" else term


def _product(tokens: Tokens) -> Term:
    term = _power(tokens)
    while sign := tokens.accept("*", "/"):
        right = _power(tokens)
        flat = term[1:] if term[0] == "*" else (term,)
        term = ("/", term, right) if sign == "/" else ("*", *flat, right)
    return term


def _power(tokens: Tokens) -> Term:
    term = _unit(tokens)
    if tokens.accept("^"):
        exponent = _numeral(tokens.take())
        require(2 <= exponent <= LARGEST_POWER, f"a power from 2 to {LARGEST_POWER}, not {exponent}")
        return ("^", term, exponent)
    return term


def _numeral(token: str) -> int:
    require(token.isdecimal() and (token == "0" or token[0] != "0"), f"{token!r} is no numeral")
    require(len(token) <= DIGITS, f"a numeral of {len(token)} digits; at most {DIGITS}")
    return int(token)


def _unit(tokens: Tokens) -> Term:
    token = tokens.take()
    if token == "(":
        term = read(tokens)
        tokens.take(")")
        return term
    if token[0].isdecimal():
        return ("num", _numeral(token))
    if token == "sum":
        return _sum(tokens)
    require(token in (*FUNCTIONS, *PAIRS, "E") or is_name(token), "unexpected {!r} in {!r}", token, tokens.text)
    arguments = tuple(_arguments(tokens)) if tokens.accept("(") else ()
    if token in FUNCTIONS or token in PAIRS or token == "E":
        require(len(arguments) == 1 + (token in PAIRS), f"{token} takes another number of terms in {tokens.text!r}")
        return (token, *arguments)
    return ("name", token, arguments)


def _arguments(tokens: Tokens) -> Iterator[Term]:
    yield read(tokens)
    while tokens.accept(","):
        yield read(tokens)
    tokens.take(")")


def _sum(tokens: Tokens) -> Term:
    tokens.take("(")
    index = tokens.take()
    require(is_name(index), f"{index!r} cannot be the index of a sum")
    tokens.take("<")
    bound = read(tokens)
    tokens.take(",")
    body = read(tokens)
    tokens.take(")")
    return ("sum", index, bound, body)


def term(text: str) -> Term:
    """The term that a text says."""
    result: Term = whole(text, read)
    return result


@lru_cache(maxsize=4096)
def written(text: str) -> Term:
    """The term that a text says in the one way in which it can be written."""
    read = term(text)
    shown = show(read)
    require(shown == text, "{!r} is written {!r}", text, shown)
    return read


def whole(text: str, reader: Callable[[Tokens], Any]) -> Any:
    """What `reader` reads from a text, which must end there."""
    tokens = Tokens(text)
    result = reader(tokens)
    require(not tokens.peek(), f"unexpected {tokens.peek()!r} in {text!r}")
    return result


def show(term: Term, level: int = 0) -> str:
    """The text of a term; `term(show(t)) == t`. Levels: 0 a sum, 1 a signed product's product, 2 a factor, 3 a base."""
    kind = str(term[0])
    if kind == "num":
        return str(term[1])
    if kind == "name":
        return str(term[1]) + (f"({', '.join(map(show, term[2]))})" if term[2] else "")
    if kind == "sum":
        return f"sum({term[1]} < {show(term[2])}, {show(term[3])})"
    if kind in ("+", "neg"):
        text = "".join(_joined(part, first) for first, part in _parts(term))
        return f"({text})" if level else text
    if kind == "*":
        text = show(term[1], 1 if term[1][0] == "/" else 2) + "".join("*" + show(part, 2) for part in term[2:])
        return f"({text})" if level > 1 else text
    if kind == "/":
        text = f"{show(term[1], 1)}/{show(term[2], 2)}"
        return f"({text})" if level > 1 else text
    if kind == "^":
        text = f"{show(term[1], 3)}^{term[2]}"
        return f"({text})" if level > 2 else text
    return f"{kind}({', '.join(map(show, term[1:]))})"


def _parts(term: Term) -> list[tuple[bool, Term]]:
    parts = term[1:] if term[0] == "+" else (term,)
    return [(not place, part) for place, part in enumerate(parts)]


def _joined(part: Term, first: bool) -> str:
    negative = part[0] == "neg"
    text = show(part[1] if negative else part, 1)
    return ("-" if negative else "") + text if first else (" - " if negative else " + ") + text


def kind(term: Term, sorts: Sorts) -> str:
    """The sort of a term: nat, real or rand. Rejects unknown names, and arguments and bounds that are not nat."""
    head = term[0]
    if head == "num":
        return "nat"
    if head == "name":
        return _kind_of_name(term, sorts)
    if head == "E":
        kind(term[1], sorts)
        return "real"
    if head == "sum":
        require(kind(term[2], sorts) == "nat", "the bound of {} is no natural number", partial(show, term))
        return "rand" if kind(term[3], {**sorts, term[1]: Sort("nat")}) == "rand" else "real"
    kinds = {kind(part, sorts) for part in subterms(term)}
    return "rand" if "rand" in kinds else "nat" if head in ("+", "*", "^") and kinds == {"nat"} else "real"


ORDER = ("nat", "real", "rand")


def _kind_of_name(term: Term, sorts: Sorts) -> str:
    name, arguments = term[1], term[2]
    require(name in sorts, "unknown name {!r}", name)
    sort = sorts[name]
    require(len(arguments) == sort.arity, "{} takes {} arguments, not {}", name, sort.arity, len(arguments))
    for argument in arguments:
        said = partial(show, argument)
        require(kind(argument, sorts) == "nat", "{}, an argument of {}, is no natural number", said, name)
    return sort.kind


def subterms(term: Term) -> tuple[Term, ...]:
    """The terms that a compound term is made of; for a sum its bound and its body."""
    head = term[0]
    if head == "num":
        return ()
    if head == "name":
        return tuple(term[2])
    return (term[1],) if head == "^" else term[2:] if head == "sum" else term[1:]


def names(term: Term) -> set[str]:
    """The free names of a term."""
    if term[0] == "sum":
        return names(term[2]) | (names(term[3]) - {term[1]})
    found = set[str]().union(*map(names, subterms(term)))
    if term[0] == "name":
        found.add(term[1])
    return found


Values = Mapping[str, tuple[tuple[str, ...], Term]]


def substitute(term: Term, values: Values) -> Term:
    """Every name replaced by its value, a term with parameters; refused where the index of a sum would capture one."""
    head = term[0]
    if head == "num" or not values:
        return term
    if head == "name":
        arguments = tuple(substitute(argument, values) for argument in term[2])
        if term[1] not in values:
            return ("name", term[1], arguments)
        parameters, body = values[term[1]]
        require(len(parameters) == len(arguments), f"{term[1]} is replaced with another number of arguments")
        return substitute(body, {name: ((), value) for name, value in zip(parameters, arguments, strict=True)})
    if head == "sum":
        used = names(term[3]) - {term[1]}
        inner = {name: value for name, value in values.items() if name in used}
        captured = any(term[1] in names(body) - set(parameters) for parameters, body in inner.values())
        require(not captured, f"the index {term[1]} of a sum would capture a name; rename it")
        return ("sum", term[1], substitute(term[2], values), substitute(term[3], inner))
    return rebuilt(term, lambda part: substitute(part, values))


def rebuilt(term: Term, change: Callable[[Term], Term]) -> Term:
    """The term with every subterm changed; not for names and sums, which bind."""
    return tuple(change(part) if isinstance(part, tuple) else part for part in term)
