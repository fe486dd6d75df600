"""Which registry entries are the same firm: proposals with their evidence. A person decides."""
