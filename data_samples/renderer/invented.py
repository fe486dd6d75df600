"""Who answers for what is seen in the block: told by the district."""

from data_samples.district.block import BLOCK_FIRMS, BLOCK_OUTFALLS, BLOCK_SITES, WHO_ANSWERS

__all__ = ["BLOCK_FIRMS", "BLOCK_OUTFALLS", "BLOCK_SITES", "WHO_ANSWERS"]
