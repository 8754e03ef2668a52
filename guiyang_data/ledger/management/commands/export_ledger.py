import argparse
import datetime as dt
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from guiyang_data.ledger import exporting
from guiyang_data.ledger.models import Access
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import PLATFORM, record
from guiyang_data.timekeeping import now

GRANT = "sharing.sharinggrant:{}"


class Command(BaseCommand):
    help = "Write an export of the ledger that scripts/verify_export.py checks anywhere."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="where to write it (JSON lines)")
        parser.add_argument("--since", type=dt.date.fromisoformat, help="first day, sealed on it or later")
        parser.add_argument("--until", type=dt.date.fromisoformat, help="last day")
        parser.add_argument(
            "--grant", type=int, help="only this grant: its acts and the readings through it, with proofs"
        )
        parser.add_argument("--agency", default="", help="only readings by this agency (its code), with proofs")

    def handle(self, *args: Any, **options: Any) -> None:
        at, grant, agency = now(), options["grant"], options["agency"]
        since, until = _midnight(options["since"]), _midnight(options["until"], after=1)
        if grant or agency:
            lines = exporting.proof(**_chosen(grant, agency, since, until), at=at)
        else:
            lines = exporting.whole(exporting.Period(since=since, until=until), at=at)
        with options["file"].open("wb") as file:
            number = sum(1 for line in lines if file.write(line))
        asked = {name: str(options[name] or "") for name in ("since", "until", "grant", "agency")}
        record("ledger:exports", "export-ledger", by=PLATFORM, at=at, payload=asked)
        self.stdout.write(f"{number} lines written to {options['file']}")


def _chosen(grant: int | None, agency: str, since: dt.datetime | None, until: dt.datetime | None) -> dict[str, Any]:
    accesses = Access.objects.all()
    events = events_of(GRANT.format(grant)) if grant else events_of()
    if grant:
        accesses = accesses.filter(grant=GRANT.format(grant))
    if agency:
        accesses = accesses.filter(agency=agency)
    if since:
        accesses, events = accesses.filter(at__gte=since), events.filter(at__gte=since)
    if until:
        accesses, events = accesses.filter(at__lt=until), events.filter(at__lt=until)
    return {"accesses": accesses, "events": events}


def _midnight(day: dt.date | None, *, after: int = 0) -> dt.datetime | None:
    if day is None:
        return None
    return timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=after), dt.time.min))
