"""The HJ 212 gateway: bytes of devices in, kept as they came, answered, and indexed packet by packet."""
