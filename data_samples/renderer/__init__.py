"""Renders an invented block of Putuo as drone pictures with tags, together with its truth.

Nothing of the product is imported here. The gimbal rotation, the projection and the grid are written anew, so that a
wrong sign elsewhere meets a right one here.
"""
