"""A home's own models: brought by a person, run by default only once a person has let them through the gate."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from models.vision import zoo
from pipelines.casework.acting import acting, noted
from pipelines.casework.people import permitted
from pipelines.errors import Refusal
from pipelines.records import Act
from pipelines.store import Store
from pipelines.store import derived as derived_files
from pipelines.store.files import sha256_of
from pipelines.store.read import derived
from pipelines.store.read.journal import first_entry_of_row
from pipelines.store.records import DerivedFile
from pipelines.store.write.derived import NewDerived, set_current

KIND = "model"
MOST_BYTES = 25_000_000
FEWEST_BOXES = 20
"""Drawn boxes of a class, below which an evaluation says nothing of it."""


@dataclass(frozen=True, slots=True)
class OwnModel:
    """What a person says of a model that is brought in. Fields as in `zoo.ZooEntry`."""

    name: str
    labels: Mapping[str, str]
    licence: str
    training_data: str
    confidence: float
    size_px: int
    window_px: int | None


def add_model(store: Store, onnx: Path, said: OwnModel, *, source: str, by: str | None, at: datetime) -> Act:
    """Bring a network into the home. It runs where a person names it; by default only after `promote_model`.

    Args:
        store: the home.
        onnx: the network, opened once before by the caller.
        said: name, classes, licence, training data.
        source: name of the file that the person gave.
        by: the account, or None for the local owner.
        at: when.

    Returns:
        The model's name, state `added`; unchanged where the same file stands under that name with the same words.

    Raises:
        Refusal: the role may not; the name is one of the product's; no licence; the file is too large.
    """
    permitted(store, by, "models_add", at=at)
    if said.name in {entry.name for entry in zoo.entries()} or not said.name.isidentifier():
        raise Refusal(said.name, "model_name_taken", "letters, digits and _; none of the product's own names")
    if not said.licence.strip():
        raise Refusal(said.name, "licence_missing")
    if onnx.stat().st_size > MOST_BYTES:
        raise Refusal(said.name, "weights_too_large", f"{onnx.stat().st_size} bytes, at most {MOST_BYTES}")
    facts = _facts(said, source)
    sha256, before = sha256_of(onnx), derived.current(store, KIND, said.name)
    if before is not None and before.key == sha256 and _without_gate(before) == facts:
        write_zoo(store)
        entry = first_entry_of_row(store, "derived_file", str(before.id))
        return Act(said.name, "added", entry, unchanged=True)
    copy = derived_files.scratch(store, f"model-{sha256[:16]}.onnx")
    copy.write_bytes(onnx.read_bytes())
    kept = derived_files.keep(store, copy, KIND, f"{said.name}-{sha256[:16]}.onnx")
    return _set(store, said.name, sha256, kept, facts, act="models_add", by=by, at=at, state="added")


def promote_model(
    store: Store, name: str, evaluation: Mapping[str, Any], standing: Mapping[str, Any], *, by: str | None, at: datetime
) -> Act:
    """Let one of the home's models run by default.

    The gate: measured on a set with at least `FEWEST_BOXES` boxes of each of its classes; on that set no worse, at AP50
    and in false boxes an empty picture, than what runs by default now for the same class.

    Args:
        store: the home.
        name: the model.
        evaluation: its document of `models evaluate`.
        standing: class → the document of the default model for it, on the same set; {} for a class nobody finds yet.
        by: the account, or None for the local owner.
        at: when.

    Returns:
        The model's name, state `promoted`; unchanged where it is.

    Raises:
        Refusal: the role may not; no such model; another file was measured; the gate.
    """
    permitted(store, by, "models_promote", at=at)
    held = derived.current(store, KIND, name)
    if held is None:
        raise Refusal(name, "unknown_model", f"of this home: {', '.join(sorted(_names(store))) or 'none'}")
    if evaluation.get("sha256") != held.key:
        raise Refusal(name, "measured_another_file", f"{str(evaluation.get('sha256'))[:12]} is not {held.key[:12]}")
    shortfall = _shortfall(held, evaluation, standing)
    if shortfall:
        raise Refusal(name, "gate_not_passed", "; ".join(shortfall))
    facts = {**held.facts, "default": True, "gate": _gate(evaluation, standing)}
    if held.facts.get("default"):
        entry = first_entry_of_row(store, "derived_file", str(held.id))
        return Act(name, "promoted", entry, unchanged=True)
    kept = (held.path, held.sha256, held.size_bytes)
    return _set(store, name, held.key, kept, facts, act="models_promote", by=by, at=at, state="promoted")


def own_models(store: Store) -> list[DerivedFile]:
    """The home's models as they stand, youngest first."""
    return derived.all_current(store, KIND)


def write_zoo(store: Store) -> Path:
    """Write the home's zoo file from its rows, which alone count: whole or not at all."""
    file = store.home / zoo.OWN_FILE
    rows = [_row(held, store.home, file.parent) for held in sorted(own_models(store), key=lambda held: held.subject)]
    text = "# Written from the store; edits are lost. `yaoxun models add`, `models promote`.\n" + "\n".join(rows)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(text, "utf-8")
    part.replace(file)
    return file


def _set(
    store: Store, name: str, sha256: str, kept: tuple[str, str, int], facts: Mapping[str, Any], *,
    act: str, by: str | None, at: datetime, state: str,
) -> Act:  # fmt: skip
    new = NewDerived(KIND, name, sha256, f"{name}.onnx", *kept, facts=facts)
    with acting(store, by, act, at) as (tx, user):
        old = set_current(tx, new, made_by=user.id, run_id=None, at=at)
        payload = {"model": name, "file_sha256": sha256, **facts}
        entry = noted(tx, user, at=at, kind=f"model_{state}", subject=name, payload=payload)
    if old is not None:
        derived_files.drop(store.home, old)
    write_zoo(store)
    return Act(name, state, entry)


def _facts(said: OwnModel, source: str) -> dict[str, Any]:
    return {
        "labels": dict(said.labels), "licence": said.licence, "training_data": said.training_data, "source": source,
        "default_confidence": said.confidence, "size_px": said.size_px, "window_px": said.window_px,
    }  # fmt: skip


def _without_gate(held: DerivedFile) -> dict[str, Any]:
    return {key: value for key, value in held.facts.items() if key not in ("default", "gate")}


def _names(store: Store) -> list[str]:
    return [held.subject for held in own_models(store)]


def _shortfall(held: DerivedFile, evaluation: Mapping[str, Any], standing: Mapping[str, Any]) -> list[str]:
    short = []
    for word in sorted(set(held.facts["labels"].values())):
        mine = evaluation["classes"].get(word)
        if mine is None or mine["boxes"] < FEWEST_BOXES:
            short.append(f"{word}: {0 if mine is None else mine['boxes']} boxes, at least {FEWEST_BOXES} are wanted")
            continue
        theirs = standing.get(word) or {}
        before = theirs.get("classes", {}).get(word, {}).get("ap50")
        if before is not None and mine["ap50"] < before:
            short.append(f"{word}: AP50 {mine['ap50']:.3f}, {theirs['model']} has {before:.3f}")
        false, was = evaluation["false_boxes_per_empty_image"], theirs.get("false_boxes_per_empty_image")
        if false is not None and was is not None and false > was:
            short.append(f"{word}: {false:.3f} false boxes an empty picture, {theirs['model']} has {was:.3f}")
    return short


def _gate(evaluation: Mapping[str, Any], standing: Mapping[str, Any]) -> dict[str, Any]:
    keys = ("images", "sites", "confidence", "iou", "map50", "false_boxes_per_empty_image", "licence")
    return {
        **{key: evaluation.get(key) for key in keys},
        "ap50": {word: figures["ap50"] for word, figures in evaluation["classes"].items()},
        "standing": {word: one.get("model") for word, one in standing.items()},
    }


def _row(held: DerivedFile, home: Path, folder: Path) -> str:
    """One entry of the zoo file. JSON strings are TOML strings."""
    facts = held.facts
    cells: dict[str, Any] = {
        "name": held.subject, "kind": "onnx", "file": os.path.relpath(home / held.path, folder),
        "sha256": held.key, "licence": facts["licence"], "source": facts["source"],
        "training_data": facts["training_data"], "default": bool(facts.get("default")),
        "default_confidence": facts["default_confidence"], "size_px": facts["size_px"],
    }  # fmt: skip
    if facts["window_px"]:
        cells["window_px"] = facts["window_px"]
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in cells.items()]
    labels = ", ".join(f"{json.dumps(k, ensure_ascii=False)} = {json.dumps(v)}" for k, v in facts["labels"].items())
    return "\n".join(["[[model]]", *lines, f"labels = {{ {labels} }}", ""])
