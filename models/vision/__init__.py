"""Pictures to boxes."""
