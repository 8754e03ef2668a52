"""Looking into a file, answering for what was found, and putting a cleaned copy in its place."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from guiyang_data.accounts.models import User
from guiyang_data.attachments.inspection.apart import clean_apart, inspect_apart
from guiyang_data.attachments.inspection.findings import NOT_CHECKED, TOOL, Finding, Unreadable
from guiyang_data.attachments.models import Attachment, Inspection, InspectionFinding
from guiyang_data.attachments.services.taking import take_in
from guiyang_data.errors import RuleBroken

LEAST_REASON = 5
"""Characters below which a reason says nothing."""
CLEANED = "（清理后）"


def inspect(attachment: Attachment, *, at: dt.datetime) -> Inspection:
    """Look into a file and keep what was found. Takes up to ``apart.SECONDS``, so call it outside a transaction.

    The same content under the same kind of name is not looked into twice by the same version of the inspection.
    """
    known = _known(attachment)
    found = [_told(row) for row in known.findings.all()] if known else _looked(attachment)
    with transaction.atomic():
        inspection = Inspection.objects.create(
            attachment=attachment, sha256=attachment.sha256, tool=TOOL, inspected_at=at
        )
        InspectionFinding.objects.bulk_create(
            InspectionFinding(inspection=inspection, **finding.as_dict()) for finding in found
        )
    return inspection


def _known(attachment: Attachment) -> Inspection | None:
    same = Inspection.objects.filter(
        sha256=attachment.sha256, tool=TOOL, attachment__name__endswith=PurePosixPath(attachment.name).suffix
    )
    # what could not be read is tried again
    return same.exclude(findings__code=NOT_CHECKED).prefetch_related("findings").last()


def _told(row: InspectionFinding) -> Finding:
    return Finding(code=row.code, place=row.place, count=row.count, sample=row.sample, is_hidden=row.is_hidden)


def _looked(attachment: Attachment) -> list[Finding]:
    try:
        with local_copy(attachment) as path:
            return inspect_apart(path, attachment.name)
    except FileNotFoundError:
        return [Finding(code=NOT_CHECKED, place="文件", sample="文件暂时取不到", is_hidden=True)]


@contextmanager
def local_copy(attachment: Attachment) -> Iterator[Path]:
    """The content as a file of this machine, wherever it is stored."""
    with attachment.file.open("rb") as content, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "content"
        with path.open("wb") as copy:
            for chunk in content.chunks():
                copy.write(chunk)
        yield path


@transaction.atomic
def confirm(
    *, inspection: Inspection, findings: Collection[int], by: User, reasons: str, at: dt.datetime
) -> list[InspectionFinding]:
    """Somebody answers for findings with a reason; for numbers of persons in unseen places nobody can."""
    # compared here, since an id may be a number that fits no column
    waiting = inspection.findings.select_for_update().filter(confirmed_by=None)
    rows = [row for row in waiting if row.pk in set(findings)]
    wrong: dict[str, str] = {}
    if not rows or len(rows) != len(set(findings)):
        wrong["findings"] = _("请选择要确认的内容；已经确认过的不用再选。")
    elif any(row.must_go for row in rows):
        wrong["findings"] = _("看不到的位置里有个人号码的，不能确认，请换成清理后的文件。")
    if len(reasons.strip()) < LEAST_REASON:
        wrong["reasons"] = _("请写明为什么可以原样送出，至少 %(least)d 个字。") % {"least": LEAST_REASON}
    if wrong:
        raise RuleBroken(_("有内容需要补充或者更正，附件没有改动。"), fields=wrong)
    for row in rows:
        row.confirmed_by, row.confirmed_at, row.reasons = by, at, reasons.strip()[:500]
        row.save(update_fields=["confirmed_by", "confirmed_at", "reasons"])
    return rows


def cleaned_content(attachment: Attachment) -> bytes:
    """The file without what its reader does not see; ``RuleBroken`` says why there can be none.

    Takes as long as an inspection, so call it outside a transaction.
    """
    try:
        with local_copy(attachment) as path:
            target = path.with_name("cleaned")
            clean_apart(path, attachment.name, target)
            return target.read_bytes()
    except FileNotFoundError as error:
        raise RuleBroken(_("这个附件的文件暂时取不到。请稍后再试。")) from error
    except Unreadable as error:
        reason = _("「%(name)s」没有清理成：%(reason)s。原来的附件没有改动。")
        raise RuleBroken(reason % {"name": attachment.name, "reason": error}) from error


def keep_cleaned(attachment: Attachment, content: bytes, *, by: User, at: dt.datetime) -> Attachment:
    """Put a cleaned copy in the place of a file; the file itself goes."""
    path = PurePosixPath(attachment.name)
    stem = path.stem.removesuffix(CLEANED)
    made = take_in(
        ContentFile(content, name=f"{stem}{CLEANED}{path.suffix}"),
        subject=attachment.subject,
        by=by,
        at=at,
        is_private=attachment.is_private,
        purpose=attachment.purpose,
    )
    remove(attachment)
    return made


def remove(attachment: Attachment) -> None:
    """Take a file off a draft. Its content goes once the act is done for good."""
    file, name = attachment.file, str(attachment.file.name)
    attachment.delete()
    transaction.on_commit(lambda: file.storage.delete(name))
