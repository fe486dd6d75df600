"""A folder as a BagIt bag: a payload with its SHA-256 manifest, and a manifest over what describes it.

Source: RFC 8493 (BagIt 1.0). A bag is written beside its place and renamed, so that half a bag never stands there.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MANIFEST, TAGMANIFEST, INFO, DATA = "manifest-sha256.txt", "tagmanifest-sha256.txt", "bag-info.txt", "data"
TAGS = ("bagit.txt", INFO, MANIFEST)
BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class BagFault:
    """What does not stand (`bag_unreadable`, `bag_file_missing`, `bag_file_changed`, `bag_file_added`), which file."""

    reason: str
    name: str


class AnotherHash(Exception):
    """A file that was copied has other bytes than announced; its name is the argument."""


def write(
    place: Path,
    payload: Mapping[str, Path | bytes],
    info: Mapping[str, str],
    announced: Mapping[str, str] | None = None,
) -> None:
    """Write a bag.

    Args:
        place: the folder to be, which is not there yet.
        payload: by path below `data/`, with `/`: a file to copy, or bytes.
        info: of `bag-info.txt`; `Payload-Oxum` is added.
        announced: SHA-256 that some of the payload must have, by its name.

    Raises:
        AnotherHash: one has another; there is no bag then.
        OSError: no room, no right, or the place is taken.
    """
    beside = place.with_name(f".{place.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    (beside / DATA).mkdir(parents=True)
    try:
        lines, octets = [], 0
        for name, content in sorted(payload.items()):
            target = beside / DATA / PurePosixPath(name)
            target.parent.mkdir(parents=True, exist_ok=True)
            sha256, size = _copied(content, target)
            if (announced or {}).get(name, sha256) != sha256:
                raise AnotherHash(name)
            lines.append(f"{sha256}  {_escaped(f'{DATA}/{name}')}\n")
            octets += size
        told = {**info, "Payload-Oxum": f"{octets}.{len(lines)}"}
        tags = {"bagit.txt": DECLARATION, INFO: "".join(map(_info_lines, told.items())), MANIFEST: "".join(lines)}
        for name, text in tags.items():
            (beside / name).write_bytes(text.encode())
        sums = (f"{_sha256(beside / name)}  {name}\n" for name in sorted(tags))
        (beside / TAGMANIFEST).write_bytes("".join(sums).encode())
        beside.rename(place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def faults(place: Path) -> Iterator[BagFault]:
    """Whatever of a bag does not stand: its declaration, both manifests, each file, and files that neither names."""
    try:
        if (place / "bagit.txt").read_bytes() != DECLARATION.encode():
            yield BagFault("bag_unreadable", "bagit.txt")
        named = {**_manifest(place / MANIFEST), **_manifest(place / TAGMANIFEST)}
    except (OSError, ValueError) as error:
        yield BagFault("bag_unreadable", str(error))
        return
    yield from (BagFault("bag_file_added", name) for name in TAGS if name not in named)
    for name, sha256 in sorted(named.items()):
        if not (place / name).is_file():
            yield BagFault("bag_file_missing", name)
        elif _sha256(place / name) != sha256:
            yield BagFault("bag_file_changed", name)
    held = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file() or path.is_symlink()}
    yield from (BagFault("bag_file_added", name) for name in sorted(held - set(named) - {TAGMANIFEST, *TAGS}))


def payload_of(place: Path) -> dict[str, str]:
    """The payload's SHA-256 by name, as the manifest says.

    Raises:
        OSError: there is no manifest.
        ValueError: it is none.
    """
    return _manifest(place / MANIFEST)


def _manifest(path: Path) -> dict[str, str]:
    found = {}
    for line in path.read_bytes().decode().splitlines():
        sha256, _, name = line.partition(" ")
        if len(sha256) != 64 or not name.strip():
            raise ValueError(f"{path.name}: {line[:80]}")
        told = PurePosixPath(_unescaped(name.lstrip(" *")))
        if told.is_absolute() or ".." in told.parts:
            raise ValueError(f"{path.name}: {told} lies outside")
        found[str(told)] = sha256.lower()
    return found


def _copied(content: Path | bytes, target: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with target.open("xb") as out:
        for block in [content] if isinstance(content, bytes) else _blocks(content):
            digest.update(block)
            out.write(block)
            size += len(block)
    return digest.hexdigest(), size


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            yield block


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _info_lines(one: tuple[str, str]) -> str:
    """A label with its value, on one line whatever it holds."""
    label, value = one
    return f"{label}: {' '.join(value.split())}\n"


def _escaped(name: str) -> str:
    return name.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")


def _unescaped(name: str) -> str:
    return name.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def sums(payload: Mapping[str, Path | bytes]) -> dict[str, str]:
    """The SHA-256 of a payload that is not written yet, by the name it would have in the manifest."""
    return {
        f"{DATA}/{name}": hashlib.sha256(content).hexdigest() if isinstance(content, bytes) else _sha256(content)
        for name, content in payload.items()
    }
