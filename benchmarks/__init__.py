"""Side by side with a peer, ratios printed. `make proof` runs every `bench_*.py`."""
