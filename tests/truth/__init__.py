"""Truth: what the renderer knows, held against what the product finds."""
