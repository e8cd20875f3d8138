"""A real Chromium for the tests of pages: one per session, a fresh page per test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

__all__ = ["browser", "show", "until"]

Show = Callable[..., Any]


def _executable() -> str | None:
    named = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
    return named if Path(named).exists() else shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium; without one the test is skipped, or fails where CI=true says there must be one."""
    executable = _executable()
    if executable is None:
        reason = "no Chromium is installed: install the package chromium, or name one in CHROMIUM"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="session")
def window(browser: Any) -> Any:
    """The page of tests that ask for nothing special: opening one takes longer than such a test."""
    return browser.new_context().new_page()


def until(page: Any, condition: str, seconds: float = 8.0) -> None:
    """Wait until an expression holds in the page; playwright's own wait needs eval, which pages forbid."""
    end = monotonic() + seconds
    while not page.evaluate(condition):
        assert monotonic() < end, f"never came true: {condition}"
        page.wait_for_timeout(20)


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Any], Path]:
    """A function that saves a drawing as .html once: the tests of one file share theirs."""
    folder = tmp_path_factory.mktemp("pages")
    pages: dict[int, tuple[Any, Path]] = {}  # the drawing too: an identity is its own only as long as it lives

    def save(drawing: Any) -> Path:
        if id(drawing) not in pages:
            pages[id(drawing)] = (drawing, drawing.save(folder / f"page{len(pages)}.html"))
        return pages[id(drawing)][1]

    return save


@pytest.fixture
def show(browser: Any, window: Any, saved: Callable[[Any], Path]) -> Iterator[Show]:
    """A function that opens what saves itself as .html; whatever the page throws or fetches fails the test.

    A second call without options shows in the same page, in place of the first.
    """
    contexts: list[Any] = []
    wrong: list[str] = []

    def opened(drawing: Any, width: int = 1280, height: int = 900, **options: Any) -> Any:
        page = window
        if options:
            contexts.append(browser.new_context(**options))
            page = contexts[-1].new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.set_default_timeout(10_000)
        if options or not listening:
            for event, listener in listeners.items():
                page.on(event, listener)
        listening.extend([page] * (not options))
        page.goto(saved(drawing).as_uri())
        page.wait_for_selector("html[data-ready]")
        return page

    def refuse(dialog: Any) -> None:
        wrong.append(f"dialog {dialog.message}")
        dialog.dismiss()

    listening: list[Any] = []
    listeners: dict[str, Callable[[Any], None]] = {
        "pageerror": lambda error: wrong.append(str(error)),
        "console": lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None,
        "dialog": refuse,
        "request": lambda request: None if request.url.startswith(("file:", "blob:")) else wrong.append(request.url),
    }
    yield opened
    for context in contexts:
        context.close()
    if listening:
        for event, listener in listeners.items():
            window.remove_listener(event, listener)
    assert not wrong
