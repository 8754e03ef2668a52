"""How the papers of a drafted reply stand: looked into or not, and what nobody has answered for yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from guiyang_data.attachments.inspection.findings import CLEANABLE
from guiyang_data.attachments.models import Attachment, Inspection, InspectionFinding
from guiyang_data.attachments.selectors import inspected, uncleared
from guiyang_data.ledger.services import subject_of
from requests_app.models import Reply


@dataclass(frozen=True, kw_only=True)
class PaperCheck:
    """One paper of a draft with its latest inspection."""

    paper: Attachment
    inspection: Inspection | None

    @property
    def findings(self) -> list[InspectionFinding]:
        """Everything that was found."""
        return list(self.inspection.findings.all()) if self.inspection else []

    @property
    def open(self) -> list[InspectionFinding]:
        """What nobody has answered for."""
        return uncleared(self.inspection)

    @property
    def must_go(self) -> bool:
        """Whether nothing helps but another file."""
        return any(finding.must_go for finding in self.open)

    @property
    def confirmable(self) -> list[InspectionFinding]:
        """What somebody may still answer for."""
        return [finding for finding in self.open if not finding.must_go]

    @property
    def is_clear(self) -> bool:
        """Whether it may leave."""
        return self.inspection is not None and not self.open

    @property
    def is_shared(self) -> bool:
        """Whether it leaves with every reply of a batch."""
        return self.paper.subject.startswith("requests_app.replybatch:")

    @property
    def can_be_cleaned(self) -> bool:
        """Whether a cleaned copy of this kind of file can be made, and would be of use."""
        extension = self.paper.name.rsplit(".", 1)[-1].lower()
        return extension in CLEANABLE and any(finding.is_hidden for finding in self.findings)

    @property
    def words(self) -> str:
        """How it stands, in words."""
        if self.inspection is None:
            return _("还没有检查")
        if self.must_go:
            return _("看不到的位置里有个人号码，须换文件")
        if self.open:
            return _("%(count)d 项待处理") % {"count": len(self.open)}
        return _("检出的内容已确认") if self.findings else _("没有检出")

    @property
    def state(self) -> str:
        """Late, near or on time, as tags are coloured."""
        if self.is_clear:
            return "on_time"
        return "late" if self.must_go else "near"


def paper_checks(reply: Reply) -> list[PaperCheck]:
    """The papers that leave with a reply, those it shares with others included, and how each stands."""
    subjects = [subject_of(reply)] + ([subject_of(reply.batch)] if reply.batch is not None else [])
    return [PaperCheck(paper=paper, inspection=known) for paper, known in inspected(*subjects)]


def in_the_way(checks: Iterable[PaperCheck]) -> str:
    """What keeps papers from leaving, as one sentence to whoever would deliver them; empty where nothing does."""
    waiting = [f"「{check.paper.name}」{check.words}" for check in checks if not check.is_clear]
    if not waiting:
        return ""
    return _("附件%(papers)s。请先在「附件检查」中处理，再送达。草稿没有改动。") % {"papers": "；".join(waiting)}
