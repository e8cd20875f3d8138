"""The progress bar of a training run, and Ctrl-C as a request to stop after the current step."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from autograd_mini.format import described

__all__ = ["Bar", "interruptible"]


class Bar:
    """A tqdm progress bar over ``total`` epochs; where ``show`` is None it appears on a terminal only."""

    def __init__(self, total: int, done: int = 0, show: bool | None = None) -> None:
        if show is not None and not isinstance(show, bool):
            raise TypeError(f"fit: progress is {described(show)}; True, False or None is needed")
        if show is None:
            show = sys.stderr is not None and sys.stderr.isatty()
        self._bar = None
        if show:
            from tqdm import tqdm  # loaded only where a bar is shown

            self._bar = tqdm(total=total, initial=done, unit="epoch", dynamic_ncols=True)

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def epoch(self, **numbers: float) -> None:
        """Advance by an epoch and show those of the numbers that are not nan."""
        if self._bar is not None:
            told = {name: f"{x:.4g}" for name, x in numbers.items() if x == x}
            self._bar.set_postfix(told, refresh=False)
            self._bar.update()


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """Yield an event that the first Ctrl-C sets; a second Ctrl-C raises KeyboardInterrupt at once.

    Python delivers signals to the main thread only; in other threads the event is never set.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return

    def ask(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)
