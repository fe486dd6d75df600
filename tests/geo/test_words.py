"""Every reason and warning that geo may say has its sentences."""

from __future__ import annotations

import ast
import re
import tomllib

from geo import errors, footprint
from geo.ground import GroundStatus


def reasons():
    classes = [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, errors.GeoError)]
    words = {c.reason for c in classes if c is not errors.GeoError}
    return words | {status.reason for status in GroundStatus if status.reason} | {footprint.HORIZON_IN_VIEW}


def warnings_in(path):
    """The string constants that a module appends to doubts and warnings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {word for word in words if re.fullmatch(r"[a-z]+(_[a-z]+)+", word)}


def test_every_reason_has_both_languages(root):
    table = tomllib.loads((root / "pipelines/wording/geo.toml").read_text(encoding="utf-8"))
    assert reasons() - set(table) == set()
    assert [word for word, row in table.items() if set(row) != {"zh", "en"} or not all(row.values())] == []


def test_every_documented_warning_has_its_sentence_and_is_really_said(root):
    table = tomllib.loads((root / "pipelines/wording/geo.toml").read_text(encoding="utf-8"))
    sayers = (
        "tags.py", "tag_checks.py", "camera_tags.py", "srt.py", "srt_checks.py", "axis_order.py", "klv.py",
        "flight_checks.py", "yaw_checks.py",
    )  # fmt: skip
    said = set().union(*(warnings_in(root / "geo" / name) for name in sayers))
    unsaid = set(table) - reasons() - said
    assert unsaid == set()
    for name in ("exif_xmp.md", "srt.md"):
        text = (root / "docs/formats" / name).read_text(encoding="utf-8")
        listed = re.findall(
            r"`([a-z]+(?:_[a-z]+)+)`", text[text.index("Warnings:") :].split("\n\n")[0].split("Refused")[0]
        )
        assert set(listed) - set(table) == set()


def test_reasons_are_distinct():
    words = [c.reason for c in vars(errors).values() if isinstance(c, type) and issubclass(c, errors.GeoError)]
    assert len(words) == len(set(words))
