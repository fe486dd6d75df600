"""Write docs/rules.md from the rows of enforcement/policy (`make rules`); a test holds the two equal."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
HEAD = """\
# The rules of law that the product uses

Made from `enforcement/policy/*.toml` by `make rules`. A row is in force from the day given; a later row of the same
name takes its place. How sure a figure is, per field: `law` stands in the text named, `guidance` is a reading of it or
an office's practice, `default` is ours until somebody confirms it. No row replaces the legal office's word.
"""


def rules_page(folder: Path) -> str:
    """The page: a table a file, a line a row."""
    parts = [HEAD]
    for file in sorted(folder.glob("*.toml")):
        rows = tomllib.loads(file.read_text(encoding="utf-8")).get("rule", [])
        parts.append(f"\n## {file.stem.replace('_', ' ')}\n")
        parts.append(
            "| rule | value | in force | source | how sure | checked | remark |\n|---|---|---|---|---|---|---|"
        )
        parts += [line_of(row) for row in rows]
    return "\n".join(parts) + "\n"


def line_of(row: dict[str, Any]) -> str:
    """One row of the table."""
    until = f" to {row['effective_to']}" if "effective_to" in row else ""
    source = " ".join(str(row[key]) for key in ("source", "article") if row.get(key))
    cells = (
        f"`{row['id']}`",
        f"{plain(row['value'])} {row.get('unit', '')}".strip(),
        f"{row['effective_from']}{until}",
        source,
        plain(row["confidence"]),
        str(row["checked_on"]),
        str(row.get("note", "")),
    )
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def plain(value: Any) -> str:
    """A value as it reads best in a table."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {plain(part)}" for key, part in value.items())
    if isinstance(value, list):
        return "; ".join(plain(part) for part in value)
    return value if isinstance(value, str) else json.dumps(value, default=str)


if __name__ == "__main__":
    (ROOT / "docs" / "rules.md").write_text(rules_page(ROOT / "enforcement" / "policy"), encoding="utf-8")
    sys.exit(0)
