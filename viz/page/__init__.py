"""The live page: a graph to step through, with inputs to drag."""
