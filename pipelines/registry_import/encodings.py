"""Bytes to text: UTF-8 with or without its mark, GB18030, UTF-16. A line in another encoding than its file is marked.

Chinese offices send both UTF-8 and GB18030, and pasted files hold lines of both. GB18030 takes nearly any bytes, so
"it can be decoded" says little; UTF-8 hardly ever fits by chance, and decides.
"""

from __future__ import annotations

import re

from pipelines.errors import Refusal

UTF8, GB = "utf-8", "gb18030"
TRIED = "UTF-8, GB18030, UTF-16"
UTF8_MARK = b"\xef\xbb\xbf"
SAID_OF_CHINESE = ("gb18030", "gbk", "gb2312")
MARKS = {UTF8_MARK: ("utf-8-sig", UTF8), b"\xff\xfe": ("utf-16", "utf-16"), b"\xfe\xff": ("utf-16", "utf-16")}
STRANGE = re.compile("[\x00-\x7f\u0100-\u07ff]+")
FOREIGN = re.compile("[\udc80-\udcff]")
EVERYDAY = 0.9  # share of a text's letters in GB 2312; names of places and people bring a few others
SURE_LETTERS = 3
"""So many letters beyond ASCII fit UTF-8 by chance in less than one line of a hundred thousand."""


def decoded(name: str, data: bytes, encoding: str | None) -> tuple[str, str]:
    """The text of a file, and the encoding it is in.

    Args:
        name: the file's, for refusals.
        data: all of it.
        encoding: what somebody says it is; believed, but for GB18030 where UTF-8's mark stands before it, as in the
            corrected rows of such a file. Without it a mark decides, then what fits.

    Returns:
        Text, in which bytes of a line that is in another encoding stand as lone surrogates (`is_foreign`).

    Raises:
        Refusal: `encoding_unknown`, with the line where it breaks.
    """
    if encoding is not None and not (encoding.lower() in SAID_OF_CHINESE and data.startswith(UTF8_MARK)):
        return _strictly(name, data, encoding), encoding
    for mark, (codec, called) in MARKS.items():
        if data.startswith(mark):
            return _strictly(name, data, codec), called
    wide = _without_mark(data)
    if wide is not None:
        return _strictly(name, data, wide), wide
    if not _fits(data, UTF8):
        return _line_by_line(name, data)
    own = GB if _fits(data, GB) and _is_everyday_in_gb(data) else UTF8
    return data.decode(own), own


def is_foreign(text: str) -> bool:
    """Whether a cell holds bytes of another encoding than its file's."""
    return not text.isascii() and FOREIGN.search(text) is not None


def readable(text: str, encoding: str) -> str:
    """A cell with its foreign bytes read in the other of the two encodings, as far as they can be."""
    if not is_foreign(text):
        return "".join("\N{REPLACEMENT CHARACTER}" if "\ud800" <= letter <= "\udfff" else letter for letter in text)
    other = GB if encoding == UTF8 else UTF8
    return text.encode(UTF8, "surrogateescape").decode(other, "replace")


def _strictly(name: str, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Refusal(name, "encoding_unknown", f"line {line} is not readable as {encoding}") from error
    except (LookupError, ValueError) as error:  # also an encoding that is no text encoding, as `hex`
        raise Refusal(name, "encoding_unknown", f"no encoding is called {encoding}") from error


def _without_mark(data: bytes) -> str | None:
    """UTF-16 without a mark, told by the zero byte of its line ends; None where it is not."""
    ends = data.count(b"\n")
    if not ends or b"\x00" not in data:
        return None
    if 2 * data.count(b"\n\x00") > ends:
        return "utf-16-le"
    return "utf-16-be" if 2 * data.count(b"\x00\n") > ends else None


def _line_by_line(name: str, data: bytes) -> tuple[str, str]:
    lines = data.split(b"\n")
    is_utf8 = [_fits(line, UTF8) and not _by_chance(line) for line in lines]
    surely = [fits and _surely_utf8(line) for fits, line in zip(is_utf8, lines, strict=True)]
    first_sure, first_other = surely.index(True) if True in surely else len(lines), is_utf8.index(False)
    own = UTF8 if first_sure < first_other else GB  # the headings decide
    read = []
    for number, (line, fits, sure) in enumerate(zip(lines, is_utf8, surely, strict=True), start=1):
        foreign = not fits if own == UTF8 else sure
        if not fits and not _fits(line, GB):
            raise Refusal(name, "encoding_unknown", f"line {number} is not readable as {TRIED}")
        read.append(line.decode("ascii", "surrogateescape") if foreign else line.decode(own))
    return "\n".join(read), own


def _by_chance(line: bytes) -> bool:
    """Whether a line fits UTF-8 as Cyrillic, Hebrew and the like alone: in a file of two encodings it is GB18030."""
    return not line.isascii() and STRANGE.fullmatch(line.decode(UTF8)) is not None


def _is_everyday_in_gb(data: bytes) -> bool:
    """Whether bytes that fit UTF-8, too, are everyday Chinese in GB18030 and less so in UTF-8."""
    in_gb = _commonness(data, GB)
    return in_gb[0] >= EVERYDAY and in_gb > _commonness(data, UTF8)


def _commonness(data: bytes, encoding: str) -> tuple[float, float]:
    """How much of what bytes say in an encoding is everyday Chinese: shares of GB 2312 and of Han among its letters.

    Bytes that fit both encodings are few, but 小小小 of GB18030 is three Cyrillic letters in UTF-8, and 监测 of UTF-8
    three rare characters in GB18030: the everyday reading is the likelier one.
    """
    letters = {letter for letter in data.decode(encoding) if not letter.isascii()}
    if not letters:
        return 1.0, 1.0
    everyday = sum(_fits_written(letter, "gb2312") for letter in letters)
    return everyday / len(letters), sum("\u4e00" <= letter <= "\u9fff" for letter in letters) / len(letters)


def _fits_written(letter: str, encoding: str) -> bool:
    try:
        letter.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _surely_utf8(line: bytes) -> bool:
    return len(line.decode(UTF8)) + 2 * SURE_LETTERS <= len(line)


def _fits(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
