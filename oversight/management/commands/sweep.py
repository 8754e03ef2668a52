from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from guiyang_data.timekeeping import now, today
from oversight import services
from oversight.selectors import dry_run


class Command(BaseCommand):
    help = "Fire every reminder, escalation and finding that is due; --dry-run tells what would fire by a day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="fire nothing, list what would fire")
        parser.add_argument("--at", metavar="DATE", help="with --dry-run: ISO date by which it would fire (today)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            self._tell(self._date(options["at"]))
            return
        if options["at"]:
            raise CommandError("--at 只能与 --dry-run 一起使用：期限不能提前触发。")
        run = services.sweep(at=now(), on=today())
        self.stdout.write(f"巡查期限 {run.clocks} 个，触发 {run.rungs} 项，失败 {run.failures} 项。")
        if run.failures:
            raise CommandError("有期限未能处理，原因见日志；下一次巡查会再试。")

    def _date(self, text: str | None) -> dt.date:
        if not text:
            return today()
        try:
            return dt.date.fromisoformat(text)
        except ValueError as error:
            raise CommandError(f"{text} 不是日期，请写成 2026-12-10 这样。") from error

    def _tell(self, until: dt.date) -> None:
        firings = dry_run(until)
        for firing in firings:
            whom = "、".join(firing.to)
            self.stdout.write(
                f"{firing.on.isoformat()}  {firing.label}  {firing.number}  {firing.title}  "
                f"{firing.owed_by}{f' → {whom}' if whom else ''}  {firing.basis}"
                f"{'（暂定）' if firing.provisional else ''}"
            )
        self.stdout.write(f"到 {until.isoformat()} 共 {len(firings)} 项，未触发任何一项。")
