"""The law as dated rows, and what follows from it: attribution, roles, registry, leads, the week. Standard library."""
