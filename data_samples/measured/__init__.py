"""What the monitors of the district measure and send: weather, dust and water by simple models, tampering, packets.

Imports nothing of the product: the check sums are written anew from the standard's text.
"""
