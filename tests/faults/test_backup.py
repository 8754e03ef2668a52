"""A back-up taken in the middle of a sweep is restored: what it lacks is made up for, what it has is not doubled."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from django.db import transaction

from guiyang_data.statute import clocks
from guiyang_data.statute.models import Rung
from oversight import services
from oversight.services.sweeping import climb
from tests.faults.conftest import Made
from tests.faults.eve import THE_DAY
from tests.faults.machines import assert_as_the_law_says, copy_of, default_settings, standing_in
from tests.faults.town import lapses, moment

pytestmark = pytest.mark.faults
AT = moment(THE_DAY, 3600)
PIECE = 3


@pytest.fixture
def database(the_eve: Made) -> Iterator[str]:
    with copy_of(the_eve.database) as name, standing_in(name):
        yield name


def environment() -> dict[str, str]:
    values = default_settings()
    told = {
        "PGHOST": values["HOST"],
        "PGPORT": values["PORT"],
        "PGUSER": values["USER"],
        "PGPASSWORD": values["PASSWORD"],
    }
    return os.environ | {name: str(value) for name, value in told.items() if value}


def back_up(database: str, to: Path) -> None:
    subprocess.run(["pg_dump", "-Fc", "-f", str(to), database], env=environment(), check=True)


def restore(dump: Path, into: str) -> None:
    subprocess.run(["pg_restore", "-d", into, "--no-owner", str(dump)], env=environment(), check=True)


def between_two_batches(database: str, dump: Path) -> None:
    """The sweep of the day, with a back-up after its first transactions."""
    seen: list[int] = []

    def before_each(pks: Sequence[int]) -> None:
        if len(seen) == 2 * PIECE:
            back_up(database, dump)
        seen.extend(pks)

    services.sweep(at=AT, on=THE_DAY, batch=PIECE, before_each=before_each, following=lapses())


def inside_a_batch(database: str, dump: Path) -> None:
    """The same, with a back-up while rungs have fired and are not committed."""
    with transaction.atomic():
        climb(clocks.due_for_sweep(THE_DAY, most=PIECE), at=AT, on=THE_DAY)
        back_up(database, dump)
    services.sweep(at=AT, on=THE_DAY, batch=PIECE, following=lapses())


@pytest.mark.parametrize("when", [between_two_batches, inside_a_batch], ids=lambda when: when.__name__)
def test_a_back_up_from_the_middle_of_a_sweep_is_swept_to_the_same_end(
    the_eve: Made, database: str, when: object, tmp_path: Path
) -> None:
    # given
    model, town = the_eve.again()
    model.sweep(THE_DAY)
    dump = tmp_path / "city.dump"
    assert callable(when)
    when(database, dump)
    assert_as_the_law_says(model, town.labels)
    fired = Rung.objects.filter(fired_at__gte=AT - dt.timedelta(minutes=1)).count()

    # when it is restored, as it was in the middle, and swept
    with copy_of("template0") as elsewhere, standing_in(elsewhere):
        restore(dump, elsewhere)
        before = Rung.objects.filter(fired_at__gte=AT - dt.timedelta(minutes=1)).count()
        assert before < fired
        services.sweep(at=AT, on=THE_DAY, following=lapses())

        # then both ended alike
        assert_as_the_law_says(model, town.labels)
