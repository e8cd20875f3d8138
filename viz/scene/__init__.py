"""From a graph to shapes with coordinates."""
