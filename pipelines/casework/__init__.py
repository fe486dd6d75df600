"""The acts of people: a file an act. Role, then law, then the change and its journal entry in one transaction."""
