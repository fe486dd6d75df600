"""Reading registry files and the outline of a district. Files in, facts and refusals out; nothing is stored here."""

from pipelines.registry_import.outline import Outline, read_outline
from pipelines.registry_import.read import RegistryFile, read_registry

__all__ = ["Outline", "RegistryFile", "read_outline", "read_registry"]
