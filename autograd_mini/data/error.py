"""DataError: a file or a table that cannot be read or used."""

__all__ = ["DataError"]


class DataError(ValueError):
    """Data cannot be read or used; the message names the file, the line and the reason."""
