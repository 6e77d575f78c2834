"""The processor's rounding mode, for tests that bounds hold in every mode."""

import ctypes
import ctypes.util
import platform
from collections.abc import Iterator
from contextlib import contextmanager

MODES = {
    "x86_64": {"nearest": 0x0, "down": 0x400, "up": 0x800, "zero": 0xC00},
    "aarch64": {"nearest": 0x0, "up": 0x400000, "down": 0x800000, "zero": 0xC00000},
}.get(platform.machine(), {})
_NAME = ctypes.util.find_library("m")
_LIBM = ctypes.CDLL(_NAME) if _NAME else None
AVAILABLE = bool(MODES) and hasattr(_LIBM, "fesetround")
NAMES = ("nearest", "down", "up", "zero")


@contextmanager
def rounding(name: str) -> Iterator[None]:
    """Round in the named mode inside the block; only floating point of this thread is affected."""
    assert _LIBM is not None
    before = _LIBM.fegetround()
    assert _LIBM.fesetround(MODES[name]) == 0
    try:
        yield
    finally:
        assert _LIBM.fesetround(before) == 0
