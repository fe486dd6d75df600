"""What the product refuses. Each class, or each `reason` given, is a stable word that goes into JSON."""

from __future__ import annotations


class Refusal(Exception):
    """Input, or a wish, that cannot be granted: exit code 2 at the command line, a notice on a page.

    Args:
        where: what it is about (a file, an alert, a role row).
        reason: the stable word, with its sentence in `pipelines/wording/`.
        detail: what exactly was seen, and what to do.
    """

    def __init__(self, where: str, reason: str, detail: str = "") -> None:
        super().__init__(f"{where}: {reason}" + (f" ({detail})" if detail else ""))
        self.where, self.reason, self.detail = where, reason, detail
