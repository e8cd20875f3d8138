"""Marks: one file for each kind of thing that is drawn."""
