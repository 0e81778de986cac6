"""The pages of `prove`: the list of theorems, what they rest on, and a proof in readable mathematics, step by step."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from driftproof.theory.kernel.formulas import formula
from driftproof.theory.kernel.library import LIBRARY

from .layout import block

if TYPE_CHECKING:
    from driftproof.theory.proving.define import Definitions
    from driftproof.theory.proving.theorem import Theorem

    from .proved import Outcome

WIDTH = 110


def listing(outcomes: Sequence[Outcome]) -> str:
    """Every theorem: its status, Coq, time, what it says, of which rules, and what it cites; and the counts."""
    width = max((len(outcome.theorem.theorem) for outcome in outcomes), default=0)
    lines = [f"{'theorem':{width}}  status       steps  Coq  seconds"]
    for found in outcomes:
        theorem = found.theorem
        steps = sum(1 for _ in _every(json.loads(found.certificate)["steps"])) if found.certificate else 0
        coq = "yes" if found.accepted_by_coq else "-"
        lines.append(f"{theorem.theorem:{width}}  {found.status:11}  {steps:5}  {coq:3}  {found.seconds:7.2f}")
        said = [" ".join(theorem.says.split())]
        said += [f"equations of {made.rule}: definitions/{made.name}.json" for made in theorem.definitions]
        said += [f"cites {source}" for _, source in theorem.cites.values()]
        lines += [line for text in (*said, found.reason) for line in _wrapped(text, "    ")]
    return "\n".join([*lines, "", counts(outcomes)])


def counts(outcomes: Sequence[Outcome]) -> str:
    """How many are proved, reduced and not proved, and how many Coq has accepted."""
    statuses = [outcome.status for outcome in outcomes]
    parts = [f"{statuses.count(status)} {status}" for status in ("proved", "reduced", "placeholder")]
    coq = sum(outcome.accepted_by_coq for outcome in outcomes)
    return f"{len(outcomes)} theorems: {', '.join(parts)}; {coq} accepted by Coq when `make coq` last ran"


def _every(steps: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for step in steps:
        yield step
        for block_ in _blocks(step):
            yield from _every(block_)


def _blocks(step: dict[str, Any]) -> list[list[dict[str, Any]]]:
    return [step[key] for key in ("nonnegative", "negative", "zero", "next", "steps") if key in step]


def axioms(outcomes: Sequence[Outcome]) -> str:
    """What is taken on trust: by the kernel itself, and by each theorem."""
    lines = ["Every proof rests on the inferences of theory/kernel (SEMANTICS.md) and on these facts:", ""]
    lines += [f"  {name:24} {said}" for name, said in LIBRARY.items()]
    cited = [outcome for outcome in outcomes if outcome.theorem.cites]
    lines += ["", "Cited besides, as explicit premises:" if cited else "Nothing is cited besides."]
    for outcome in cited:
        lines += ["", f"  {outcome.theorem.theorem} ({outcome.status})"]
        for name, (text, source) in outcome.theorem.cites.items():
            lines += block(f"    {name}", [text, source])
    return "\n".join(lines)


def explained(outcome: Outcome) -> str:
    """The statement and the whole proof, to be read from this page alone."""
    theorem = outcome.theorem
    lines = [theorem.title, "=" * len(theorem.title), "", *_wrapped(" ".join(theorem.says.split()), ""), ""]
    lines += [f"source  {source}" for source in theorem.sources]
    lines += [line for made in theorem.definitions for line in _hung(_defined(made), "")]
    lines += ["status  " + outcome.status]
    lines += ["", "Let"] if _variables(outcome) else []
    lines += [f"  {name} be {_sort(sort)}" for name, sort in _variables(outcome)]
    lines += ["", "Assume"] if _given(outcome) else []
    lines += [line for name, said in _given(outcome) for line in _hung(f"({name})  {said}", "  ")]
    lines += ["", "Then"] + [line for said in theorem.claims.values() for line in _hung(str(formula(said)), "  ")]
    lines += ["", "Proof"]
    if not outcome.certificate:
        return "\n".join([*lines, f"  not proved: {outcome.reason}"])
    data = json.loads(outcome.certificate)
    lines += [line for step in data["steps"] for line in _step(step, "  ")]
    if data["model"]["values"]:
        lines += ["", *_hung("The hypotheses hold, for example, for " + _model(data["model"]["values"]) + ".", "")]
    lines += _instances(theorem)
    return "\n".join(lines)


def _instances(theorem: Theorem) -> list[str]:
    """On whose numbers the statement is judged, besides."""
    lines = ["", "The check theorems-hold-on-compiled-code judges all of this on"] if theorem.instances else []
    for given in theorem.instances:
        torch = f" and torch.optim.{given.run.torch}" if given.run and given.run.torch else ""
        whose = f"{given.run.rule}{torch}" if given.run else "rational numbers"
        lines += _wrapped(f"{given.says}: {whose}", "  ")
    return lines


def _defined(made: Definitions) -> str:
    """Which facts below are the equations of which rule, and the file that the rule is in."""
    from driftproof.theory import catalogue

    file = catalogue.RULES.name + "/" + made.rule.split("@")[0] + ".py"
    facts = ", ".join(f"({name})" for name in made.equations)
    return f"rule    {made.rule} ({file}): {facts}, as definitions/{made.name}.json has them"


def _variables(outcome: Outcome) -> list[tuple[str, str]]:
    if outcome.report is None:
        return list(outcome.theorem.variables.items())
    sorts = outcome.report.statement.variables
    return [(name, s.kind + (f"({', '.join(['nat'] * s.arity)})" if s.arity else "")) for name, s in sorts.items()]


def _given(outcome: Outcome) -> list[tuple[str, str]]:
    if outcome.report is None:
        return [(name, text) for name, text in outcome.theorem.hypotheses.items()]
    cited = set(outcome.report.statement.cites)
    return [(f"{name}, cited" if name in cited else name, str(f)) for name, f in outcome.report.statement.given.items()]


def _sort(sort: str) -> str:
    kind, _, arguments = sort.partition("(")
    words = {"real": "a real number", "nat": "a natural number", "rand": "a random variable"}
    count = arguments.count("nat")
    index = "natural number" if count == 1 else f"{count} natural numbers"
    return f"{words[kind]} for every {index}" if count else words[kind]


def _model(values: dict[str, Any]) -> str:
    said = []
    for name, given in values.items():
        *parameters, body = given if isinstance(given, list) else [given]
        said.append(f"{name}({', '.join(parameters)}) = {body}" if parameters else f"{name} = {body}")
    return ", ".join(said)


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False)


def _hung(text: str, indent: str) -> list[str]:
    """A formula or a list, its further lines farther in."""
    further = indent + "        "
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=further, break_long_words=False, break_on_hyphens=False
    )


def _step(step: dict[str, Any], indent: str) -> Iterator[str]:
    """The claim of a step, and under it why it holds."""
    yield from _hung(f"({step['name']})  {step['claim']}", indent)
    inner = indent + "    "
    yield from (line for text in _why(step) for line in _wrapped(text, inner))
    heads = {
        "nonnegative": f"Where ({step.get('assume')}) {step.get('term')} >= 0:",
        "negative": f"Where ({step.get('assume')}) {step.get('term')} < 0:",
        "zero": "At 0:",
        "next": f"From ({step.get('hypothesis')}), the claim at n, to n + 1:",
        "steps": "",
    }
    for key, head in heads.items():
        if key in step:
            if head:
                yield inner + head
            for one in step[key]:
                yield from _step(one, inner + ("  " if head else ""))


def _why(step: dict[str, Any]) -> Iterator[str]:
    by = step["by"]
    if by == "combination":
        yield from _combined(step)
    elif by == "instance":
        at = ", ".join(f"{name} = {value}" for name, value in step["values"].items())
        known = f"the fact {step['fact']} ({LIBRARY[step['fact']]})" if step["fact"] in LIBRARY else f"({step['fact']})"
        needs = f", since {_names(step['premises'])}" if step["premises"] else ""
        yield f"by {known}{' at ' + at if at else ''}{needs}"
    elif by == "lemma":
        at = ", ".join(f"{n} = {v if isinstance(v, str) else v[-1]}" for n, v in step["values"].items())
        yield f"by the theorem {step['theorem']} at {at}; its hypotheses are {_names(step['hypotheses'])}"
    else:
        yield from {
            "linear": ["since E and sums are linear, and a sum of n + 1 terms is one of n and the last"],
            "mean": [f"the expectation of ({step.get('fact')})"],
            "addition": [f"({step.get('fact')}) added up over all indices below {step.get('bound')}"],
            "past": [f"since {_names(step.get('facts', []))}"],
            "congruence": [f"({step.get('fact')}) put into {step.get('context')} for {step.get('hole')}"],
            "cases": [f"by cases, on the sign of {step.get('term')}"],
            "fixing": _fixed(step),
            "induction": ["by induction" + (f", assuming {_names(step['assume'])}" if step.get("assume") else "")],
        }[by]


def _fixed(step: dict[str, Any]) -> list[str]:
    said = formula(step["claim"])
    assumed = [f"({name}) {premise}" for name, premise in zip(step.get("assume", []), said.premises, strict=False)]
    fixed = f"Fix {', '.join(name for name, _ in said.binders)}. " if said.binders else ""
    return [fixed + (f"Assume {', '.join(assumed)}." if assumed else "")]


def _names(names: Sequence[str]) -> str:
    return ", ".join(f"({name})" for name in names)


def _combined(step: dict[str, Any]) -> Iterator[str]:
    """right side and left side differ by products that are >= 0 and by multiples of equations."""
    relation = formula(step["claim"]).conclusion.relation
    sides = "right - left" if relation in ("<=", "<") else "left - right"
    terms = []
    for coefficient, squares, facts in step["products"]:
        factors = ([] if coefficient == "1" and (squares or facts) else [coefficient]) + [f"({q})^2" for q in squares]
        terms.append("*".join([*factors, *(f"[{fact}]" for fact in facts)]))
    terms += [f"({multiplier})*[{fact}]" for multiplier, fact in step["equations"]]
    what = "[x] is larger minus smaller side of (x)" if step["products"] else "[x] is left minus right side of (x)"
    yield f"{sides} = {' + '.join(terms) or '0'}" + (f"; {what}" if any("[" in one for one in terms) else "")
