"""Loops for which NumPy has no call, compiled: each stands as plain Python where it belongs, beside the same in NumPy, which tests compare it with.

It needs numba, the extra `speed`, and is switched on by whoever asks for many answers; a loop is compiled when it is first called, in some
seconds, or in a moment where there is a folder in which what was compiled before is kept.
"""

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import Final

Loop = Callable[..., None]

_SWITCHED_ON: Final[list[bool]] = []


def switch_on() -> bool:
    """Compiles loops from here on in this process; False where numba is not installed, and everything goes on in NumPy."""
    if not _SWITCHED_ON and find_spec("numba"):
        _SWITCHED_ON.append(True)
    return bool(_SWITCHED_ON)


def compiled(loop: Loop, *, reordered: bool = False) -> Loop | None:
    """The same loop compiled, where that was switched on; `reordered` where it may add numbers up in any order."""
    return _made(loop, reordered) if _SWITCHED_ON else None


@cache
def _made(loop: Loop, reordered: bool) -> Loop:
    from numba import njit  # here, because importing it takes a second that a small file does not need

    allowed = {"reassoc"} if reordered else False
    try:
        made: Loop = njit(cache=True, fastmath=allowed)(loop)
    except RuntimeError:  # nowhere to keep it: neither beside the program nor in the user's folder
        made = njit(fastmath=allowed)(loop)
    return made
