from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.exporting import FORMATS, export, revisions_in_force, revisions_to_work_on
from catalog.management.reports import WRONG_FILE, agency_of
from catalog.models import CatalogEntry
from catalog.selectors import open_catalogue, sharing_catalogue
from guiyang_data.errors import DomainError

PUBLIC = {"sharing": sharing_catalogue, "open": open_catalogue}


class Command(BaseCommand):
    help = (
        "Export the catalogue with every element and information item, as import_catalogue takes it: the draft on its "
        "way where there is one, else what is in force. Ends with 1 where nothing can be written, with 2 where the "
        "agency does not exist."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--agency", metavar="CODE", help="its unified social credit code (else: the whole portal)")
        parser.add_argument("--format", choices=list(FORMATS), help="by the ending of OUT, else csv")
        parser.add_argument("--output", type=Path, metavar="OUT", help="the file to write (else: standard output)")
        parser.add_argument("--in-force", action="store_true", help="only what is in force")
        parser.add_argument("--public", choices=list(PUBLIC), help="a municipal catalogue as everyone sees it")

    def handle(self, *args: Any, **options: Any) -> None:
        entries = PUBLIC[options["public"]]() if options["public"] else CatalogEntry.objects.all()
        if options["agency"]:
            entries = entries.filter(provider=agency_of(options["agency"]))
        in_force = options["in_force"] or options["public"]
        revisions = revisions_in_force(entries) if in_force else revisions_to_work_on(entries, entries)
        kind = options["format"] or _ending(options["output"])
        try:
            with _written(options["output"]) as out:
                for part in export(revisions, kind, public=bool(options["public"])):
                    out.write(part)
        except DomainError as error:
            raise CommandError(error.message, returncode=WRONG_FILE) from error


def _ending(path: Path | None) -> str:
    ending = path.suffix.lstrip(".").lower() if path else ""
    return ending if ending in FORMATS else "csv"


@contextlib.contextmanager
def _written(path: Path | None) -> Iterator[BinaryIO]:
    """Where the file goes; one that was not written to its end leaves no trace."""
    if path is None:
        yield sys.stdout.buffer
        return
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as out:
            yield out
        part.replace(path)
    except OSError as error:
        raise CommandError(f"不能写入 {path}：{error.strerror}。", returncode=WRONG_FILE) from error
    finally:
        part.unlink(missing_ok=True)
