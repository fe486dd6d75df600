"""The chain from a delivered picture to the week's list, the acts of people, and the command line."""
