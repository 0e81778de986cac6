"""`import driftproof as dp`: what is public, what it returns, and that the command line is a layer over it."""

import json
import re

import pytest
import sympy
from click.testing import CliRunner
from sympy import Rational

import driftproof as dp
from driftproof.checks.runtime.cli import cli
from driftproof.theory.catalogue import RULES
from driftproof.theory.errors import DriftproofError

PUBLIC = {
    "DriftproofError",
    "Rule",
    "UpdateRule",
    "audit",
    "check",
    "derive",
    "parametrize_with_checks",
    "rule",
    "rules",
    "scale",
}


def test_public_names_are_there_and_documented():
    assert set(dir(dp)) >= PUBLIC
    assert all(getattr(dp, name).__doc__ for name in PUBLIC)


def test_a_name_that_is_not_public_is_refused_with_those_that_are():
    with pytest.raises(AttributeError, match="rule"):
        dp.nothing  # noqa: B018


def test_rules_are_those_of_the_catalogue():
    assert {"adam", "adamw", "sgd", "rmsprop"} <= {item.name for item in dp.rules()}


def test_a_rule_is_given_as_text_as_rule_or_as_update_rule():
    adam = dp.rule("adam@eps=inside")
    assert adam == dp.rule("adam").variant(eps="inside") and adam != dp.rule("adam")
    results = {str(dp.scale(given, 4).setting.hyperparameters) for given in (adam, adam.update_rule, adam.label)}
    assert len(results) == 1
    assert {dp.derive(given).sde.digest for given in (adam, adam.update_rule, adam.label)} == {adam.digest}


def test_momo_goes_around_a_rule_given_as_text_as_rule_or_as_update_rule():
    adam = dp.rule("adam@eps=inside")
    made = {dp.momo(given).digest for given in (adam, adam.update_rule, "adam@eps=inside")}
    assert len(made) == 1 and made != {dp.momo("adam").digest}
    starred = dp.momo("qhadam").variant(bound="estimated")
    assert starred.update_rule.options["bound"] == "estimated" and "low" in starred.show()
    compiled = starred.compile("reference")
    state = compiled.step(compiled.init([[1.0, -2.0]]), [[1.0, 1.0]], {"eta": 100.0}, loss=0.5)
    assert 0 < float(state.outputs["cut"][0]) < 1
    with pytest.raises(dp.DriftproofError, match=r"momo\(signum\).*sign"):
        dp.momo("signum")
    with pytest.raises(dp.DriftproofError, match="depends on the loss"):
        dp.momo("adam").derive()


def test_rule_shows_itself():
    adam = dp.rule("adam")
    assert repr(adam) == f"Rule('adam', digest {adam.digest[:8]})"
    assert str(adam) == adam.show() and r"\hat{v}" in adam.show("latex")
    assert adam._repr_latex_().startswith(r"\begin{align*}") and adam.derive()._repr_latex_().count("dW") == 1
    with pytest.raises(dp.DriftproofError, match="latex"):
        adam.show("html")


def test_sde_and_derivation_are_one():
    adam = dp.rule("adam")
    assert adam.sde() == adam.derive().sde
    assert adam.derive().scaling.exponents["eta"] == Rational(1, 2)


def test_scale_takes_the_names_of_torch_and_of_the_field():
    by_torch = dp.scale("adamw", 4, lr=0.002, weight_decay="0.1")
    by_field = dp.scale("adamw", 4, eta="1/500", **{"lambda": Rational(1, 10)})
    assert by_torch == by_field
    with pytest.raises(dp.DriftproofError, match="two names"):
        dp.scale("adamw", 4, lr=1, eta=1)


def test_scale_of_a_rule_without_a_scaling_rule_is_refused():
    with pytest.raises(dp.DriftproofError, match="sign"):
        dp.scale("signum", 4)


def test_compiled_rule_takes_a_step():
    import numpy

    sgd = dp.rule("sgd").compile("reference")
    state = sgd.step(sgd.init([numpy.ones(2)]), [numpy.array([1.0, -2.0])], {"eta": 0.5})
    assert state.theta[0].tolist() == [0.5, 2.0]


def test_check_returns_a_report_and_prints_nothing(capsys):
    seen = []
    report = dp.check(["sgd-weak-orders"], rule=dp.rule("sgd"), progress=seen.append)
    assert report.exit_code == 0 and report.verdicts and len(seen) == len(report.events)
    assert capsys.readouterr() == ("", "")
    with pytest.raises(dp.DriftproofError, match="sgd-weak-orders"):
        dp.check(["sgd-weak-ordr"])


def test_derivation_names_the_next_commands_with_the_rule_as_it_was_given(tmp_path):
    file = tmp_path / "mine.py"
    language = "from driftproof.theory.language import Source, UpdateRule, eq, eta, g, hyper, new, theta"
    source = 'Source("robbins1951stochastic", "Eq. (6)")'
    step = 'hyperparameters=[hyper(eta, "1")], equations=[eq(new(theta), theta - eta*g)]'
    file.write_text(f'{language}\nmine = UpdateRule(name="mine", source={source}, {step})\n')
    assert f"driftproof scale {file} --kappa 4" in str(dp.derive(str(file)))


def test_command_line_gives_what_the_api_gives():
    run = CliRunner().invoke(cli, ["derive", "adam", "--format", "json"])
    assert json.loads(run.stdout) == dp.derive("adam").as_json()
    run = CliRunner().invoke(cli, ["scale", "adam", "--kappa", "4", "--lr", "0.002", "--format", "json"])
    assert json.loads(run.stdout) == dp.scale("adam", 4, lr="0.002").as_json()


def test_derived_json_is_the_normative_one():
    """Keys of the command line's contract; every expression reads back over the listed symbols."""
    data = dp.derive("adam").as_json()
    keys = "rule regime time_per_step rescaling drift diffusion_matrix cross_diffusion_matrix hypotheses valid_from"
    assert set(data) >= {*keys.split(), "scaling", "svag", "weak_order", "order_in", "symbols", "source"}
    names = {name: sympy.Symbol(name) for name in data["symbols"]}
    letters = "theta m u df Sigma sigma0 eps0 c1 c2 gamma1 gamma2".split()
    assert set(letters) <= set(names)
    found = {state: sympy.sympify(e, locals=names) for state, e in data["drift"].items()}
    _, m, u, df, s, sigma0, eps0, c1, c2, gamma1, gamma2 = (names[name] for name in letters)
    root = sympy.sqrt(gamma2)
    wanted = {
        "theta": -root / gamma1 * m / (sigma0 * sympy.sqrt(u) + eps0 * root),
        "m": c1 * (df - m),
        "u": c2 * (s - u),
    }
    assert {k: sympy.simplify(found[k] - e) for k, e in wanted.items()} == {"theta": 0, "m": 0, "u": 0}
    diffusion = {k: sympy.sympify(e, locals=names) for k, e in data["diffusion_matrix"].items()}
    assert diffusion["m,m"] == sigma0**2 * c1**2 * s
    assert all(e == 0 for k, e in diffusion.items() if k != "m,m")
    cross = {k: sympy.sympify(e, locals=names) for k, e in data["cross_diffusion_matrix"].items()}
    assert cross["m,m"] == sigma0**2 * c1**2 * names["Sigma_ij"]
    assert data["scaling"] == {"eta": "1/2", "1-beta1": "1", "1-beta2": "1", "eps": "-1/2", "steps": "-1"}
    assert (data["rescaling"], data["order_in"], data["weak_order"]) == ({"u": "v/sigma**2"}, "h", 1)


@pytest.mark.parametrize(
    "call",
    [
        lambda: dp.rule(None),
        lambda: dp.derive(None),
        lambda: dp.scale(3, 4),
        lambda: dp.rule("adam").compile(None),
        lambda: dp.check(rule=3),
        lambda: dp.check(5),
        lambda: dp.check(jobs=10**8),
        lambda: dp.check("no-such-check"),
    ],
)
def test_what_is_no_rule_target_or_check_is_bad_input(call):
    with pytest.raises(DriftproofError):
        call()


def test_one_check_can_be_given_by_its_id_alone():
    report = dp.check("first-steps-by-hand", rule="sgd")
    assert {event.id for event in report.events} == {"first-steps-by-hand"} and report.exit_code == 0


def test_rule_from_a_path_is_named_by_that_path(tmp_path):
    path = tmp_path / "mine.py"
    text = re.sub(r"from \.\.language", "from driftproof.theory.language", (RULES / "sgd.py").read_text())
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    chosen = dp.rule(f"{path}:sgd").variant(momentum="ema")
    assert chosen == dp.rule("sgd@momentum=ema") and dp.rule(chosen.asked) == chosen
    assert f"driftproof compile {path}:sgd@momentum=ema --target cpu" in chosen.source("cpu")
    assert f"driftproof scale {path}:sgd@momentum=ema --kappa 4" in str(chosen.derive())
