"""The content of a picture, as plain data and as text."""
