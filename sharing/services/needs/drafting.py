"""An answer to a data need prepared for the approver; seen in its agency only, it stops no clock (第十一条第二款)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence

from django.db import transaction

from guiyang_data.accounts.models import User
from guiyang_data.accounts.roles import Role
from guiyang_data.attachments import selectors as attachments
from guiyang_data.attachments.models import Attachment
from guiyang_data.attachments.services import remove
from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.services import record, subject_of
from sharing.models import NeedAnswer, NeedAssignment
from sharing.needs.workflow import COMPILE, NEED_WORKFLOW
from sharing.services.checks import broken, reasons_or_refuse, require_valid_fields
from sharing.services.needs.deciding import shared_entry
from sharing.services.needs.stepping import MISSING, attach_papers, begin, require_may_deny, require_waiting, tell

VERB = "draft-need-answer"
_DRAFTED = ["draft_answer", "draft_reasons", "draft_entry", "drafted_by", "drafted_at"]


@transaction.atomic
def draft_need_answer(
    *,
    need_id: int,
    by: User,
    at: dt.datetime,
    answer: str,
    reasons: str = "",
    entry_id: int | None = None,
    papers: Sequence[Attachment] = (),
    without: Collection[uuid.UUID] = (),
) -> NeedAssignment:
    """Keep an answer as a draft in place of the one before, and tell the approver; nobody else sees it.

    ``answer``: of ``NeedAnswer``. ``entry_id``: the agency's shared entry that holds the data, for ``covered``.
    ``papers`` join the files of the draft, ``without`` leave it; with the answer they go to the other agency. Raises
    RuleBroken where what the answer needs is missing, WrongState where it may not be denied any more.
    """
    need = begin(need_id, VERB, by)
    waiting = require_waiting(need, VERB)
    if answer not in NeedAnswer.values:
        raise broken(COMPILE, {"answer": "请选择编制目录、目录中已有，或者不属于本机关。"})
    if answer == NeedAnswer.DENIED:
        require_may_deny(need, waiting, VERB)
        reasons_or_refuse(reasons, COMPILE, MISSING)
    covers = answer == NeedAnswer.COVERED
    if covers and entry_id is None:
        raise broken(COMPILE, {"entry": "请填写目录中已有的条目的资源代码。"})
    waiting.draft_entry = shared_entry(entry_id, of=waiting.agency) if covers and entry_id is not None else None
    waiting.draft_answer, waiting.draft_reasons = answer, reasons.strip()
    waiting.drafted_by, waiting.drafted_at = by, at
    require_valid_fields(waiting, ["draft_reasons"], COMPILE)
    _leave_out(waiting, without)
    attach_papers(waiting, papers, COMPILE)
    waiting.save(update_fields=_DRAFTED)
    said = {"agency": waiting.agency.code, "answer": answer}
    record(need, VERB, by=by, at=at, basis=NEED_WORKFLOW[VERB].basis, payload=said)
    title = "数据需求的答复已拟写，请审批送达"
    tell(waiting.agency, need, title=title, at=at, roles=(Role.APPROVER,), what="draft")
    return waiting


def _leave_out(waiting: NeedAssignment, without: Collection[uuid.UUID]) -> None:
    rows = list(attachments.of(subject_of(waiting)).filter(pk__in=without))
    if len(rows) != len(set(without)):
        message = "有要去掉的附件不在拟写的答复中。请刷新页面后重新选择。"
        raise RuleBroken(message, basis=COMPILE, fields={"without": message})
    for row in rows:
        remove(row)
