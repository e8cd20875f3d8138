"""Ink and type: colours, and how wide a text is."""
