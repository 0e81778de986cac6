"""CUDA C++ to machine code, by NVRTC or nvcc, and the few calls of the driver that launch it."""

from __future__ import annotations

import ctypes
import importlib.util
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from driftproof.theory.errors import Refused

FLAGS = ("-fmad=false",)
"""No contraction: fma stands where the text says so. Division, roots and denormals are IEEE by default."""
THREADS = 256
_NAMES = ("libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so")


def cubin(text: str, architecture: str) -> bytes:
    """Machine code for an architecture such as "sm_90". raises: Refused with neither NVRTC nor nvcc, or on failure."""
    library = nvrtc()
    if library is not None:
        return _by_nvrtc(library, text, architecture)
    return by_nvcc(text, architecture)[0]


@cache
def nvrtc() -> ctypes.CDLL | None:
    """NVRTC from the system, or from the packages that torch's CUDA build brings."""
    spec = importlib.util.find_spec("nvidia")
    folders = [Path(p) for p in spec.submodule_search_locations or []] if spec else []
    found = sorted(str(p) for folder in folders for p in folder.glob("*/lib/libnvrtc.so.*"))
    for name in [*_NAMES, *found]:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    return None


def _by_nvrtc(library: ctypes.CDLL, text: str, architecture: str) -> bytes:
    handle = ctypes.c_void_p()
    created = library.nvrtcCreateProgram(ctypes.byref(handle), text.encode(), b"update.cu", 0, None, None)
    if created:
        raise Refused(f"NVRTC did not take the text: error {created}.")
    options = [f"--gpu-architecture={architecture}", *FLAGS]
    array = (ctypes.c_char_p * len(options))(*(o.encode() for o in options))
    try:
        if library.nvrtcCompileProgram(handle, len(options), array):
            log = _text(library.nvrtcGetProgramLogSize, library.nvrtcGetProgramLog, handle)
            raise Refused(
                f"NVRTC failed on generated code for {architecture}.",
                log.decode(errors="replace")[-2000:],
                "Use the target torch.",
            )
        return _text(library.nvrtcGetCUBINSize, library.nvrtcGetCUBIN, handle)
    finally:
        library.nvrtcDestroyProgram(ctypes.byref(handle))


def _text(size_of: Any, get: Any, handle: ctypes.c_void_p) -> bytes:
    size = ctypes.c_size_t()
    size_of(handle, ctypes.byref(size))
    buffer = ctypes.create_string_buffer(size.value)
    get(handle, buffer)
    return buffer.raw


def by_nvcc(text: str, architecture: str) -> tuple[bytes, str]:
    """Machine code, and what ptxas says about registers and spills. raises: Refused without nvcc."""
    compiler = shutil.which("nvcc")
    if compiler is None:
        raise Refused(
            "There is neither NVRTC nor nvcc.",
            "The target cuda compiles its text for the device.",
            "Install the CUDA build of torch, which brings NVRTC, or the CUDA toolkit; or use the target torch.",
        )
    with tempfile.TemporaryDirectory() as folder:
        source, built = Path(folder, "update.cu"), Path(folder, "update.cubin")
        source.write_text(text)
        command = [compiler, "-cubin", f"-arch={architecture}", *FLAGS, "-Xptxas=-v", str(source), "-o", str(built)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode:
            raise Refused(f"nvcc failed on generated code for {architecture}.", done.stderr[-2000:])
        return built.read_bytes(), done.stderr


class Module:
    """Loaded machine code, in the context that is current."""

    def __init__(self, code: bytes) -> None:
        self._driver = ctypes.CDLL("libcuda.so.1")
        self._module = ctypes.c_void_p()
        self._functions: dict[str, ctypes.c_void_p] = {}
        self._check(self._driver.cuModuleLoadData(ctypes.byref(self._module), code), "loading")

    def launch(self, name: str, blocks: int, arguments: Sequence[int], stream: int) -> None:
        """Starts a kernel on a stream; every argument is 8 bytes, a number or an address."""
        if name not in self._functions:
            function = ctypes.c_void_p()
            self._check(self._driver.cuModuleGetFunction(ctypes.byref(function), self._module, name.encode()), name)
            self._functions[name] = function
        values = [ctypes.c_int64(a) for a in arguments]
        array = (ctypes.c_void_p * len(values))(*(ctypes.addressof(v) for v in values))
        sizes = (ctypes.c_uint(n) for n in (blocks, 1, 1, THREADS, 1, 1, 0))
        done = self._driver.cuLaunchKernel(self._functions[name], *sizes, ctypes.c_void_p(stream), array, None)
        self._check(done, f"launching {name}")

    def _check(self, code: int, what: str) -> None:
        if code:
            raise Refused(f"The CUDA driver reports error {code} on {what}.", "", "Use the target torch.")
