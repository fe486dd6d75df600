"""The rows that came with this version, and a day on which they are asked."""

from __future__ import annotations

from datetime import date

import pytest

from enforcement.policy import Policy, load


@pytest.fixture(scope="session")
def rows() -> Policy:
    return load()


@pytest.fixture(scope="session")
def monday() -> date:
    return date(2026, 11, 23)
