"""Plumes painted over photographs, their opacity known at every pixel: what the opacity network learns from."""
