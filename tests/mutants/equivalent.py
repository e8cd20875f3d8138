"""Mutants that compute the same, and why: no test can tell them from the table."""

__all__ = ["EQUIVALENT"]

EQUIVALENT: dict[str, str] = {}
