"""Programs: trace a function once, differentiate, simplify and run it anywhere."""
