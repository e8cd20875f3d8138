"""A scene in a format: SVG, PDF, PNG, DOT."""
