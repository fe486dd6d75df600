"""A registry of 100,000 rows is in within a minute, whatever form it comes in. Run by `make proof`."""

from __future__ import annotations

import pytest

from benchmarks import bench_registry_import as bench
from pipelines.engine.registry import import_file
from pipelines.store import Store

pytestmark = pytest.mark.proof
SECONDS_AT_MOST = 60.0


def test_a_hundred_thousand_rows_are_in_within_a_minute(tmp_path):
    for kind, path in bench.write(tmp_path).items():
        with Store.open(tmp_path / kind) as store:
            took, done = bench.timed(lambda p=path, s=store: import_file(s, p, by=None, at=bench.NOW, crs="EPSG:4326"))
        bad = bench.ROWS // bench.BAD_EVERY
        assert (done.imported, len(done.refused)) == (bench.ROWS - bad, bad)
        assert took < SECONDS_AT_MOST, kind
