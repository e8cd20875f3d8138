"""DataError: what is wrong with a file or a table."""

__all__ = ["DataError"]


class DataError(ValueError):
    """Data cannot be read or used: the message says which, where and why, and what to do."""
