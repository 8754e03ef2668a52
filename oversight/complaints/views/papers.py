"""Papers of a complaint, for whoever complained and those who handle it alone."""

from __future__ import annotations

import uuid

from django.http import FileResponse, HttpRequest
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from guiyang_data.attachments.models import Attachment
from guiyang_data.attachments.responses import download
from guiyang_data.errors import NotSeen
from oversight.complaints.drafts import ComplaintDraft
from oversight.complaints.models import Complaint
from oversight.complaints.policies import RECEIPT_POLICY, visible_receipts, visible_to
from oversight.complaints.selectors import receipts_of
from oversight.complaints.visitors import principal_for

LABEL = Complaint._meta.label_lower


@require_safe
def paper(request: HttpRequest, pk: uuid.UUID) -> FileResponse:
    """A paper that belongs to one's own draft or complaint, or to a complaint one handles."""
    attachment = Attachment.objects.filter(pk=pk).first()
    if attachment is None or not _may_read(request, attachment):
        raise NotSeen(_("没有这份材料，或者您不能查看。材料只提供给投诉举报人和办理机关。"))
    return download(attachment)


def _may_read(request: HttpRequest, attachment: Attachment) -> bool:
    label, _colon, key = attachment.subject.partition(":")
    if attachment.is_draft:
        return attachment.subject == ComplaintDraft(request).subject
    if label != LABEL or not key.isdigit():
        return False
    found = Complaint.objects.filter(pk=int(key)).first()
    if found is None:
        return False
    if visible_to(principal_for(request, found.number), Complaint.objects.filter(pk=found.pk)).exists():
        return True
    seen = visible_receipts(request.user, receipts_of(found).select_related("complaint__complainant"))
    return any(RECEIPT_POLICY.may(request.user, "read-matter", receipt) for receipt in seen)
