"""The tests: one file per module, and the tables they share."""
