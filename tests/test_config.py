"""[tool.driftproof]: what it may hold, where it is found, and that a mistake in it stops everything."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftproof.checks.runtime.config import BadConfig, Config, load

KEYS = ("tier", "jobs", "executor", "select", "ignore")
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def write(folder, text):
    (folder / "pyproject.toml").write_text(text)
    return folder


def test_without_a_file_the_defaults_hold(tmp_path):
    assert load(tmp_path) == Config()


def test_nearest_pyproject_counts_even_from_a_subfolder(tmp_path):
    write(tmp_path, '[tool.driftproof]\ntier = "full"\njobs = 2\nselect = ["a", "b"]\n')
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert load(inner) == Config(tier="full", jobs=2, select=("a", "b"))
    assert load(write(inner, "[tool.other]\nx = 1\n")) == Config()


@pytest.mark.parametrize(
    ("wrong", "meant"), [("teir", "tier"), ("job", "jobs"), ("selected", "select"), ("ingore", "ignore")]
)
def test_unknown_key_is_an_error_that_suggests_the_nearest(tmp_path, wrong, meant):
    with pytest.raises(BadConfig) as error:
        load(write(tmp_path, f"[tool.driftproof]\n{wrong} = 1\n"))
    assert f"'{wrong}'" in error.value.what and "pyproject.toml" in error.value.what
    assert f"'{meant}'" in error.value.fix


@pytest.mark.parametrize("line", ["tier = 1", "jobs = 0", "jobs = true", 'jobs = "2"', 'select = "a"', "ignore = [1]"])
def test_value_of_another_type_is_an_error(tmp_path, line):
    with pytest.raises(BadConfig) as error:
        load(write(tmp_path, f"[tool.driftproof]\n{line}\n"))
    assert line.split()[0] in error.value.what and error.value.fix


@pytest.mark.parametrize("text", ["[tool.driftproof", "tool = 1", "[tool]\ndriftproof = 1", "\0"])
def test_file_that_is_no_configuration_is_an_error_or_holds_none(tmp_path, text):
    folder = write(tmp_path, text)
    if text == "tool = 1":
        assert load(folder) == Config()
        return
    with pytest.raises(BadConfig):
        load(folder)


@given(table=st.dictionaries(st.sampled_from([*KEYS, "x"]) | st.text(max_size=8), plain, max_size=4))
def test_any_table_gives_a_config_or_a_clear_error(table):
    try:
        found = Config.of(table, "here")
    except BadConfig as error:
        assert "here" in error.what and error.fix
    else:
        assert set(table) <= set(KEYS) and isinstance(found, Config)


def test_the_project_itself_has_a_configuration_that_loads():
    """Our own pyproject.toml is the nearest one when the checks run from the checkout."""
    from pathlib import Path

    root = Path(__file__).parents[1]
    assert tomllib.loads((root / "pyproject.toml").read_text())["project"]["name"] == "driftproof"
    assert load(root) == Config()


@pytest.mark.parametrize("line", ['tier = "fst"', 'executor = "loki"', "jobs = 100000000"])
def test_value_that_means_nothing_is_an_error_that_names_the_file(tmp_path, line):
    with pytest.raises(BadConfig) as error:
        load(write(tmp_path, f"[tool.driftproof]\n{line}\n"))
    assert str(tmp_path / "pyproject.toml") in error.value.what and line.split(" ")[0] in error.value.what
