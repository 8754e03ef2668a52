"""Papers of a report, for whoever reported and those who check it."""

from __future__ import annotations

import uuid

from django.http import FileResponse, HttpRequest
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from guiyang_data.attachments.models import Attachment
from guiyang_data.attachments.responses import download
from guiyang_data.errors import NotSeen
from requests_app.corrections.models import CorrectionReport
from requests_app.corrections.policies import CORRECTION_POLICY
from requests_app.corrections.visitors import principal_for


@require_safe
def paper(request: HttpRequest, pk: uuid.UUID) -> FileResponse:
    """A paper of a report that one made, or checks."""
    attachment = Attachment.objects.filter(pk=pk).first()
    if attachment is None or not _may_read(request, attachment):
        raise NotSeen(_("没有这份材料，或者您不能查看。材料只提供给反馈人和提供机关。"))
    return download(attachment)


def _may_read(request: HttpRequest, attachment: Attachment) -> bool:
    label, _colon, key = attachment.subject.partition(":")
    if label != CorrectionReport._meta.label_lower or not key.isdigit():
        return False
    report = CorrectionReport.objects.select_related("reporter").filter(pk=int(key)).first()
    return report is not None and CORRECTION_POLICY.may(principal_for(request, report.number), "read-rows", report)
