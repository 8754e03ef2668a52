from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from guiyang_data.accounts.models import User
from guiyang_data.errors import DomainError, NotAllowed, RuleBroken
from guiyang_data.faces.text import zh_date
from guiyang_data.ledger.services import PLATFORM
from guiyang_data.timekeeping import now, today
from oversight import services
from oversight.models import CalendarProposal, Recount
from oversight.rulebook.selectors import Preview, preview_calendar
from oversight.workflow import ProposalStatus

WRONG_TEXT, WRONG_PERSON = 1, 2


class Command(BaseCommand):
    help = (
        "Enter a year's holiday arrangement (the notice's text, CSV or JSON) for a second person to confirm. "
        "Whoever runs this is the first person, or names one; --confirmed-by is the second and must be another. "
        "Ends with 1 where the text has problems and with 2 where a person may not do this; nothing is loaded then."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the file, or - for standard input")
        parser.add_argument("--dry-run", action="store_true", help="check, and tell what would change; change nothing")
        parser.add_argument("--change", action="store_true", help="only some days of a year that is loaded change")
        parser.add_argument("--year", type=int, help="where the file does not name it")
        parser.add_argument("--document", default="", metavar="NUMBER", help="document number, where the file has none")
        parser.add_argument("--issued", type=_date, metavar="DATE", help="ISO date, where the file has none")
        parser.add_argument("--proposed-by", metavar="USER", help="account of the first person (else: the operator)")
        parser.add_argument("--confirmed-by", metavar="USER", help="account of the second person: confirm at once")

    def handle(self, *args: Any, **options: Any) -> None:
        text = _words(options["file"])
        given = {
            "scope": CalendarProposal.Scope.DAYS if options["change"] else CalendarProposal.Scope.YEAR,
            "year": options["year"],
            "document_number": options["document"],
            "issued_on": options["issued"],
        }
        if options["dry_run"]:
            self._check(text, given)
            return
        first, second = _user(options["proposed_by"]), _user(options["confirmed_by"])
        if first is not None and second is not None and first.holder_key == second.holder_key:
            raise CommandError("录入和核定应当是两个人。请换一个账号核定。", returncode=WRONG_PERSON)
        entering = {"text": text, **given, "on": today()}
        by, at = first or PLATFORM, now()
        try:
            with transaction.atomic():
                year = services.check_calendar(**entering).arrangement
                preview = preview_calendar(year.year, year.days)
                if second is None:
                    proposal = services.propose_calendar(**entering, by=by, at=at)
                else:
                    proposal = services.settle_calendar(**entering, by=by, second=second, at=at)
        except RuleBroken as error:
            raise CommandError(_lines(error), returncode=WRONG_TEXT) from error
        except NotAllowed as error:
            raise CommandError(error.message, returncode=WRONG_PERSON) from error
        except DomainError as error:
            raise CommandError(error.message, returncode=WRONG_TEXT) from error
        self._tell(proposal.cause, preview)
        self._end(proposal)

    def _check(self, text: str, given: dict[str, Any]) -> None:
        draft = services.draft_calendar(text=text, on=today(), **given)
        if draft.problems:
            raise CommandError("\n".join(str(problem) for problem in draft.problems), returncode=WRONG_TEXT)
        for missing, option in ((draft.document_number, "--document"), (draft.issued_on, "--issued")):
            if not missing:
                self.stdout.write(f"原文没有写明，正式录入时请用 {option} 填写。")
        year = draft.arrangement.year
        self._tell(f"{year}年放假安排（{draft.document_number}）", preview_calendar(year, draft.arrangement.days))
        self.stdout.write("只作核对，没有改变任何内容。")

    def _tell(self, title: str, preview: Preview) -> None:
        self.stdout.write(f"{title}：与现在不同的日期 {len(preview.changes)} 天")
        for change in preview.changes:
            self.stdout.write(f"  {zh_date(change.day, with_year=True)}  {change.before} → {change.after}")
        outlook = preview.outlook
        self.stdout.write(f"重新计算在办期限 {outlook.touched} 个，到期日或者暂定状态有变化 {outlook.moved} 个")
        for move in outlook.first:
            clock = move.clock
            self.stdout.write(
                f"  {clock.number}  {clock.owed_by.short_name}  {clock.due_on}{'（暂定）' if clock.provisional else ''}"
                f" → {move.due.on}{'（暂定）' if move.due.provisional else ''}"
            )
        if outlook.moved > len(outlook.first):
            self.stdout.write(f"  …其余 {outlook.moved - len(outlook.first)} 个未列出")

    def _end(self, proposal: CalendarProposal) -> None:
        if proposal.status == ProposalStatus.PROPOSED:
            self.stdout.write(
                f"已录入，尚未生效：请另一个人在 {proposal.get_absolute_url()} 核定，"
                "或者退回后加上 --confirmed-by 账号 重新执行。"
            )
            return
        services.run_recounts(at=now(), on=today())  # also where no worker runs; beside one each clock is counted once
        counted = Recount.objects.get(calendar=proposal).counted
        self.stdout.write(f"已核定并生效，重新计算期限 {counted} 个。没有算完的由下一次巡查继续。")


def _date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _words(name: str) -> str:
    try:
        content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise CommandError(f"不能读取 {name}：{error.strerror}。", returncode=WRONG_TEXT) from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise CommandError(f"{name} 不是文本文件。请使用 TXT、CSV 或者 JSON。", returncode=WRONG_TEXT)


def _user(username: str | None) -> User | None:
    if not username:
        return None
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise CommandError(f"没有账号 {username}。请核对用户名。", returncode=WRONG_PERSON)
    return user


def _lines(error: RuleBroken) -> str:
    return "\n".join(error.fields.values()) or error.message
