"""Tracks: where a camera was over time, from the file that lies beside a video."""

from __future__ import annotations

from pathlib import Path

from geo import klv, srt
from geo.errors import EmptyFile, UnreadableFile
from geo.fixes import Track
from geo.transport_stream import is_transport_stream

__all__ = ["Track", "read_track"]


def read_track(path: Path) -> Track:
    """Read a track.

    Args:
        path: DJI subtitles (SRT, any dialect of docs/formats/srt.md) or MISB ST 0601 KLV, bare or in a transport
            stream (docs/formats/klv.md); told apart by what is in the file, not by its name.

    Returns:
        The track. A file with blocks and no position is a track of no fixes: that is what it says.

    Raises:
        UnreadableFile: the file is not there or may not be read.
        EmptyFile: it has no bytes.
        NotATrack: it is neither.
        NoBlocks: subtitles without a block.
        Truncated: KLV that ends within its first packet.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(str(path), error.strerror or "") from error
    if not data:
        raise EmptyFile(path.name)
    if klv.LOCAL_SET_KEY in data or is_transport_stream(data):
        return klv.read_klv(data, path.name)
    return srt.read_srt(data, path.name)
