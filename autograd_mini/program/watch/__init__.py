"""Watching: what a recorded function read besides its arguments, and whether it is unchanged."""
