"""Passes: functions from Program to Program, independent of each other."""
