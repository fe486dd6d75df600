"""Statistics of monitor series that smell: clues for a person to look at, never verdicts. Arrays in, chances out."""
