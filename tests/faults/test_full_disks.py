"""The disk of the rows is full in the middle of a load: the old rows stay, nothing half done does, later it goes on."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog import services
from catalog.models import CatalogEntry, Load
from catalog.selectors import columns_of
from guiyang_data.errors import Unavailable
from guiyang_data.tables.query import query
from guiyang_data.tables.storing import latest_version
from tests.factories import accounts
from tests.factories import catalog as make
from tests.faults.machines import copy_of, standing_in

pytestmark = pytest.mark.faults

DISK = 6 * 1024**2
BLOCK = 4096
MANY = [
    {"线路编号": f"{number:05d}", "线路名称": f"线路{number * 7919}", "长度": f"{number}.5", "开通日期": "2020-01-02"}
    for number in range(20_000)
]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of six megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(place)]
    if subprocess.run(["mount", *options], check=False, capture_output=True).returncode:
        pytest.skip("nothing can be mounted here: full disks are not played")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture
def entry(empty: str, disk: Path, tmp_path: Path, settings: Any) -> Iterator[CatalogEntry]:
    """An entry with one version of its data, whose rows lie on that disk."""
    settings.DATA_DIR, settings.ROWS_DIR = tmp_path, disk / "rows"
    with copy_of(empty) as name, standing_in(name):
        yield make.entry_in_force(accounts.city().provider, rows=make.ROWS)


def filled(disk: Path, *, but: int) -> Path:
    """Fill the disk until so many bytes are left; the file that does."""
    filler = disk / "filler"
    with filler.open("wb") as stream:
        free = int(subprocess.check_output(["stat", "-f", "-c", "%a", str(disk)])) * BLOCK
        stream.write(b"\0" * max(free - but, 0))
    return filler


def seen(entry: CatalogEntry) -> list[tuple[Any, ...]]:
    entry.refresh_from_db()
    assert entry.current_data is not None
    columns = columns_of(entry.current_data.revision)
    return query(entry.table, entry.current_data.table_version, columns=columns, limit=100_000).rows


def files(place: Path) -> set[str]:
    return {str(path.relative_to(place)) for path in place.rglob("*") if path.is_file()}


@pytest.mark.parametrize("left", [0, 3, 10, 40, 80, 120, 160])
def test_a_load_that_finds_no_room_leaves_the_old_rows_and_nothing_else(
    entry: CatalogEntry, disk: Path, left: int
) -> None:
    # given a disk on which so many blocks are left
    before, rows = files(disk / "rows"), seen(entry)
    landed = make.land_csv(entry, MANY)
    filler = filled(disk, but=left * BLOCK)

    # when
    load = services.run_load(landed.pk, at=make.AT)

    # then
    assert (load.state, "平台存储出现故障" in load.message) == (Load.State.REFUSED, True), load.message
    assert seen(entry) == rows
    assert files(disk / "rows") == before
    assert latest_version(entry.table) == 0

    # when there is room again
    filler.unlink()
    later = make.gather(entry, MANY)

    # then
    assert (later.state, later.message) == (Load.State.DONE, "")
    assert len(seen(entry)) == len(MANY)


def test_a_file_that_finds_no_room_is_not_taken_in(entry: CatalogEntry, disk: Path, settings: Any) -> None:
    # given
    settings.DATA_DIR = disk / "data"
    (disk / "data").mkdir()
    filler = filled(disk, but=20 * BLOCK)

    # when
    with pytest.raises(Unavailable, match="空间不足"):
        make.land_csv(entry, MANY)

    # then
    assert Load.objects.count() == 1
    assert files(disk / "data") == set()
    filler.unlink()
    assert make.land_csv(entry, MANY).landed.stat().st_size > 20 * BLOCK
