"""The XMP packet of a picture as flat text: 'prefix:Name' → value. No XML parser: not all packets in use are XML."""

from __future__ import annotations

import re
from collections.abc import Mapping

_BEGIN, _END = b"<x:xmpmeta", b"</x:xmpmeta>"
_ATTRIBUTE = re.compile(r'([A-Za-z][\w.-]*:[A-Za-z][\w.-]*)\s*=\s*"([^"]*)"')
_ELEMENT = re.compile(r"<([A-Za-z][\w.-]*:[A-Za-z][\w.-]*)>([^<]*)</\1>")
_LONGEST_PACKET = 1_000_000


def read_xmp(data: bytes) -> dict[str, str]:
    """Collect the simple properties of the first XMP packet in a file's bytes.

    Args:
        data: the whole file.

    Returns:
        'drone-dji:RelativeAltitude' → '+40.10', … as written, both where it stands as an attribute and as an
        element. Namespace declarations are left out. Empty where there is no packet.
    """
    start = data.find(_BEGIN)
    end = data.find(_END, start)
    if start < 0 or end < 0 or end - start > _LONGEST_PACKET:
        return {}
    text = data[start:end].decode("utf-8", errors="replace")
    found = {name: value for name, value in _ATTRIBUTE.findall(text) if not name.startswith("xmlns:")}
    found.update({name: value.strip() for name, value in _ELEMENT.findall(text)})
    return found


def number(xmp: Mapping[str, str], *names: str) -> float | None:
    """The first of `names` that holds a finite number; '+40.10' and '82.400002' are both numbers."""
    for name in names:
        match = re.fullmatch(r"\s*([+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)\s*(?:m|deg|°)?\s*", xmp.get(name, ""))
        if match:
            return float(match.group(1))
    return None
