"""What leaves with a reply: its papers are looked into, and each finding is cleared before it is delivered (ours)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Any

from django.db import transaction

from guiyang_data.accounts.models import User
from guiyang_data.attachments import services as acts
from guiyang_data.attachments.models import Attachment
from guiyang_data.errors import NotSeen, RuleBroken, WrongState
from guiyang_data.ledger.services import record
from guiyang_data.personal import text_masked
from requests_app import policies
from requests_app.checks import PaperCheck, in_the_way, paper_checks
from requests_app.models import OpenRequest, Reply
from requests_app.selectors import draft_of
from requests_app.services.requests import lock_request
from requests_app.workflow import REQUEST, REQUEST_WORKFLOW


def inspect_papers(*, request_id: int, by: User, at: dt.datetime) -> list[PaperCheck]:
    """Look into the papers of the draft that nobody looked into, or that could not be read; nothing is locked.

    Each file takes about a second and at most twenty. Returns how all of them stand.
    """
    request = OpenRequest.objects.select_related("agency").get(pk=request_id)
    reply = _draft(request, by, "inspect-papers")
    waiting = [check.paper for check in paper_checks(reply) if _to_inspect(check)]
    looked = [(paper, acts.inspect(paper, at=at)) for paper in waiting]
    if looked:
        found = [_fact(paper) | {"findings": inspection.findings.count()} for paper, inspection in looked]
        payload = {"round": reply.round, "papers": found}
        with transaction.atomic():
            record(request, "inspect-papers", by=by, at=at, basis=REQUEST, payload=payload)
    return paper_checks(reply)


def _to_inspect(check: PaperCheck) -> bool:
    return check.inspection is None or any(finding.code == "not-checked" for finding in check.open)


@transaction.atomic
def confirm_findings(
    *,
    request_id: int,
    paper_id: uuid.UUID,
    by: User,
    findings: Collection[int],
    reasons: str,
    at: dt.datetime,
) -> PaperCheck:
    """Answer with a reason for what was found; for numbers of persons in unseen places nobody can."""
    request = lock_request(request_id)
    check = _check(_draft(request, by, "confirm-findings"), paper_id)
    if check.inspection is None:
        raise WrongState("这个附件还没有检查，请先检查。", basis=REQUEST, verb="confirm-findings")
    confirmed = acts.confirm(inspection=check.inspection, findings=findings, by=by, reasons=reasons, at=at)
    payload = _fact(check.paper) | {
        "confirmed": [row.code for row in confirmed],
        "reasons": text_masked(reasons.strip()),
    }
    record(request, "confirm-findings", by=by, at=at, basis=REQUEST, payload=payload)
    return check


@transaction.atomic
def clean_paper(*, request_id: int, paper_id: uuid.UUID, by: User, content: bytes, at: dt.datetime) -> Attachment:
    """Put the cleaned copy in the place of a paper. ``content``: what ``attachments.services.cleaned_content`` made."""
    request = lock_request(request_id)
    check = _check(_draft(request, by, "clean-paper"), paper_id)
    fact = _fact(check.paper)
    made = acts.keep_cleaned(check.paper, content, by=by, at=at)
    payload = fact | {"cleaned": str(made.pk), "cleaned_sha256": made.sha256}
    record(request, "clean-paper", by=by, at=at, basis=REQUEST, payload=payload)
    return made


@transaction.atomic
def remove_paper(*, request_id: int, paper_id: uuid.UUID, by: User, at: dt.datetime) -> None:
    """Take a paper off the draft. Nothing of it was delivered, so its content goes too."""
    request = lock_request(request_id)
    check = _check(_draft(request, by, "remove-paper"), paper_id)
    fact = _fact(check.paper)
    acts.remove(check.paper)
    record(request, "remove-paper", by=by, at=at, basis=REQUEST, payload=fact)


def require_checked(reply: Reply) -> None:
    """Refuse to deliver papers that nobody looked into, or with findings that nobody answered for."""
    words = in_the_way(paper_checks(reply))
    if words:
        raise RuleBroken(words, basis=REQUEST, fields={"papers": words})


def paper_of_draft(request: OpenRequest, by: User, verb: str, paper_id: uuid.UUID) -> PaperCheck:
    """A paper of the draft, for whoever may do ``verb`` with it."""
    return _check(_draft(request, by, verb), paper_id)


def _draft(request: OpenRequest, by: User, verb: str) -> Reply:
    policies.REQUEST_POLICY.require(by, verb, request)
    REQUEST_WORKFLOW.target(verb, request.status)
    reply = draft_of(request)
    if reply is None:
        raise WrongState("还没有答复草稿，请先起草答复。", basis=REQUEST, verb="draft-reply")
    return reply


def _check(reply: Reply, paper_id: uuid.UUID) -> PaperCheck:
    found = next((check for check in paper_checks(reply) if check.paper.pk == paper_id), None)
    if found is None:
        raise NotSeen("答复草稿里没有这个附件，可能已经换成了别的文件。")
    return found


def _fact(paper: Attachment) -> dict[str, Any]:
    """A paper as the ledger names it: by checksum, never by its name, which may hold a person's."""
    return {"paper": str(paper.pk), "sha256": paper.sha256}
