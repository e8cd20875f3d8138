"""Blocks: programs that keep their structure, one primitive applied n times where a flat list has n lines."""
