"""Reading a registry file of 100,000 rows, and importing it whole, beside pandas reading the same file and no more.

The peer gives cells; ours gives checked facts, with places moved and every refused row named. Seconds are of this
process's processor time, which other work on the machine does not change; the clock is said of the whole import.
"""

from __future__ import annotations

import csv
import random
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pandas
import shapely

from enforcement.uscc import check_character
from pipelines.engine.registry import import_file
from pipelines.registry_import import read_registry
from pipelines.registry_import.table import read_book
from pipelines.store import Store

ROWS, SEED, BAD_EVERY = 100_000, 7, 500
NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
HEADINGS = tuple(
    "序号 统一社会信用代码 企业名称 行业类别 企业规模 环境信用等级 重点排污单位 成立日期 地址 经度 纬度".split()
)
OUTLINE = shapely.box(121.35, 31.22, 121.45, 31.30)


def rows(count: int) -> list[tuple[object, ...]]:
    """Firms as an office writes them: every 500th has a wrong check character."""
    chance = random.Random(SEED)
    written = []
    for number in range(count):
        body = f"91310107MA{number:07d}"
        last = check_character(body) if number % BAD_EVERY else "0" if check_character(body) != "0" else "1"
        founded = f"{2000 + number % 26}年{1 + number % 12}月{1 + number % 28}日"
        place = f"{chance.uniform(121.355, 121.445):.6f}", f"{chance.uniform(31.225, 31.295):.6f}"
        name, street = f"上海示例{number}有限公司", f"普陀区示例路{number % 3000}号"
        said = (name, "C2614 有机化学原料制造", "中型", "绿牌", "否", founded, street, *place)
        written.append((number + 1, body + last, *said))
    return written


def write(folder: Path) -> dict[str, Path]:
    """The same rows as XLSX and as CSV in GB18030."""
    written = rows(ROWS)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("企业")
    for row in (HEADINGS, *written):
        sheet.append(list(row))
    book.save(folder / "firms.xlsx")
    with (folder / "firms.csv").open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows([HEADINGS, *written])
    return {"xlsx": folder / "firms.xlsx", "csv": folder / "firms.csv"}


def timed(call: object) -> tuple[float, object]:
    """Seconds by the clock of one run, and what it gave."""
    began = time.perf_counter()
    gave = call()  # type: ignore[operator]
    return time.perf_counter() - began, gave


def busy(call: object) -> tuple[float, object]:
    """Seconds of processor time of one run, and what it gave."""
    began = time.process_time()
    gave = call()  # type: ignore[operator]
    return time.process_time() - began, gave


def peer(path: Path) -> object:
    """Cells as text by pandas: openpyxl's reader (its default for XLSX) or its CSV reader."""
    if path.suffix == ".xlsx":
        return pandas.read_excel(path, dtype=str)
    return pandas.read_csv(path, dtype=str, encoding="gb18030")


def main() -> None:
    """Print seconds for each format and the ratios to the peer."""
    with tempfile.TemporaryDirectory() as named:
        folder = Path(named)
        for kind, path in write(folder).items():
            measure(kind, path, folder / f"home-{kind}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB   {ROWS} rows   seed {SEED}")


def measure(kind: str, path: Path, home: Path) -> None:
    cells_s, _ = busy(lambda: read_book(path))
    facts_s, read = busy(lambda: read_registry(path, received_at=NOW, outline=OUTLINE, crs="EPSG:4326"))
    told = f"{len(read.rows)} in, {len(read.refused)} refused"  # type: ignore[attr-defined]
    print(f"{kind:>5}  cells {cells_s:6.2f} s   facts {facts_s:6.2f} s   {told}")
    if "--no-store" not in sys.argv:
        with Store.open(home) as store:
            clock_s, (whole_s, done) = timed(  # type: ignore[misc]
                lambda: busy(lambda: import_file(store, path, by=None, at=NOW, crs="EPSG:4326"))
            )
            again_s, twice = busy(lambda: import_file(store, path, by=None, at=NOW, crs="EPSG:4326"))
        counts = f"({done.imported} in)   again {again_s:6.2f} s ({twice.unchanged} unchanged)"  # type: ignore[attr-defined]
        print(f"       whole import {whole_s:6.2f} s, {clock_s:.0f} s by the clock {counts}")
    peer_s, _ = busy(lambda: peer(path))
    ratios = f"ratio of reading cells {peer_s / cells_s:.2f}, of facts {peer_s / facts_s:.2f}"
    print(f"       pandas, cells alone {peer_s:6.2f} s   {ratios}")


if __name__ == "__main__":
    main()
