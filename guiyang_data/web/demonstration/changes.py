"""Changes of shared data in the demonstration city: an agency takes and subscribes, and newer rows come."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections.abc import Iterator, Sequence

from django.core.files.base import ContentFile
from django.utils import timezone

from catalog import services as catalog
from catalog.models import CatalogEntry
from guiyang_data.accounts.models import Agency
from guiyang_data.web.demonstration.catalogue import staff_of
from guiyang_data.web.demonstration.datasets import DATASETS, SEED, Dataset
from opendata import services as opendata
from sharing import services

DAY = dt.timedelta(days=1)
TITLE = "养老机构"
NEW_HOME = "YA0999"


def build(found: dict[str, Agency], entries: dict[str, CatalogEntry], *, at: dt.datetime) -> None:
    """The health bureau takes the homes for the aged and subscribes; beds change twice, one opens, one closes."""
    entry, reader = entries[TITLE], found["市卫健局"]
    steward = staff_of(reader, at=at).steward
    taking = services.declare_taking(
        entry_id=entry.pk,
        agency=reader,
        by=steward,
        at=at - 18 * DAY,
        duty="医养结合服务管理",
        duty_basis="本机关职能配置规定",
        purpose="核对医养结合签约机构的床位与入住情况。",
        terms_accepted=True,
    )
    services.subscribe(access=taking, by=steward, at=at - 18 * DAY)
    dataset = next(one for one in DATASETS if one.title == TITLE)
    rows = _rows(dataset, timezone.localdate(at) - 60 * DAY)
    _load(entry, dataset, list(_filled(rows[:9])), "upsert", at=at - 9 * DAY)
    _load(entry, dataset, [*_filled(rows[:9]), *rows[9:-1], _opened(rows[0])], "replace", at=at - 2 * DAY)


def _rows(dataset: Dataset, on: dt.date) -> list[list[str]]:
    """The rows as they were first gathered."""
    made = dataset.rows(random.Random(f"{SEED}-{dataset.title}"), on)  # noqa: S311  made-up data, not a secret
    return [[str(value) for value in row] for row in made]


def _filled(rows: Sequence[list[str]]) -> Iterator[list[str]]:
    """Homes into which some more people moved."""
    for number, row in enumerate(rows):
        *first, beds, residents, ownership = row
        yield [*first, beds, str(min(int(beds), int(residents) + 1 + number % 3)), ownership]


def _opened(like: list[str]) -> list[str]:
    _code, _name, *rest = like
    return [NEW_HOME, "示例颐养中心", *rest]


def _load(entry: CatalogEntry, dataset: Dataset, rows: list[list[str]], mode: str, *, at: dt.datetime) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([[item.name for item in dataset.items], *rows])
    load = catalog.land_file(
        entry_id=entry.pk,
        uploaded=ContentFile(out.getvalue().encode(), name=f"{dataset.title}.csv"),
        by=staff_of(entry.provider, at=at).steward,
        at=at,
        mode=mode,
    )
    done = catalog.run_load(load.pk, at=at)
    if done.rows_refused or done.state != "done":
        raise RuntimeError(f"{dataset.title}: {done.message or done.reasons}")
    job = opendata.open_new_data(entry_id=entry.pk, at=at)
    if job is not None:
        opendata.run_publish(job.pk, at=at)
