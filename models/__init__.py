"""What is learned or statistical: arrays in, numbers with their doubt out. Importing it costs nothing."""
