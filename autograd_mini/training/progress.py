"""What a long run shows and hears: a progress bar, and Ctrl-C as a wish to stop."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["Bar", "interruptible"]


class Bar:
    """A tqdm bar over ``total`` epochs; ``show`` None shows it on a terminal only."""

    def __init__(self, total: int, done: int = 0, show: bool | None = None) -> None:
        if show is None:
            show = sys.stderr is not None and sys.stderr.isatty()
        self._bar = None
        if show:
            from tqdm import tqdm  # not needed, and not loaded, where nobody watches

            self._bar = tqdm(total=total, initial=done, unit="epoch", dynamic_ncols=True)

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def epoch(self, **numbers: float) -> None:
        """Count an epoch and show these numbers, those that are not nan."""
        if self._bar is not None:
            told = {name: f"{x:.4g}" for name, x in numbers.items() if x == x}
            self._bar.set_postfix(told, refresh=False)
            self._bar.update()


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """Yield an event that the first Ctrl-C sets; a second one interrupts at once.

    Only the main thread hears signals; elsewhere the event stays unset.
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
