"""Loops: block programs as native code, one row at a time, vectors inside a block."""
