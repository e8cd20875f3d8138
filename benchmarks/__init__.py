"""Measurements of this project beside its peers, each from one process run."""
