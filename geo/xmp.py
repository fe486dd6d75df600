"""The XMP of a picture as flat text: 'prefix:Name' → value. No XML parser: not all packets in use are XML.

A prefix is only a short name for a namespace, and any packet may choose its own; two makers use `Camera` for different
things. So prefixes are translated by the namespace that the packet declares (`KNOWN`), and a known prefix that stands
for somebody else's namespace is put out of the way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_PACKETS = re.compile(rb"<x:xmpmeta.*?</x:xmpmeta>|<rdf:RDF.*?</rdf:RDF>", re.DOTALL)
_NAME = r"[A-Za-z][\w.-]*:[A-Za-z][\w.-]*"
_DECLARED = re.compile(r"""xmlns:([A-Za-z][\w.-]*)\s*=\s*["']([^"']*)["']""")
_ATTRIBUTE = re.compile(rf"""({_NAME})\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_ELEMENT = re.compile(rf"<({_NAME})[^<>]*>([^<]*)</\1>")
_LIST = re.compile(rf"<({_NAME})[^<>]*>\s*<rdf:(Seq|Bag|Alt)[^<>]*>(.*?)</rdf:\2>\s*</\1>", re.DOTALL)
_ITEM = re.compile(r"<rdf:li[^<>]*>([^<]*)</rdf:li>")
_LONGEST_PACKET = 1_000_000
_DECLARATION = "xmlns:"

# Part of a namespace → the prefix under which its properties are handed on.
KNOWN: Mapping[str, str] = {
    "dji.com/drone-dji": "drone-dji",
    "pix4d.com/camera": "Camera",
    "ns.sensefly.com/camera": "Camera",
    "parrot.com/drone-parrot": "drone-parrot",
    "skydio.com/drone-skydio": "drone-skydio",
    "yuneec.com/drone-yuneec": "drone-yuneec",
    "autelrobotics.com/drone": "drone",
}
# Whose namespace `Camera:` may be, so that its angles mean what Pix4D says.
PIX4D_NAMESPACES = ("pix4d.com/camera", "ns.sensefly.com/camera")
_GUARDED = frozenset({"Camera"})  # prefixes that other makers use for something else
STRUCTURES = ("CameraOrientationNED", "CalibratedFocalLength", "CalibratedOpticalCenter")
_STRUCTURE = re.compile(
    rf"<([A-Za-z][\w.-]*:(?:{'|'.join(STRUCTURES)}))(?=[\s/>])([^<>]*?)(?:/>|>(.*?)</\1>)", re.DOTALL
)


def read_xmp(data: bytes) -> dict[str, str]:
    """Collect the simple properties of the XMP packets in a file's bytes.

    Args:
        data: the whole file.

    Returns:
        'drone-dji:RelativeAltitude' → '+40.10', … as written, both where it stands as an attribute and as an
        element; lists joined by commas; the fields of the structures named in `STRUCTURES` as 'prefix:Name/Field'.
        'xmlns:Camera' → the namespace that the packet declares for it. Where several packets say the same, the first.
        Empty where there is no packet.
    """
    found: dict[str, str] = {}
    for packet in _PACKETS.finditer(data):
        if packet.end() - packet.start() > _LONGEST_PACKET:
            continue
        for name, value in _properties(packet.group().decode("utf-8", errors="replace")).items():
            found.setdefault(name, value)
    return found


def _properties(text: str) -> dict[str, str]:
    namespaces = dict(_DECLARED.findall(text))
    prefixes = {prefix: _prefix_of(prefix, namespace) for prefix, namespace in namespaces.items()}
    found = {
        name: double or single for name, double, single in _ATTRIBUTE.findall(text) if not name.startswith(_DECLARATION)
    }
    found.update({name: value.strip() for name, value in _ELEMENT.findall(text)})
    found.update({name: ",".join(_ITEM.findall(body)) for name, _, body in _LIST.findall(text)})
    found.update(_structures(text))
    renamed = {_renamed(name, prefixes): value for name, value in found.items()}
    return {**renamed, **{f"{_DECLARATION}{prefixes[p]}": namespace for p, namespace in namespaces.items()}}


def _prefix_of(prefix: str, namespace: str) -> str:
    for part, known in KNOWN.items():
        if part in namespace.lower():
            return known
    return f"not-{prefix}" if prefix in _GUARDED else prefix


def _renamed(name: str, prefixes: Mapping[str, str]) -> str:
    prefix, _, rest = name.partition(":")
    return f"{prefixes.get(prefix, prefix)}:{rest}"


def _structures(text: str) -> dict[str, str]:
    """Structures as attributes of their element, or as elements within it: Skydio writes both."""
    found = {}
    for name, attributes, body in _STRUCTURE.findall(text):
        inner = {field: double or single for field, double, single in _ATTRIBUTE.findall(attributes)}
        inner.update({field: value.strip() for field, value in _ELEMENT.findall(body)})
        for field, value in inner.items():
            found[f"{name}/{field.partition(':')[2]}"] = value
    return found


def number(xmp: Mapping[str, str], *names: str) -> float | None:
    """The first of `names` that holds a finite number: '+40.10', '82.400002', '11485529/262144', '12.5 deg'."""
    for name in names:
        match = re.fullmatch(
            r"\s*([+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)(?:\s*/\s*(\d+(?:\.\d*)?))?\s*(?:m|deg|°)?\s*", xmp.get(name, "")
        )
        if match and (match.group(2) is None or float(match.group(2)) > 0):
            return float(match.group(1)) / float(match.group(2) or 1.0)
    return None


def numbers(xmp: Mapping[str, str], name: str) -> tuple[float, ...]:
    """The numbers of a list or of a text with commas or blanks between; () where one of them is none."""
    parts = [part for part in re.split(r"[,;\s]+", xmp.get(name, "")) if part]
    found = [number({name: part}, name) for part in parts]
    return tuple(value for value in found if value is not None) if None not in found else ()
