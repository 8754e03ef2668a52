"""Papers for those who may read them, receipts, and the due day as a calendar file."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping

from django.http import FileResponse, HttpRequest
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from guiyang_data.attachments.models import Attachment
from guiyang_data.attachments.responses import download
from guiyang_data.errors import NotSeen
from requests_app import policies
from requests_app.models import OpenRequest, Reply, ReplyBatch, ReviewApplication, ReviewStatement
from requests_app.selectors import reviews_with_relations
from requests_app.views.drafts import DRAFT
from requests_app.visitors import principal_for, review_principal

Case_ = OpenRequest | ReviewApplication


# --- papers ----------------------------------------------------------------------------------------


@require_safe
def paper(request: HttpRequest, pk: uuid.UUID) -> FileResponse:
    """A paper of a case, for the applicant and those who handle it."""
    attachment = Attachment.objects.filter(pk=pk).first()
    if attachment is None or not _may_read(request, attachment):
        raise NotSeen(_("没有这个附件，或者您不能查看。附件只提供给申请人和办理机关。"))
    return download(attachment)


def _may_read(request: HttpRequest, attachment: Attachment) -> bool:
    label, _colon, key = attachment.subject.partition(":")
    if label == "draft":
        return key == (request.session.get(DRAFT) or {}).get("id")
    reads = _READERS.get(label)
    return bool(reads and key.isdigit() and reads(request, int(key)))


def _reads_request(request: HttpRequest, pk: int) -> bool:
    found = OpenRequest.objects.filter(pk=pk).first()
    if found is None:
        return False
    return policies.REQUEST_POLICY.may(principal_for(request, found.number), "read-papers", found)


def _reads_reply(request: HttpRequest, pk: int) -> bool:
    reply = Reply.objects.select_related("request").filter(pk=pk).first()
    if reply is None:
        return False
    if reply.is_delivered:
        return _reads_request(request, reply.request_id)
    return policies.works_on(request.user, reply.request)


def _reads_batch(request: HttpRequest, pk: int) -> bool:
    """Those who drafted it; once delivered, whoever reads the papers of one of its requests."""
    if policies.visible_batches(request.user, ReplyBatch.objects.filter(pk=pk)).exists():
        return True
    delivered = OpenRequest.objects.filter(replies__batch=pk, replies__delivered_on__isnull=False)
    return any(
        policies.REQUEST_POLICY.may(principal_for(request, found.number), "read-papers", found) for found in delivered
    )


def _reads_review(request: HttpRequest, pk: int) -> bool:
    found = reviews_with_relations(ReviewApplication.objects.filter(pk=pk)).first()
    return bool(found and policies.REVIEW_POLICY.may(review_principal(request, found), "read-papers", found))


def _reads_statement(request: HttpRequest, pk: int) -> bool:
    statement = ReviewStatement.objects.filter(pk=pk).first()
    return statement is not None and _reads_review(request, statement.review_id)


_READERS: Mapping[str, Callable[[HttpRequest, int], bool]] = {
    "requests_app.openrequest": _reads_request,
    "requests_app.reply": _reads_reply,
    "requests_app.replybatch": _reads_batch,
    "requests_app.reviewapplication": _reads_review,
    "requests_app.reviewstatement": _reads_statement,
}
