"""Recordings: how often a jitted function is recorded anew, and the warning where that is at every call."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable, Iterator

__all__ = ["MOST", "Recordings", "TooManyPathsError", "too_many_versions"]

MOST = 256  # the largest number of versions that are compiled; for others the function itself runs
ANEW = 5  # after so many recordings in a row that served one call each, a warning names the cause
ADVICE = (
    "Where lengths and ints change from call to call pass them as data: take(values, index) chooses one of many, and "
    "a mask serves several lengths"
)


class TooManyPathsError(Exception):
    """The function has more paths or versions than are compiled, and why; users get it as a warning."""


def too_many_versions() -> TooManyPathsError:
    """Return the error for a function with more than ``MOST`` versions."""
    return TooManyPathsError(
        f"was compiled for {MOST} shapes and static arguments: the function itself runs for others, uncompiled. "
        f"{ADVICE}"
    )


class Recordings:
    """Counts the calls that each recording of a function served.

    ``served``  calls since the latest recording, without those of the entry
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.served = 0
        self._calls: Iterator[None] | None = None  # the countdown of the entry's calls
        self._left = 0  # of these, how many were left at the latest recording
        self._anew = self._new = 0  # recordings in a row that served one call: of all, and of versions beside others
        self._warned: set[str] = set()

    def entered(self, calls: Iterator[None], left: int) -> None:
        """Take the countdown of a new entry, with ``left`` calls left."""
        self._calls, self._left = calls, left

    def changed(self, what: Callable[[], str]) -> None:
        """Count a recording that no longer holds; warn where call after call has one. ``what`` names what changed."""
        self._anew = self._anew + 1 if self._since() <= 1 else 0
        if self._anew == ANEW:
            self.warn(
                f"is recorded again at every call, because {what()} changes; pass it as an argument, or keep it in a "
                "Value, whose number is read at each call"
            )

    def forget(self) -> None:
        """Start again: all programs were dropped."""
        self._calls = None
        self.served = self._left = 0

    def another_version(self, known: int) -> None:
        """Count a version beside ``known`` others; warn where call after call has one, and give up beyond ``MOST``."""
        if not known:
            return
        if known >= MOST:
            raise too_many_versions()
        self._new = self._new + 1 if self._since() <= 1 else 0
        self.served, self._left = 0, self._hint()
        if self._new == ANEW:
            self.warn(
                "is recorded again for each shape of its arguments (the length of a list) and each static argument "
                f"(an int used as an index, a string), and these were new {ANEW} times in a row. {ADVICE}"
            )

    def warn(self, message: str) -> None:
        """Warn once of each kind."""
        if message[:20] not in self._warned:
            self._warned.add(message[:20])
            warnings.warn(f"{self.name} {message}", RuntimeWarning, stacklevel=4)

    def _since(self) -> int:
        """Return how many calls the latest recording has served."""
        return self.served + self._left - self._hint()

    def _hint(self) -> int:
        """Return how many calls are left of those that the latest entry counts."""
        return 0 if self._calls is None else operator.length_hint(self._calls)
