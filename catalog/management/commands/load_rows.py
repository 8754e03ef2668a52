from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog import services
from catalog.management.reports import WRONG_FILE, WRONG_PERSON, Report, acting, agency_of, opened
from catalog.models import CatalogEntry, Load
from guiyang_data.errors import DomainError, NotAllowed
from guiyang_data.tables.conversion import strip_guard
from guiyang_data.timekeeping import now

MOST_LISTED = 10_000
"""Refused cells that the report lists; all of them stand in the file that it names."""


class Command(BaseCommand):
    help = (
        "Gather a file of rows (CSV, XLS, XLSX, JSON, Parquet) for a catalogue entry, as the page does: landed whole, "
        "every row checked, bad ones set aside, one atomic new version. Runs to the end without a worker. "
        "Ends with 1 where the file or the entry stands against it, with 2 where the account does."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("resource_code", metavar="RESOURCE_CODE")
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--report", required=True, type=Path, metavar="OUT.json")
        parser.add_argument("--mode", choices=Load.Mode.values, default=Load.Mode.REPLACE)
        parser.add_argument("--header-row", type=int, metavar="N", help="where something stands above the header")
        parser.add_argument(
            "--collector", metavar="CODE", help="where several agencies collect: the one whose columns these are"
        )
        parser.add_argument("--by", metavar="USER", help="a data steward's account (else: the agency's system account)")

    def handle(self, *args: Any, **options: Any) -> None:
        report = Report(options["report"], file=options["file"].name, resource_code=options["resource_code"])
        with report.kept():
            entry = _entry(options["resource_code"])
            by = acting(options["by"])
            with opened(options["file"]) as stream:
                load = self._landed(
                    entry_id=entry.pk,
                    uploaded=File(stream, name=options["file"].name),
                    by=by,
                    mode=options["mode"],
                    header_row=options["header_row"],
                    collector=agency_of(options["collector"]) if options["collector"] else None,
                )
            load = services.run_load(load.pk, at=now(), clock=now)
            report.add(**_told(load))
            if load.state != Load.State.DONE:
                raise CommandError(load.message, returncode=WRONG_FILE)
            self.stdout.write(
                f"读到 {load.rows_read} 行，入库 {load.rows_accepted} 行，退回 {load.rows_refused} 行："
                f"数据第 {report.content['version']} 版。"
            )

    def _landed(self, **arguments: Any) -> Load:
        try:
            return services.land_file(at=now(), **arguments)
        except NotAllowed as error:
            raise CommandError(error.message, returncode=WRONG_PERSON) from error
        except DomainError as error:
            raise CommandError(error.message, returncode=WRONG_FILE) from error


def _entry(code: str) -> CatalogEntry:
    entry = CatalogEntry.objects.filter(resource_code=code.strip()).first()
    if entry is None:
        raise CommandError(f"没有资源代码为 {code} 的目录条目。请核对代码。", returncode=WRONG_FILE)
    return entry


def _told(load: Load) -> dict[str, Any]:
    done = load.state == Load.State.DONE
    version = load.version if done else None
    return {
        "state": "loaded" if done else "refused",
        "message": load.message,
        "load": str(load.load_id),
        "sha256": load.sha256,
        "mode": load.mode,
        "encoding": load.encoding,
        "read": load.rows_read,
        "accepted": load.rows_accepted,
        "refused": load.rows_refused,
        "version": version.number if version else None,
        "rows_in_version": version.rows if version else None,
        "is_current": version is not None and load.entry.current_data_id == version.pk,
        "reasons": load.reasons,
        "refused_rows": list(islice(_refused(load), MOST_LISTED)),
        "refused_rows_file": str(load.bad_rows_file or ""),
    }


def _refused(load: Load) -> Iterator[dict[str, Any]]:
    path = load.bad_rows_file
    if path is None:
        return
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for line, column, value, reason, _row in islice(csv.reader(stream), 1, None):
            yield {"row": int(line), "column": column, "value": strip_guard(value), "reason": reason}
