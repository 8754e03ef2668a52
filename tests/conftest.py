"""What every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import surroundings
from tests.surroundings import pytest_runtest_setup, pytest_terminal_summary

__all__ = ["pytest_runtest_setup", "pytest_terminal_summary"]


@pytest.fixture(scope="session")
def real_input() -> Path:
    """The folder of real files; mark the test with ``real_input`` too."""
    folder = surroundings.real_input()
    if folder is None:
        pytest.skip(surroundings.missing_for("real_input") or "")
    return folder
