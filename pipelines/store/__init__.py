"""All SQL and all files of a home: questions in `read`, changes in `write`, the journal, originals in `evidence/`."""

from pipelines.store.home import Store
from pipelines.store.transaction import Tx

__all__ = ["Store", "Tx"]
