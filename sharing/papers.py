"""Papers of applications, needs and answers: taken in before their act, read by whom they concern (第十五条).

An application's are for both agencies and for who coordinates, a need's for both agencies and for who confirms whose it
is; an answer's are its own agency's until it is given.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.core.files.base import File
from django.db.models import Model
from django.utils.translation import gettext as _

from guiyang_data.accounts.models import User
from guiyang_data.attachments import selectors as attachments
from guiyang_data.attachments import services
from guiyang_data.attachments.models import DRAFT, Attachment
from guiyang_data.errors import NotSeen, RuleBroken
from guiyang_data.ledger.services import subject_of
from sharing.models import DataNeed, NeedAssignment, SharingApplication
from sharing.needs.policies import NEED_POLICY, reads_answer_papers, visible_needs
from sharing.policies import APPLICATION_POLICY, visible_applications
from sharing.workflow import APPLY

PURPOSE = "sharing"
Shown = dict[str, Any]


def draft_of(user: User) -> str:
    """What the files belong to that a person or a system sent for an act not done yet."""
    return f"{DRAFT}sharing:{user.pk}"


def take_in_for(user: User, files: Iterable[File], *, at: dt.datetime) -> list[Attachment]:
    """Take files in for what is filed or answered next."""
    subject = f"{draft_of(user)}:{uuid.uuid4().hex}"
    return [services.take_in(one, subject=subject, by=user, at=at, purpose=PURPOSE) for one in files]


def own_drafts(user: User, ids: Sequence[uuid.UUID]) -> list[Attachment]:
    """Files that the same person or system sent before. RuleBroken where one is not there."""
    found = list(Attachment.objects.filter(pk__in=ids, subject__startswith=f"{draft_of(user)}:", uploaded_by=user))
    if len(found) != len(set(ids)):
        message = _("有附件不存在，或者已用于其他事项。请重新上传后再办理。")
        raise RuleBroken(message, basis=APPLY, fields={"papers": message})
    return found


def papers_of(user: User, case: SharingApplication | DataNeed, *, path: str) -> list[Shown]:
    """The papers of an application or a need, as parts/attachments.html shows them; none for who may not read them.

    ``path``: the address of one, with its id in the place of ``{}``.
    """
    if not _may_read(user, case):
        return []
    return [_shown(paper, path) for paper in attachments.of(subject_of(case))]


def papers_of_answers(user: User, asked: Iterable[NeedAssignment], *, path: str) -> dict[int, list[Shown]]:
    """The papers of answers to needs, drafted ones too, by assignment; none for who may not read them. One query."""
    readable = {subject_of(one): one.pk for one in asked if _may_read(user, one)}
    found = attachments.of_all(readable)
    return {readable[subject]: [_shown(paper, path) for paper in papers] for subject, papers in found.items()}


def _shown(paper: Attachment, path: str) -> Shown:
    return {"id": paper.pk, "name": paper.name, "size": paper.size, "private": True, "url": path.format(paper.pk)}


def find_paper(user: User, pk: uuid.UUID) -> Attachment:
    """A paper that ``user`` may read, or ``NotSeen``."""
    found = Attachment.objects.filter(pk=pk).first()
    label, _colon, key = found.subject.partition(":") if found else ("", "", "")
    case = _FOUND[label](user, int(key)) if label in _FOUND and key.isdigit() else None
    if found is None or case is None or not _may_read(user, case):
        raise NotSeen(_("没有这份附件，或者您不能查看。"))
    return found


def _may_read(user: User, case: SharingApplication | DataNeed | NeedAssignment) -> bool:
    if isinstance(case, NeedAssignment):
        return reads_answer_papers(user, case)
    policy = NEED_POLICY if isinstance(case, DataNeed) else APPLICATION_POLICY
    return policy.may(user, "read-papers", case)


def _application(user: User, pk: int) -> SharingApplication | None:
    return visible_applications(user, SharingApplication.objects.all()).filter(pk=pk).first()


def _need(user: User, pk: int) -> DataNeed | None:
    return visible_needs(user, DataNeed.objects.select_related("requester")).filter(pk=pk).first()


def _answer(user: User, pk: int) -> NeedAssignment | None:
    rows = NeedAssignment.objects.select_related("need__requester")
    return rows.filter(pk=pk, need__in=visible_needs(user, DataNeed.objects.all()).values("pk")).first()


def _label(model: type[Model]) -> str:
    return model._meta.label_lower


_FOUND: dict[str, Callable[[User, int], SharingApplication | DataNeed | NeedAssignment | None]] = {
    _label(SharingApplication): _application,
    _label(DataNeed): _need,
    _label(NeedAssignment): _answer,
}
