"""Levels of detail: coarser graphs from finer ones."""
