"""The kept file of a document: handed out only as it was issued."""

from __future__ import annotations

import hashlib

from guiyang_data.attachments.models import Attachment
from guiyang_data.errors import Unavailable
from sharing.edocuments.workflow import AS_THE_ORIGINAL
from sharing.models import EDocument


def whole_file(document: EDocument) -> Attachment:
    """The file, after its bytes were held against the checksum of its issue.

    Unavailable where they are others or gone: what was changed in the store must not be taken for the document.
    """
    found = document.file
    if found is not None and _sha256(found) == document.sha256:
        return found
    raise Unavailable(
        "这份电子文书的文件与签发时不一致或者取不到，暂停提供。请联系平台运行单位，恢复后再取用。",
        basis=AS_THE_ORIGINAL,
    )


def _sha256(attachment: Attachment) -> str:
    digest = hashlib.sha256()
    try:
        with attachment.file.open("rb") as content:
            for part in content.chunks():
                digest.update(part)
    except FileNotFoundError:
        return ""
    return digest.hexdigest()
