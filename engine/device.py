"""Which device and precision to compute with, and how memory is handed back. torch is imported when asked for one."""

from __future__ import annotations

import ctypes
import gc
import os
import platform
import sys
from typing import TYPE_CHECKING, Any

from engine.errors import DeviceError, RenderError, clipped

if TYPE_CHECKING:
    import torch

DTYPES = ("auto", "float32", "float16", "bfloat16")
M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # malloc.h of glibc
SMALL = 2_000_000  # parameters
_all_threads = 0  # that torch took by itself, once asked


def choose(device: str = "auto") -> torch.device:
    """The device of a name; `auto` takes CUDA, then MPS, then the CPU. Raises DeviceError."""
    import torch

    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "mps" if _has_mps() else "cpu"
    kind, _, number = device.partition(":")
    if kind not in ("cpu", "cuda", "mps") or (number and (kind != "cuda" or not _is_index(number))):
        raise DeviceError(f"{clipped(repr(device), 40)} is no device", "give auto, cpu, cuda, cuda:N or mps")
    if kind == "cuda":
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if count == 0:
            raise DeviceError("there is no CUDA device that this PyTorch can use", "give --device cpu or auto")
        if int(number or 0) >= count:
            raise DeviceError(f"there is no CUDA device {int(number)}", f"give a number below {count}")
        return torch.device("cuda", int(number or 0))
    if kind == "mps" and not _has_mps():
        raise DeviceError("there is no Apple GPU that this PyTorch can use", "give --device cpu or auto")
    return torch.device(kind)


def choose_dtype(dtype: str, device: torch.device) -> torch.dtype:
    """The precision of a name for the highest resolutions; `auto` is float16 on CUDA, else float32."""
    import torch

    if dtype not in DTYPES:
        raise DeviceError(f"{clipped(repr(dtype), 40)} is no precision", f"give {', '.join(DTYPES)}")
    if dtype == "auto":
        return torch.float16 if device.type == "cuda" else torch.float32
    found: torch.dtype = getattr(torch, dtype)
    return found


def described(device: torch.device) -> str:
    """The device's name for people, e.g. "cpu" or "cuda:0 NVIDIA H200"."""
    import torch

    return f"{device} {torch.cuda.get_device_name(device)}" if device.type == "cuda" else str(device)


def tune_allocator() -> bool:
    """Keep big freed blocks in the process instead of handing them back after each operation. True: it took hold.

    glibc maps every big tensor afresh, and the kernel zeroes its pages each time: half of the time of a 1024x1024
    picture. Only glibc has the switch; call it at start-up, it cannot be undone. `release_memory` gives memory back.
    """
    libc = _glibc()
    if libc is None:
        return False
    try:
        return bool(libc.mallopt(M_MMAP_MAX, 0)) and bool(libc.mallopt(M_TRIM_THRESHOLD, 2**31 - 1))
    except AttributeError:
        return False


def wait_calmly() -> None:
    """Let threads that wait for each other sleep; call it before torch is imported. What the user has set rules.

    By default they wait busily for some milliseconds. Beside other programs that takes the core from the very thread
    that is waited for: with three programs on two cores a picture that takes 25 ms took 1.6 s. For the window, which
    shares the machine with all that its user does; training on a machine of its own is 1.4 times as fast without this.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def suit_threads(parameters: int) -> None:
    """Let torch use one thread for a small network and all for others, on the calling thread; `OMP_NUM_THREADS` rules.

    The layers of a small network end sooner than a second thread is woken, and on a busy machine the first one waits
    for it: on two cores a pass of 0.8 M parameters takes the same time with one, and half as long while a window
    paints.
    """
    import torch

    global _all_threads
    if "OMP_NUM_THREADS" in os.environ:
        return
    _all_threads = _all_threads or torch.get_num_threads()
    wanted = 1 if parameters < SMALL else _all_threads
    if torch.get_num_threads() != wanted:
        torch.set_num_threads(wanted)


def release_memory() -> None:
    """Give memory that nothing uses back to the system, after a model was closed."""
    gc.collect()
    torch: Any = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized():
        torch.cuda.empty_cache()
    libc = _glibc()
    if libc is not None and hasattr(libc, "malloc_trim"):
        libc.malloc_trim(0)


def has_bfloat16() -> bool:
    """Whether the processor says that it computes in bfloat16. It may be slower with it: measure (engine.quick)."""
    import torch

    capable = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")  # torch tells of x86 only
    mkldnn = bool(torch.backends.mkldnn.is_available())  # type: ignore[no-untyped-call]
    return mkldnn and any(getattr(torch.cpu, name, lambda: False)() for name in capable)


def lacks_memory(error: RuntimeError | MemoryError) -> bool:
    """Whether an error says that the device is too small for what was asked of it."""
    import torch

    text = str(error)
    known = isinstance(error, (MemoryError, torch.OutOfMemoryError))
    return known or "allocate memory" in text or "out of memory" in text


def sentence(error: RuntimeError | MemoryError, device: torch.device) -> RenderError | None:
    """A sentence for an error of the device; None: it is an error of the program."""
    text = str(error)
    if lacks_memory(error):
        return RenderError(f"there is not enough memory on {device}", "close other programs or take another device")
    if "CUDA error" in text or "MPS backend" in text:
        return RenderError(f"the device {device} failed ({clipped(text, 80)})", "restart, or use --device cpu")
    return None


def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux") or platform.libc_ver()[0] != "glibc":
        return None
    try:
        return ctypes.CDLL(None)
    except OSError:
        return None


def _has_mps() -> bool:
    import torch

    return torch.backends.mps.is_available()


def _is_index(number: str) -> bool:
    return number.isascii() and number.isdigit() and len(number) < 4
