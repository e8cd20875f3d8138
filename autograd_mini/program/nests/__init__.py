"""Nests: block programs as loop nests over arrays, for targets that are text."""
