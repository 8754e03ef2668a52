from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from guiyang_data.errors import RuleBroken
from guiyang_data.statute.reckoning import Reckoning, countable_kinds, reckon


class Command(BaseCommand):
    help = "Print the steps from DATE to the due day of a period; the last line is the due day alone."

    def add_arguments(self, parser: CommandParser) -> None:
        rules = ", ".join(kind.code for kind in countable_kinds())
        parser.add_argument("rule", metavar="RULE", nargs="?", help=f"one of: {rules}")
        parser.add_argument("date", metavar="DATE", nargs="?", help="ISO date of the day that starts the period")
        parser.add_argument("--rule", dest="rule_option", metavar="RULE", help="the same, by name")
        parser.add_argument("--from", dest="from_option", metavar="DATE", help="the same, by name")
        parser.add_argument("--json", action="store_true", help="the answer of /api/v1/due-day/")

    def handle(self, *args: Any, **options: Any) -> None:
        rule, day = self._asked(options)
        try:
            reckoning = reckon(rule, day)
        except RuleBroken as error:
            raise CommandError(error.message) from error
        if options["json"]:
            self.stdout.write(json.dumps(reckoning.values(), ensure_ascii=False, indent=2))
            return
        self._tell(reckoning)

    def _asked(self, options: dict[str, Any]) -> tuple[str, str]:
        """Rule and date by place or by name; with ``--rule`` alone the one word left is the date."""
        rule, day = options["rule_option"] or options["rule"], options["from_option"] or options["date"]
        if options["rule_option"] and day is None:
            day = options["rule"]
        if not rule or not day:
            raise CommandError("请写明期限规则和起算日，例如：manage.py due_day open-reply 2026-09-30")
        return rule, day

    def _tell(self, reckoning: Reckoning) -> None:
        if reckoning.note:
            self.stdout.write(reckoning.note)
        for number, step in enumerate(reckoning.due.steps, start=1):
            self.stdout.write(f"{number}. {step.text}" + (f"（{step.basis}）" if step.basis else ""))
        self.stdout.write(reckoning.due.on.isoformat())
