"""Labelled sets in the forms that circulate, in one form of ours."""
