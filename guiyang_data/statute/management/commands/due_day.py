from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from guiyang_data.statute.deadlines import KINDS
from guiyang_data.statute.seed import IN_FORCE_FROM
from guiyang_data.statute.selectors import count, rule_in_force


class Command(BaseCommand):
    help = "Print the steps from DATE to the due day of a period; the last line is the due day alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("rule", metavar="RULE", help=f"one of: {', '.join(KINDS)}")
        parser.add_argument("date", metavar="DATE", help="ISO date of the day that starts the period")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["rule"] not in KINDS:
            raise CommandError(f"没有期限规则 {options['rule']}。可用的规则：{'、'.join(KINDS)}")
        try:
            start = dt.date.fromisoformat(options["date"])
        except ValueError as error:
            raise CommandError(f"{options['date']} 不是日期，请写成 2026-09-30 这样。") from error
        if not KINDS[options["rule"]].period.length:
            raise CommandError("这一期限以文书载明的日期为准，没有固定长度。")
        if start.year < IN_FORCE_FROM.year:
            raise CommandError("《条例》自2017年5月1日起施行，日历从 2017 年起。")
        due = count(rule_in_force(options["rule"], max(start, IN_FORCE_FROM)), start)
        if start < IN_FORCE_FROM:
            self.stdout.write("这一天在《条例》2017年5月1日施行之前，仅供推算。")
        for number, step in enumerate(due.steps, start=1):
            self.stdout.write(f"{number}. {step.text}" + (f"（{step.basis}）" if step.basis else ""))
        self.stdout.write(due.on.isoformat())
