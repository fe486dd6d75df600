"""Reading registry files and the outline of a district. Files in, facts and refusals out; nothing is stored here."""

from pipelines.registry_import.mapping import FileMapping
from pipelines.registry_import.outline import Outline, read_outline
from pipelines.registry_import.read import RegistryFile, read_registry
from pipelines.registry_import.refused import refused_suffix, refused_table

__all__ = [
    "FileMapping",
    "Outline",
    "RegistryFile",
    "read_outline",
    "read_registry",
    "refused_suffix",
    "refused_table",
]
