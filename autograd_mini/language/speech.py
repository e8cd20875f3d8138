"""tell: translate a text into the current language.

The English text in the code is the key: ``tell("epoch {epoch}", epoch=3)``. Another
language is a file in this folder, such as ``ja.json``: English → translation with the same slots. A
test compares each table with all calls of ``tell``: no entry may be missing or unused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, wraps
from inspect import signature
from pathlib import Path
from typing import Any, Literal, ParamSpec, TypeAlias, TypeVar, get_args

from autograd_mini.format import nearest

__all__ = ["LANGUAGES", "Language", "counted", "language", "legal", "near", "speaking", "table", "tell", "translated"]

Language: TypeAlias = Literal["en", "ja"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

P = ParamSpec("P")
R = TypeVar("R")
_spoken: ContextVar[Language] = ContextVar("autograd_mini language", default="en")


def legal(lang: str) -> Language:
    """Return the language; ValueError for an unknown one."""
    if not isinstance(lang, str) or lang not in LANGUAGES:
        raise ValueError(f"lang is {lang!r}; {', '.join(map(repr, LANGUAGES))} are legal")
    return lang


@contextmanager
def speaking(lang: Language) -> Iterator[None]:
    """Context in which ``tell`` translates into this language."""
    token = _spoken.set(legal(lang))
    try:
        yield
    finally:
        _spoken.reset(token)


def language() -> Language:
    """Return the current language."""
    return _spoken.get()


def translated(function: Callable[P, R]) -> Callable[P, R]:
    """Run a function in the language of its argument ``lang``; None is the current language."""

    @wraps(function)
    def answer(*args: P.args, **kwargs: P.kwargs) -> R:
        asked: Any = kwargs.get("lang")
        with speaking(language() if asked is None else asked):
            try:
                return function(*args, **kwargs)
            except TypeError as error:
                trace = error.__traceback__
                if trace is None or trace.tb_next is not None:
                    raise
                names = ", ".join(signature(function).parameters)  # the call itself does not fit
                raise TypeError(f"{error}; it takes {names}") from None

    return answer


@cache
def table(lang: Language) -> Mapping[str, str]:
    """Return English → translation for a language; {} for English."""
    if lang == "en":
        return {}
    found: dict[str, str] = json.loads((Path(__file__).parent / f"{lang}.json").read_text(encoding="utf-8"))
    return found


def tell(english: str, **values: object) -> str:
    """Return a text in the current language, with its slots ``{name}`` filled."""
    text = table(_spoken.get()).get(english, english)
    return text.format(**values) if values else text


def near(name: str, known: Iterable[str]) -> str:
    """Return "; did you mean 'Affine'?" in the current language, "" where no known name is similar."""
    found = nearest(name, known)
    return tell("; did you mean {name}?", name=repr(found)) if found else ""


def counted(count: int, one: str, many: str) -> str:
    """Return ``one`` or ``many``, English texts with the slot ``{count}``, in the current language."""
    return tell(one if count == 1 else many, count=count)
