"""Pure geometry: from what a camera wrote to places on the ground with their doubt. No store, no law, no model."""
