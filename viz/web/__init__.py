"""Pages: assets put together into one file."""
