"""The C compiler of this machine, and a cache of what it built."""

from __future__ import annotations

import atexit
import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from driftproof.theory.errors import Refused

FLAGS = ("-O3", "-march=native", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-fPIC", "-shared")
"""No -ffast-math, in any form: it changes results, and where it is linked it makes the whole thread flush denormals."""
LANGUAGES = {"c": ("-std=gnu11", ".c"), "c++": ("-std=gnu++17", ".cpp")}
CANDIDATES = {"c": ("CC", ("cc", "gcc", "clang")), "c++": ("CXX", ("c++", "g++", "clang++"))}
TIMEOUT = 120


def compiler(language: str = "c") -> str:
    """The compiler's path: $CC (or $CXX), else the first of the usual names. raises: Refused if there is none."""
    variable, usual = CANDIDATES[language]
    wanted = os.environ.get(variable)
    for name in (wanted,) if wanted else usual:
        found = shutil.which(name)
        if found:
            return found
    raise Refused(
        f"There is no {'C' if language == 'c' else 'C++'} compiler: looked for {wanted or ', '.join(usual)}.",
        "The target cpu compiles generated C on this machine.",
        f"Install gcc or clang, or set {variable} to one; the targets reference and torch need none.",
    )


def cache_folder() -> Path:
    """$XDG_CACHE_HOME/driftproof or ~/.cache/driftproof; a folder of this process where that cannot be written."""
    base = os.environ.get("XDG_CACHE_HOME")
    folder = (Path(base) if base else Path.home() / ".cache") / "driftproof"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return _private_folder()
    return folder if os.access(folder, os.W_OK) else _private_folder()


@cache
def _private_folder() -> Path:
    """Removed when this process ends."""
    folder = Path(tempfile.mkdtemp(prefix="driftproof-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def processor() -> str:
    """What -march=native depends on."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    wanted = [line for line in lines if line.startswith(("flags", "Features", "model name"))]
    return "\n".join([platform.machine(), platform.processor(), *dict.fromkeys(wanted)])


def build(text: str, language: str = "c", flags: tuple[str, ...] = ()) -> Path:
    """The shared library of a text, from the cache or built now.

    The name is a hash of the text, the flags, the processor's features and the compiler's file; the library is
    written to a temporary name and renamed, so that an interrupted build leaves nothing half-written. One that has
    been damaged since, so that its checksum no longer fits, is built again.
    flags: further ones, after our own.   raises: Refused with the compiler's message if it fails.
    """
    program = compiler(language)
    stat = Path(program).resolve().stat()
    identity = f"{Path(program).resolve()} {stat.st_size} {stat.st_mtime_ns}"
    every = (*FLAGS, LANGUAGES[language][0], *(("-fopenmp",) if has_openmp(program, identity) else ()), *flags)
    key = hashlib.sha256("\0".join([text, *every, processor(), identity]).encode()).hexdigest()
    library = cache_folder() / f"{key[:32]}.so"
    if not _is_whole(library):
        _compile(program, every, text, LANGUAGES[language][1], library)
    return library


def _is_whole(library: Path) -> bool:
    """Whether it is as it was built: loading a library that was cut short can end the process."""
    try:
        return _checksum_file(library).read_bytes() == _checksum(library)
    except OSError:
        return False


def _checksum(library: Path) -> bytes:
    return hashlib.sha256(library.read_bytes()).hexdigest().encode()


def _checksum_file(library: Path) -> Path:
    return library.with_suffix(".sha256")


def _compile(program: str, flags: tuple[str, ...], text: str, suffix: str, library: Path) -> None:
    with tempfile.TemporaryDirectory(dir=library.parent) as folder:
        source, built = Path(folder, f"source{suffix}"), Path(folder, "built.so")
        source.write_text(text)
        command = [program, *flags, str(source), "-o", str(built), "-lm"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Refused(f"{program} did not run.", str(error), "Set CC to a working gcc or clang.") from error
        if done.returncode:
            raise Refused(
                f"{program} failed on generated code.",
                done.stderr.strip()[-2000:],
                "Set CC to another gcc or clang, or use the target reference or torch.",
            )
        checksum = Path(folder, "checksum")
        checksum.write_bytes(_checksum(built))
        built.replace(library)
        checksum.replace(_checksum_file(library))


@cache
def has_openmp(program: str, identity: str) -> bool:
    """Whether that compiler takes -fopenmp and links it; remembered in the cache folder. identity: of its file."""
    mark = cache_folder() / f"openmp-{hashlib.sha256(identity.encode()).hexdigest()[:16]}"
    if not mark.exists():
        with tempfile.TemporaryDirectory(dir=mark.parent) as folder:
            source, text = Path(folder, "try.c"), "#include <omp.h>\nint f(void) { return omp_get_max_threads(); }\n"
            source.write_text(text)
            command = [program, "-fopenmp", "-fPIC", "-shared", str(source), "-o", str(Path(folder, "try.so"))]
            works = not subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=False).returncode
            answer = Path(folder, "answer")
            answer.write_text("yes" if works else "no")
            answer.replace(mark)
    return mark.read_text() == "yes"


def load(library: Path) -> ctypes.CDLL:
    """raises: Refused where the library cannot be loaded, as on a file system that forbids it."""
    try:
        return ctypes.CDLL(str(library))
    except OSError as error:
        raise Refused(
            f"{library} cannot be loaded.", str(error), "Set XDG_CACHE_HOME to a folder from which code may run."
        ) from error
