"""What an agency has to mend begins and ends with the facts (第十六条第二款); its target is ours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from django.db import transaction

from catalog.services.locking import day_of
from guiyang_data.accounts.models import Agency
from guiyang_data.faces.numbers import next_number
from guiyang_data.ledger.services import Actor, record
from guiyang_data.notices.services import tell_agency
from guiyang_data.statute import clocks
from guiyang_data.statute.counting import show
from guiyang_data.statute.models import Clock
from sharing.materials.selectors import overdemanded, supplies_in_force
from sharing.materials.workflow import NO_REPEAT
from sharing.models import MaterialMending, MaterialName
from sharing.policies import DECIDERS

CLOCK = "material-mending"
PREFIX = "CL"


@transaction.atomic
def settle(*, names: Collection[int], by: Actor, at: dt.datetime, agency: Agency | None = None) -> None:
    """Begin a mending for each agency that asks for one of these materials although it is supplied, end the others.

    Called inside every act that may change either. ``agency``: only what this one asks for.
    """
    demanded = overdemanded().filter(name__in=names)
    running = MaterialMending.objects.select_for_update(of=("self",)).filter(name__in=names, closed_on=None)
    if agency is not None:
        demanded, running = demanded.filter(matter__agency=agency), running.filter(agency=agency)
    wanted = set(demanded.order_by().values_list("name", "matter__agency").distinct())
    known = {(row.name_id, row.agency_id): row for row in running.select_related("name", "agency").order_by("pk")}
    supplied = set(supplies_in_force().filter(name__in=names).values_list("name", flat=True))
    for pair in sorted(known.keys() - wanted):
        _end(known[pair], is_supplied=pair[0] in supplied, by=by, at=at)
    _begin_all(sorted(wanted - known.keys()), by=by, at=at)


def _begin_all(pairs: Iterable[tuple[int, int]], *, by: Actor, at: dt.datetime) -> None:
    found = list(pairs)
    names = MaterialName.objects.in_bulk({name for name, _agency in found})
    agencies = Agency.objects.in_bulk({agency for _name, agency in found})
    for name, agency in found:
        if agencies[agency].is_active:
            _begin(names[name], agencies[agency], by=by, at=at)


def _begin(name: MaterialName, agency: Agency, *, by: Actor, at: dt.datetime) -> None:
    on = day_of(at)
    row = MaterialMending.objects.create(number=next_number(PREFIX, on.year), name=name, agency=agency, opened_on=on)
    title = f"停止要求重复提交：{name.name}"
    clock = clocks.start(
        CLOCK, row, on=on, at=at, by=by, owed_by=agency, number=row.number, title=title, path=row.get_absolute_url()
    )
    record(row, "begin-mending", by=by, at=at, basis=NO_REPEAT, payload={"agency": agency.code, "material": name.name})
    tell_agency(
        agency,
        DECIDERS,
        key=f"material-mending:{row.pk}",
        about=row,
        kind="sharing",
        title=f"平台能够提供，请不再要求提交：{name.name}",
        body=f"请在 {show(clock.due_on)} 24:00 前从申请材料中去掉，或者登记法律法规规定不适用电子文书（服务目标）。",
        path=row.get_absolute_url(),
        at=at,
        basis=NO_REPEAT,
    )


def _end(row: MaterialMending, *, is_supplied: bool, by: Actor, at: dt.datetime) -> None:
    on = day_of(at)
    row.closed_on = on
    row.save(update_fields=["closed_on"])
    clocks.stop(row, CLOCK, on=on, at=at, by=by, cause=Clock.Stop.DONE if is_supplied else Clock.Stop.WITHDRAWN)
    record(row, "end-mending", by=by, at=at, basis=NO_REPEAT, payload={"supplied": is_supplied})
