"""Papers of an application: taken in before it is filed, read by both agencies and by who coordinates (第十五条)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.files.base import File
from django.utils.translation import gettext as _

from guiyang_data.accounts.models import User
from guiyang_data.attachments import selectors as attachments
from guiyang_data.attachments import services
from guiyang_data.attachments.models import DRAFT, Attachment
from guiyang_data.errors import NotSeen, RuleBroken
from guiyang_data.ledger.services import subject_of
from sharing.models import SharingApplication
from sharing.policies import APPLICATION_POLICY, visible_applications
from sharing.workflow import APPLY

PURPOSE = "sharing"


def draft_of(user: User) -> str:
    """What the files belong to that a person or a system sent for an application not filed yet."""
    return f"{DRAFT}sharing:{user.pk}"


def take_in_for(user: User, files: Iterable[File], *, at: dt.datetime) -> list[Attachment]:
    """Take files in for an application that is filed next."""
    subject = f"{draft_of(user)}:{uuid.uuid4().hex}"
    return [services.take_in(one, subject=subject, by=user, at=at, purpose=PURPOSE) for one in files]


def own_drafts(user: User, ids: Sequence[uuid.UUID]) -> list[Attachment]:
    """Files that the same person or system sent before. RuleBroken where one is not there."""
    found = list(Attachment.objects.filter(pk__in=ids, subject__startswith=f"{draft_of(user)}:", uploaded_by=user))
    if len(found) != len(set(ids)):
        message = _("有附件不存在，或者已用于其他申请。请重新上传后再提出申请。")
        raise RuleBroken(message, basis=APPLY, fields={"papers": message})
    return found


def papers_of(user: User, case: SharingApplication, *, path: str) -> list[dict[str, Any]]:
    """An application's papers, as parts/attachments.html shows them; none for who may not read them.

    ``path``: the address of one, with its id in the place of ``{}``.
    """
    if not APPLICATION_POLICY.may(user, "read-papers", case):
        return []
    return [
        {"id": paper.pk, "name": paper.name, "size": paper.size, "private": True, "url": path.format(paper.pk)}
        for paper in attachments.of(subject_of(case))
    ]


def find_paper(user: User, pk: uuid.UUID) -> Attachment:
    """A paper of an application whose papers ``user`` may read, or ``NotSeen``."""
    found = Attachment.objects.filter(pk=pk).first()
    label, _colon, key = found.subject.partition(":") if found else ("", "", "")
    if found is None or label != SharingApplication._meta.label_lower or not key.isdigit():
        raise NotSeen(_("没有这份附件，或者您不能查看。"))
    case = visible_applications(user, SharingApplication.objects.all()).filter(pk=int(key)).first()
    if case is None or not APPLICATION_POLICY.may(user, "read-papers", case):
        raise NotSeen(_("没有这份附件，或者您不能查看。"))
    return found
