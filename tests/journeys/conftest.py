"""One started portal with its demonstration city for each module; the people are those of the walk."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.walk.city import RunningPortal
from tests.walk.conftest import browser, people
from tests.walk.moulds import Moulds

__all__ = ["browser", "people", "portal"]


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, moulds: Moulds) -> Iterator[RunningPortal]:
    running = RunningPortal(tmp_path_factory.mktemp("journeys"), moulds, content=True)
    try:
        running.start()
        yield running
    finally:
        running.stop()
