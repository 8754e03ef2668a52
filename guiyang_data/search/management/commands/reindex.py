"""Fill the search index anew from the apps that feed it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from guiyang_data.search import registry, services


class Command(BaseCommand):
    """Each kind by itself, so that an interrupted run is simply run again; the index answers all the while."""

    help = "重建搜索索引；不写类别时重建全部。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kinds", nargs="*", help="只重建这些类别")

    def handle(self, *args: Any, **options: Any) -> None:
        known = registry.registered()
        unknown = sorted(set(options["kinds"]) - set(known))
        if unknown:
            raise CommandError(
                _("没有这些类别：%(unknown)s。可用：%(known)s。")
                % {"unknown": "、".join(unknown), "known": "、".join(known)}
            )
        for kind in options["kinds"] or known:
            count = services.reindex(kind, known[kind])
            self.stdout.write(_("%(kind)s：%(count)d 条") % {"kind": kind, "count": count})
