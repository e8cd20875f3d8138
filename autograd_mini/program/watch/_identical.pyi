"""The function of the extension _identical.c."""

from typing import Any

def identical(holders: list[Any], seen: list[list[Any]], /) -> bool: ...
