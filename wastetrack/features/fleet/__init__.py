"""Vehicles in use: whether one is clean, and who says that he washed it."""
