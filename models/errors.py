"""What the models cannot use or do. Each class is one reason; `reason` is stable and goes into JSON."""

from __future__ import annotations

from typing import ClassVar


class ModelsError(Exception):
    """Input or surroundings that the models cannot work with.

    Args:
        where: what it is about: a file, a model's name, an argument.
        detail: what exactly was seen.
    """

    reason: ClassVar[str]

    def __init__(self, where: str, detail: str = "") -> None:
        super().__init__(f"{where}: {self.reason}" + (f" ({detail})" if detail else ""))
        self.where, self.detail = where, detail


class BadShape(ModelsError):
    """An array has another shape or type than its place asks for."""

    reason = "bad_array_shape"


class UnreadablePicture(ModelsError):
    """A file that no picture, or no frame at that time, can be decoded from."""

    reason = "unreadable_picture"


class UnknownModel(ModelsError):
    """The zoo has no entry of this name."""

    reason = "unknown_model"


class BadZoo(ModelsError):
    """A zoo file with an unknown key, a missing one, or two entries of one name."""

    reason = "bad_zoo"


class WeightsMissing(ModelsError):
    """The file of a zoo entry is not there."""

    reason = "weights_missing"


class WeightsChanged(ModelsError):
    """The file's SHA-256 is not the one that the zoo vouches for."""

    reason = "weights_changed"


class UnknownOutput(ModelsError):
    """A network whose output has neither of the shapes that are understood."""

    reason = "unknown_model_output"


class TrainExtraMissing(ModelsError):
    """Torch and ultralytics are not installed; detection itself needs neither."""

    reason = "train_extra_missing"


class BadDataset(ModelsError):
    """A labelled set whose description, folders or labels cannot be used."""

    reason = "bad_dataset"


class BadRecipe(ModelsError):
    """A training recipe that cannot be followed: a key is wrong, or pictures or start weights are not there."""

    reason = "bad_recipe"


class LeakedSplit(ModelsError):
    """Pictures to measure on that nearly equal pictures that were trained on."""

    reason = "leaked_split"


class RuntimeMissing(ModelsError):
    """A library that runs networks and is not installed; onnxruntime always is."""

    reason = "runtime_missing"
