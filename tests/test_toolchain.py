"""What a machine may lack: torch, a C compiler, a cache that is whole and can be written."""

import subprocess
import sys
from pathlib import Path

import pytest

from driftproof.impl import compile_rule, emit_rule, toolchain
from driftproof.theory.errors import Refused


def has_compiler():
    try:
        return bool(toolchain.compiler("c"))
    except Refused:
        return False


needs_compiler = pytest.mark.skipif(not has_compiler(), reason="no C compiler")


def child(code):
    """What a process of its own prints."""
    code = f"from driftproof.impl import compile_rule, emit_rule, toolchain\n{code}"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("target", ["torch", "cuda"])
def test_without_torch_its_text_is_emitted_and_loading_says_what_to_install(target):
    code = f"""
import sys
sys.modules["torch"] = None
print(emit_rule("adam", "{target}"), end="")
try:
    compile_rule("adam", "{target}")
except Exception as error:
    print(type(error).__name__, error.fix)
"""
    assert child(code) == emit_rule("adam", target) + 'Refused pip install "driftproof[torch]"\n'


# The C compiler and its cache


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "driftproof"


def test_without_a_c_compiler_cpu_says_so_and_the_others_serve(own_cache, monkeypatch):
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", str(own_cache))
    with pytest.raises(Refused, match=r"(?s)There is no C compiler: looked for cc, gcc, clang.*reference and torch"):
        compile_rule("adam", "cpu")
    for target in ("reference", "torch"):
        assert compile_rule("adam", target).backend == target


def test_a_compiler_that_is_named_and_missing_is_not_replaced(own_cache, monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.raises(Refused, match="looked for no-such-compiler"):
        compile_rule("adam", "cpu")


def test_a_compiler_that_fails_leaves_nothing_behind(own_cache, tmp_path, monkeypatch):
    broken = tmp_path / "broken-cc"
    broken.write_text("#!/bin/sh\necho 'no luck' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("CC", str(broken))
    with pytest.raises(Refused, match=r"(?s)failed on generated code.*no luck"):
        compile_rule("adam", "cpu")
    assert [path.name for path in own_cache.iterdir() if path.suffix == ".so" or path.is_dir()] == []


@needs_compiler
def test_the_second_time_nothing_is_compiled(own_cache, monkeypatch):
    compile_rule("adam", "cpu")
    built_once = sorted(path.name for path in own_cache.iterdir())
    monkeypatch.setattr(toolchain.subprocess, "run", None)
    assert compile_rule("adam", "cpu").backend == "cpu"
    assert sorted(path.name for path in own_cache.iterdir()) == built_once
    assert sum(name.endswith(".so") for name in built_once) == 1


@needs_compiler
@pytest.mark.parametrize("left", [0, 100, 5000])
def test_a_damaged_library_is_built_again(own_cache, left):
    """In a process of its own: loading a library that was cut short may end the process."""
    assert child("compile_rule('sgd', 'cpu')") == ""
    (library,) = own_cache.glob("*.so")
    whole = library.read_bytes()
    assert len(whole) > left
    library.write_bytes(whole[:left])
    assert child("print(compile_rule('sgd', 'cpu').backend)") == "cpu\n"
    assert library.stat().st_size == len(whole)


@needs_compiler
def test_a_cache_that_cannot_be_written_is_done_without(tmp_path, monkeypatch):
    """The folder that stands in for it goes when the process ends."""
    (tmp_path / "file").write_text("")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    said = child("print(compile_rule('sgd', 'cpu').backend, *toolchain.cache_folder().glob('*.so'))").split()
    assert said[0] == "cpu"
    assert Path(said[1]).is_relative_to(tmp_path / "temporary")
    assert list((tmp_path / "temporary").iterdir()) == []


def test_no_flag_gives_up_ieee_arithmetic():
    assert not {"-ffast-math", "-Ofast", "-funsafe-math-optimizations", "-fassociative-math"} & set(toolchain.FLAGS)
    assert "-ffp-contract=off" in toolchain.FLAGS
