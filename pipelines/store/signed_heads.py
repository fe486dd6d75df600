"""Signed heads: number and hash of the journal's last entry, signed with the home's Ed25519 key, a line each.

Whoever can write the home can write its key, too, and sign anew; what they cannot reach is a head and a public key that
were copied elsewhere before. So every check here takes heads and a key from outside beside those of the home.

Source: RFC 8032 (Ed25519), by way of the `cryptography` package.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.store import head
from pipelines.store.canonical import instant, to_json
from pipelines.store.errors import HeadKeyUnusable, SignedHeadDiffers, SignedHeadUnreadable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from pipelines.store.home import Store

FILE = "signed_heads.jsonl"
KEY = "head.key"
PUBLIC = "head.pub"
FORM = "yaoxun-head-1"
MEMBERS = ("form", "seq", "hash", "at", "public_key", "signature")


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head with its signature. `at` as stored; `public_key` (32 bytes) and `signature` (64 bytes) in base64."""

    seq: int
    hash: str
    at: str
    public_key: str
    signature: str

    def signed_bytes(self) -> bytes:
        """What the signature is over: canonical JSON of [form, seq, hash, at, public_key] in UTF-8."""
        return to_json([FORM, self.seq, self.hash, self.at, self.public_key]).encode()

    def document(self) -> dict[str, Any]:
        """The head as it stands in its file."""
        return dict(zip(MEMBERS, (FORM, self.seq, self.hash, self.at, self.public_key, self.signature), strict=True))


def sign(store: Store, at: datetime) -> tuple[SignedHead, bool]:
    """Sign the journal's last entry, with a key that is made (mode 0600) where the home has none yet.

    Returns:
        The signed head, and whether it was there already: the same entry is signed once by one key.

    Raises:
        SignedHeadDiffers: a head signed earlier does not stand in the journal; signing over it would hide that.
        HeadKeyUnusable: the key cannot be read, is something else, or is open to others.
        SignedHeadUnreadable: a line of the home's signed heads is damaged.
    """
    with head.locked(store.home):
        now = head.in_database(store)
        key = _key(store.home)
        public = _text(key.public_key().public_bytes_raw())
        earlier = in_home(store.home)
        for one in earlier:
            if not head.stands_in(store, head.Head(one.seq, one.hash)):
                raise SignedHeadDiffers(f"entry {one.seq}", f"signed {one.at}")
        for one in reversed(earlier):
            if (one.seq, one.hash, one.public_key) == (now.seq, now.hash, public) and signature_holds(one):
                return one, True
        bare = SignedHead(now.seq, now.hash, instant(at), public, "")
        made = SignedHead(bare.seq, bare.hash, bare.at, public, _text(key.sign(bare.signed_bytes())))
        _add(store.home / FILE, made)
        return made, False


def in_home(home: Path) -> list[SignedHead]:
    """The heads that the home holds, oldest first; none where nothing was signed.

    Raises:
        SignedHeadUnreadable: the file or a line of it cannot be read.
    """
    place = home / FILE
    return from_file(place) if place.exists() else []


def from_file(place: Path) -> list[SignedHead]:
    """The heads of a file, one JSON object a line, as `evidence sign` gives them.

    Raises:
        SignedHeadUnreadable: no such file, no head in it, or a line that is no signed head.
    """
    try:
        lines = [line for line in place.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise SignedHeadUnreadable(str(place), str(error)) from error
    if not lines:
        raise SignedHeadUnreadable(str(place), "it is empty")
    return [_parsed(line, f"{place.name} line {number}") for number, line in enumerate(lines, 1)]


def keep(place: Path, one: SignedHead) -> None:
    """Add a head as a line to a file outside the home, unless it stands there.

    Raises:
        SignedHeadUnreadable: the file is there and is something else, or cannot be written.
    """
    if place.exists() and one in from_file(place):
        return
    try:
        _add(place, one)
    except OSError as error:
        raise SignedHeadUnreadable(str(place), str(error)) from error


def public_key(home: Path) -> str | None:
    """The home's public key in base64, or None where nothing was signed yet.

    Raises:
        HeadKeyUnusable: a key file is there and cannot be used, or the two are no pair.
    """
    told, place = None, home / PUBLIC
    if place.exists():
        try:
            told = place.read_text("ascii").strip()
            base64.b64decode(told, validate=True)
        except (OSError, ValueError) as error:
            raise HeadKeyUnusable(str(place), str(error)) from error
    if not (home / KEY).exists():
        return told
    own = _text(_key(home).public_key().public_bytes_raw())
    if told is not None and told != own:
        raise HeadKeyUnusable(str(place), f"it is not the public half of {KEY}")
    return own


def last(home: Path) -> SignedHead | None:
    """The youngest signed head of the home.

    Raises:
        SignedHeadUnreadable: the file or a line of it cannot be read.
    """
    held = in_home(home)
    return held[-1] if held else None


def signature_holds(one: SignedHead) -> bool:
    """Whether the signature is that of the key which the head names."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(one.public_key, validate=True))
        key.verify(base64.b64decode(one.signature, validate=True), one.signed_bytes())
    except (InvalidSignature, ValueError):
        return False
    return True


def faults(store: Store, heads: list[SignedHead], trusted: str | None) -> Iterator[tuple[int, str, str]]:
    """Hold heads against the journal: (entry, reason, detail) of each that does not stand.

    Args:
        store: the home.
        heads: of the home, and those kept elsewhere.
        trusted: the public key (base64) that all must be signed with, or None to take each head's own.
    """
    newest = head.in_database(store).seq
    for one in heads:
        if trusted is not None and one.public_key != trusted:
            yield one.seq, "signed_head_other_key", f"signed {one.at} with {one.public_key}"
        elif not signature_holds(one):
            yield one.seq, "signed_head_forged", f"signed {one.at}"
        elif one.seq > newest:
            yield one.seq, "signed_head_cut", f"signed {one.at}; the last entry here is {newest}"
        elif not head.stands_in(store, head.Head(one.seq, one.hash)):
            yield one.seq, "signed_head_differs", f"signed {one.at} as {one.hash[:12]}"


def _parsed(line: str, where: str) -> SignedHead:
    try:
        told = json.loads(line)
        if told["form"] != FORM or set(told) != set(MEMBERS) or type(told["seq"]) is not int:
            raise SignedHeadUnreadable(where, f"no {FORM}")
        texts = [told[name] for name in MEMBERS[2:]]
    except (ValueError, KeyError, TypeError) as error:
        raise SignedHeadUnreadable(where, str(error)) from error
    if not all(isinstance(text, str) for text in texts):
        raise SignedHeadUnreadable(where, "a member is no text")
    return SignedHead(told["seq"], *texts)


def _key(home: Path) -> Ed25519PrivateKey:
    """The home's key; made where there is none. Called under the head's lock, or where the file is there."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    place = home / KEY
    try:
        if not place.exists():
            _make_key(place, Ed25519PrivateKey.generate())
        if place.stat().st_mode & 0o077:
            raise HeadKeyUnusable(str(place), "others than its owner may read it")
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(place.read_bytes().strip(), validate=True))
    except (OSError, ValueError, binascii.Error) as error:
        raise HeadKeyUnusable(str(place), str(error)) from error


def _make_key(place: Path, key: Ed25519PrivateKey) -> None:
    """Write both halves; the private one appears whole, and for its owner alone."""
    place.with_name(PUBLIC).write_text(_text(key.public_key().public_bytes_raw()) + "\n", encoding="ascii")
    temporary = place.with_name(f"{KEY}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(_text(key.private_bytes_raw()) + "\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(place)


def _add(place: Path, one: SignedHead) -> None:
    with place.open("a", encoding="utf-8") as file:
        file.write(to_json(one.document()) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
