"""Finds what is still to do, runs the stages, and stores their outcomes: each chunk whole, or not at all."""
