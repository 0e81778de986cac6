"""A sequence of actions as a script with literal numbers."""

from __future__ import annotations

from typing import Any

from .probe import Audited
from .script import called
from .session import Case, right_of
from .torch_class import written


def story_script(audited: Audited, case: Case) -> str:
    """Makes the target take the actions, and prints its parameters beside those of the rule."""
    right = right_of(audited, case)
    lines = _of_torch(audited, case) if audited.subject.kind == "torch" else _of_functions(audited, case)
    return "\n".join(
        [*lines, 'print("got  ", got)', f'print("right", {right})  # {audited.variant}, tensor by tensor, in float64']
    )


def _of_torch(audited: Audited, case: Case) -> list[str]:
    lines = [f"params = [torch.nn.Parameter({_tensor('x')}) for x in [{', '.join(map(written, case.start))}]]"]
    lines.append(f"optimizer = {called(audited.subject, 'params', audited.keywords(case.letters))}")
    groups = 1 + sum(action[0] == "group" for action in case.actions)
    written_as = {"step": _step, "edit": _edit, "group": _group, "load": _load, "copy": _copy}
    for kind, *what in case.actions:
        lines += written_as[kind](audited, case, groups, *what)
    return [*_header(audited, case), *lines, "got = [x for p in params for x in p.detach().flatten().tolist()]"]


def _header(audited: Audited, case: Case) -> list[str]:
    copies = any(action[0] in ("load", "copy") for action in case.actions)
    return [*(["import copy"] if copies else []), *audited.subject.header()]


def _tensor(text: str) -> str:
    return f"torch.tensor({text}, dtype=torch.float64)"


def _step(audited: Audited, case: Case, groups: int, gradients: Any) -> list[str]:
    subject: Any = audited.subject
    none = "None if g is None else " if any(g is None for g in gradients) else ""
    argument = {"": "", "closure": "lambda: torch.tensor(0.0)", "loss": "loss=torch.tensor(0.0)"}[subject.form]
    return [
        f"for p, g in zip(params, [{', '.join(written(g) for g in gradients)}]): p.grad = {none}{_tensor('g')}",
        f"optimizer.step({argument})",
    ]


def _edit(audited: Audited, case: Case, groups: int, letters: Any) -> list[str]:
    words = {k: w for k, w in audited.words.items() if k in letters}
    return [f"for group in optimizer.param_groups: group.update({audited.signature.keywords(words, letters)})"]


def _group(audited: Audited, case: Case, groups: int, tensor: Any, letters: Any) -> list[str]:
    keywords = audited.keywords({**case.letters, **letters})
    return [
        f"params.append(torch.nn.Parameter({_tensor(written(tensor))}))",
        f"optimizer.add_param_group({{'params': [params[-1]], **{keywords}}})",
    ]


def _load(audited: Audited, case: Case, groups: int, letters: Any) -> list[str]:
    given = "params" if groups == 1 else "[{'params': group['params']} for group in optimizer.param_groups]"
    return [
        "saved = copy.deepcopy(optimizer.state_dict())",
        f"optimizer = {called(audited.subject, given, audited.keywords({**case.letters, **letters}))}",
        "optimizer.load_state_dict(saved)",
    ]


def _copy(audited: Audited, case: Case, groups: int) -> list[str]:
    return ["optimizer, params = copy.deepcopy((optimizer, params))"]


def _of_functions(audited: Audited, case: Case) -> list[str]:
    subject: Any = audited.subject
    optax = subject.kind == "optax"
    maker = f"{subject.title}(**keywords)" if optax else f"{subject.title}()" if subject.made else subject.title
    array = ("jnp" if optax else "np") + ".array({})"
    keywords = audited.keywords(case.letters)
    given = "" if optax else subject.loss_given
    at_init = {} if optax else {k: v for k, v in keywords.items() if subject.at_init is None or k in subject.at_init}
    lines = [
        f"keywords = {keywords}",
        f"optimizer, params = {maker}, [{', '.join(array.format(written(a)) for a in case.start)}]",
        f"state = optimizer.init(params{''.join(f', {k}={v!r}' for k, v in at_init.items())})",
    ]
    for kind, *what in case.actions:
        if kind == "step":
            grads = f"[{', '.join(array.format(written(g)) for g in what[0])}]"
            stepped = f"params, state = optimizer.step(params, {grads}, state{given}, **keywords)"
            lines += _applied(grads) if optax else [stepped]
        if kind == "edit":
            words = {k: w for k, w in audited.words.items() if k in what[0]}
            lines.append(f"keywords.update({audited.signature.keywords(words, what[0])})")
            lines += [f"optimizer = {maker}"] if optax else []
        if kind == "load":
            lines.append(_reloaded(subject))
    ravel = array[: array.index(".")] + ".ravel"
    return [*_header(audited, case), *lines, f"got = [x for p in params for x in {ravel}(p).tolist()]"]


def _applied(grads: str) -> list[str]:
    return [
        f"updates, state = optimizer.update({grads}, state, params)",
        "params = optax.apply_updates(params, updates)",
    ]


def _reloaded(subject: Any) -> str:
    own = hasattr(getattr(subject, "methods", None), "save") and hasattr(subject.methods, "load")
    return "state = optimizer.load(optimizer.save(state))" if own else "state = copy.deepcopy(state)"
