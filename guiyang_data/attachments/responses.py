"""Hand a file out, so that a browser only ever saves it."""

from __future__ import annotations

from django.http import FileResponse
from django.utils.translation import gettext as _

from guiyang_data.attachments.models import Attachment
from guiyang_data.errors import NotSeen


def download(attachment: Attachment) -> FileResponse:
    """The file under its own name (RFC 5987 for Chinese), never shown inside the portal's pages.

    The caller has asked its policy. A file that is gone from the store is a ``NotSeen``.
    """
    try:
        content = attachment.file.open("rb")
    except FileNotFoundError as error:
        raise NotSeen(_("这个附件的文件暂时取不到。请稍后再试，或联系平台运行单位。")) from error
    response = FileResponse(content, as_attachment=True, filename=attachment.name, content_type=attachment.media_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store" if attachment.is_private else "public, max-age=3600"
    return response
