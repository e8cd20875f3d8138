"""Scenes: graphs as shapes with coordinates."""
