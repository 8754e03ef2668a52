"""Looking into a complaint: registering it, asking both sides, noting what is found (第二十九条). The clock goes on."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import Principal
from guiyang_data.accounts.protection import encrypt
from guiyang_data.errors import WrongState
from guiyang_data.ledger.services import record, subject_of
from guiyang_data.notices.services import tell_agency
from oversight.complaints.models import ComplaintNote, ComplaintQuestion, ComplaintReceipt, ComplaintStatement
from oversight.complaints.policies import STATEMENT_POLICY
from oversight.policies import ANSWERING
from oversight.services.complaints.locking import begin, refuse, says_who, words
from oversight.services.complaints.telling import KIND, tell_complainant, tell_keeper
from oversight.workflow import COMPLAIN, RECEIPTS


@transaction.atomic
def receive_complaint(*, receipt_id: int, by: User, at: dt.datetime) -> ComplaintReceipt:
    """Register the complaint and begin to look into it. Its clock runs since it came."""
    receipt = begin(receipt_id, by, "receive")
    receipt.status = RECEIPTS.target("receive", receipt.status)
    receipt.received_by, receipt.received_at = by, at
    receipt.save(update_fields=["status", "received_by", "received_at"])
    record(receipt, "receive", by=by, at=at, basis=COMPLAIN)
    tell_complainant(
        receipt.complaint,
        f"received:{receipt.pk}:{receipt.keeper.code}",
        title=_("%(agency)s开始调查您的投诉举报 %(number)s")
        % {"agency": receipt.receiver_name, "number": receipt.complaint.number},
        body=_("调查处理后向您反馈结果。有询问时会通知您，回答与否由您决定。"),
        at=at,
    )
    return receipt


@transaction.atomic
def ask_complainant(*, receipt_id: int, by: User, text: str, at: dt.datetime) -> ComplaintQuestion:
    """Ask the complainant, who need not answer; the clock goes on."""
    receipt = begin(receipt_id, by, "ask-question")
    refuse(receipt, "ask-question", {} if text.strip() else {"text": _("请写下要询问的内容。")})
    question = ComplaintQuestion.objects.create(
        receipt=receipt, text_encrypted=encrypt(text.strip()), asked_by=by, asked_at=at
    )
    record(receipt, "ask-question", by=by, at=at, basis=COMPLAIN, payload={"question": question.pk})
    tell_complainant(
        receipt.complaint,
        f"question:{question.pk}",
        title=_("%(agency)s就您的投诉举报 %(number)s 询问您")
        % {"agency": receipt.receiver_name, "number": receipt.complaint.number},
        body=_("请打开页面查看询问。您可以回答，也可以不回答；办理期限照常计算。"),
        at=at,
    )
    return question


@transaction.atomic
def answer_complaint_question(*, question_id: int, by: Principal, text: str, at: dt.datetime) -> ComplaintQuestion:
    """The complainant answers a question, once."""
    question = ComplaintQuestion.objects.get(pk=question_id)
    receipt = begin(question.receipt_id, by, "answer-question")
    question.refresh_from_db()
    if question.answered_at is not None:
        raise WrongState(
            _("这个询问已经回答过。如有补充，请联系办理机关。"),
            basis=COMPLAIN,
            subject=subject_of(receipt),
            verb="answer-question",
        )
    missing = _("请写下回答；不想回答可以直接离开，不影响办理。")
    refuse(receipt, "answer-question", {} if text.strip() else {"text": missing})
    question.answer_encrypted, question.answered_at = encrypt(text.strip()), at
    question.save(update_fields=["answer_encrypted", "answered_at"])
    record(receipt, "answer-question", by=by, at=at, basis=COMPLAIN, payload={"question": question.pk})  # type: ignore[arg-type]
    title = _("投诉举报人回答了询问：%(number)s") % {"number": receipt.complaint.number}
    tell_keeper(receipt, f"answer:{question.pk}", title=title, at=at)
    return question


@transaction.atomic
def ask_statement(*, receipt_id: int, by: User, matter: str, at: dt.datetime) -> ComplaintStatement:
    """Ask the agency complained about for a statement, in the receiver's own words.

    It never learns who complained: words that name the complainant are refused.
    """
    receipt = begin(receipt_id, by, "ask-statement")
    said = words(receipt, "ask-statement", "matter", matter, _("请用自己的话写明要说明的事项，"))
    if says_who(receipt.complaint, said):
        message = _("这里写有投诉举报人的姓名、邮箱或者电话，有关机关会看到。请删去后再发出。")
        refuse(receipt, "ask-statement", {"matter": message})
    target = receipt.complaint.agency
    statement = ComplaintStatement.objects.create(receipt=receipt, agency=target, matter=said, asked_by=by, asked_at=at)
    payload = {"statement": statement.pk, "agency": target.code}
    record(receipt, "ask-statement", by=by, at=at, basis=COMPLAIN, payload=payload)
    tell_agency(
        target,
        ANSWERING,
        key=f"statement:{statement.pk}",
        about=statement,
        kind=KIND,
        title=_("%(agency)s要求说明情况") % {"agency": receipt.receiver_name},
        body=said,
        path=statement.get_absolute_url(),
        basis=COMPLAIN,
        at=at,
    )
    return statement


@transaction.atomic
def give_statement(*, statement_id: int, by: User, text: str, at: dt.datetime) -> ComplaintStatement:
    """The agency complained about says what it has to say, once."""
    statement = ComplaintStatement.objects.select_related("agency").get(pk=statement_id)
    STATEMENT_POLICY.require(by, "give-statement", statement)
    rows = ComplaintReceipt.objects.select_for_update(of=("self",)).select_related("keeper", "complaint", "agency")
    receipt = rows.get(pk=statement.receipt_id)
    statement.refresh_from_db()
    RECEIPTS.target("give-statement", receipt.status)
    if statement.given_at is not None:
        message = _("说明已经提交过。如有补充，请联系要求说明的机关。")
        raise WrongState(message, basis=COMPLAIN, subject=subject_of(receipt), verb="give-statement")
    refuse(receipt, "give-statement", {} if text.strip() else {"text": _("请写明情况。")})
    statement.text, statement.given_by, statement.given_at = text.strip(), by, at
    statement.save(update_fields=["text", "given_by", "given_at"])
    record(receipt, "give-statement", by=by, at=at, basis=COMPLAIN, payload={"statement": statement.pk})
    title = _("%(agency)s提交了说明：%(number)s") % {
        "agency": statement.agency.short_name,
        "number": receipt.complaint.number,
    }
    tell_keeper(receipt, f"statement:{statement.pk}", title=title, at=at)
    return statement


@transaction.atomic
def note_investigation(*, receipt_id: int, by: User, text: str, at: dt.datetime) -> ComplaintNote:
    """Note what the investigation found; only those who handle the complaint read it."""
    receipt = begin(receipt_id, by, "add-note")
    refuse(receipt, "add-note", {} if text.strip() else {"text": _("请写下调查情况。")})
    note = ComplaintNote.objects.create(receipt=receipt, text_encrypted=encrypt(text.strip()), by=by, at=at)
    record(receipt, "add-note", by=by, at=at, basis=COMPLAIN, payload={"note": note.pk})
    return note
