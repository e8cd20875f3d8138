"""Passes: Program in, Program out; none knows another."""
