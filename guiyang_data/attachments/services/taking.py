"""One way to take files in, for pages and interfaces alike."""

from __future__ import annotations

import datetime as dt
import hashlib
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guiyang_data.accounts.models import User
from guiyang_data.attachments.kinds import ARCHIVES, KINDS, KINDS_IN_WORDS, kind_of
from guiyang_data.attachments.models import Attachment, InspectionFinding
from guiyang_data.errors import RuleBroken, WrongState

LONGEST_NAME = 120
NOTHING_LOST = gettext_lazy("其他已填内容都还在。")
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
"""Control and direction characters: with them a name can be shown as something else than it is."""


def take_in(
    uploaded_file: File,
    *,
    subject: str,
    by: User | None,
    at: dt.datetime,
    is_private: bool = True,
    purpose: str = "",
    archives: bool = False,
) -> Attachment:
    """Check a file and keep it under a random name; its own name is only kept to be shown.

    ``archives``: ZIP is taken as well, by an app that has its members looked into (``inspect``). ``by`` is nobody
    where a member of the public files without an account. The owning app asks its own policy first.
    A file that is empty, too large, of a kind that is not taken or not what its name says is a ``RuleBroken``.
    """
    name = clean_name(uploaded_file.name or "")
    extension = PurePosixPath(name).suffix.lower().removeprefix(".")
    if extension not in KINDS and not (archives and extension in ARCHIVES):
        raise _refused(_("不能接收「%(name)s」这种文件。请改用：%(kinds)s。") % {"name": name, "kinds": KINDS_IN_WORDS})
    size, digest = _measured(uploaded_file, name)
    kind = kind_of(extension, cast(BinaryIO, uploaded_file))
    if kind is None:
        raise _refused(
            _("「%(name)s」的内容与扩展名 .%(extension)s 不符，或含有宏。请用原程序另存为该格式后再上传。")
            % {"name": name, "extension": extension}
        )
    attachment = Attachment(
        name=name,
        size=size,
        sha256=digest,
        media_type=kind.media_type,
        subject=subject,
        purpose=purpose,
        is_private=is_private,
        uploaded_by=by,
        uploaded_at=at,
    )
    attachment.file.save(name, uploaded_file, save=False)
    attachment.save(force_insert=True)
    return attachment


@transaction.atomic
def adopt(attachments: Iterable[Attachment], subject: str) -> list[Attachment]:
    """Give files uploaded for a draft to the case it became.

    A file of another case is never taken over (``WrongState``, nothing changed); one the case already has stays.
    """
    wanted = [attachment.pk for attachment in attachments]
    rows = list(Attachment.objects.select_for_update().filter(pk__in=wanted))
    if any(not row.is_draft and row.subject != subject for row in rows):
        raise WrongState(_("有附件已属于另一事项，不能用在这里。请重新上传该文件。") + str(NOTHING_LOST))
    for row in rows:
        row.subject = subject
        row.save(update_fields=["subject"])
    return rows


@transaction.atomic
def copy(attachments: Iterable[Attachment], subject: str) -> list[Attachment]:
    """The same files once more for another case, which keeps its own whatever becomes of the first."""
    copies = []
    for row in attachments:
        twin = Attachment(
            name=row.name,
            size=row.size,
            sha256=row.sha256,
            media_type=row.media_type,
            subject=subject,
            purpose=row.purpose,
            is_private=row.is_private,
            uploaded_by=row.uploaded_by,
            uploaded_at=row.uploaded_at,
        )
        with row.file.open("rb") as content:
            twin.file.save(row.name, content, save=False)
        twin.save(force_insert=True)
        _copy_inspection(row, twin)
        copies.append(twin)
    return copies


def _copy_inspection(row: Attachment, twin: Attachment) -> None:
    """What is known about a file is known about its copy, and who answered for it did so for both."""
    latest = row.inspections.prefetch_related("findings").last()
    if latest is None:
        return
    findings = list(latest.findings.all())
    latest.pk, latest.attachment, latest._state.adding = None, twin, True
    latest.save(force_insert=True)
    for finding in findings:
        finding.pk, finding.inspection = None, latest
    InspectionFinding.objects.bulk_create(findings)


def clean_name(name: str) -> str:
    """The name to be shown: no folders, no invisible characters, at most 120 characters, the extension kept."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(" " if sign.isspace() else sign for sign in last if unicodedata.category(sign) not in INVISIBLE)
    path = PurePosixPath(" ".join(visible.split()).strip(". ") or _("未命名"))
    return path.stem[: LONGEST_NAME - len(path.suffix)].rstrip() + path.suffix


def _measured(uploaded_file: File, name: str) -> tuple[int, str]:
    """Size in bytes and SHA-256 of what really came, stopping as soon as it is too much."""
    limit = settings.ATTACHMENT_LIMIT_BYTES
    size, digest = 0, hashlib.sha256()
    uploaded_file.seek(0)
    for chunk in uploaded_file.chunks():
        size += len(chunk)
        digest.update(chunk)
        if size > limit:
            raise _refused(
                _("「%(name)s」超过 %(limit)d MB，没有上传。请压缩图片、拆成几个文件，或只传需要的几页。")
                % {"name": name, "limit": limit // (1024 * 1024)}
            )
    if size == 0:
        raise _refused(_("「%(name)s」是空文件，没有上传。请检查后重新选择。") % {"name": name})
    return size, digest.hexdigest()


def _refused(message: str) -> RuleBroken:
    return RuleBroken(message + str(NOTHING_LOST), fields={"file": message})
