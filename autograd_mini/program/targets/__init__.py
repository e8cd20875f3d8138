"""Targets: programs as text, and as functions that run."""
