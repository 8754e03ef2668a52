"""What a reply says (第二十一条第一款), and what each ground of a refusal has to show (第十八条第一款)."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone

from guiyang_data.accounts.models import Agency
from guiyang_data.errors import RuleBroken
from opendata.models import OpenDataset
from opendata.selectors import open_datasets
from requests_app.models import OpenRequest, Reply, ReplyBatch, ReviewApplication
from requests_app.services.parties import LEAST_REASONS
from requests_app.services.public_words import numbers_told
from requests_app.workflow import GROUNDS, ONCE_TREATED, REQUEST

REFER = "refer"
"""The outcome of a reply that refers to one already given to another applicant: it takes over that one's."""
LEAST_SEARCH = 4
PROOFS = ("searched_on", "searched_where", "holder", "dataset", "why_still_closed")
NAMED = re.compile(r"《([^《》]+)》")
_G = Reply.Ground
TREATABLE = frozenset({_G.STATE_SECRET.value, _G.TRADE_SECRET.value, _G.PRIVACY.value})
"""Grounds under which data opens all the same once it is lawfully declassified, or treated so that it is fit for it
(第十八条第二款). What a law or a regulation forbids stays closed."""


@dataclass(frozen=True, kw_only=True)
class ReplyText:
    """What a reply says. ``ground`` and ``reasons`` belong to what is refused, ``agreed_to`` to what is agreed.

    The proof goes with the ground: ``searched_on`` and ``searched_where`` (not held), ``holder`` (another agency's),
    ``dataset`` (already open), else ``ground_basis``; for items 1 to 3 of 第十八条第一款 ``why_still_closed`` too: why
    desensitizing it would not do, of a state secret whether it was declassified. ``answered_by``: the number of the
    request whose delivered reply is this one's too, with ``outcome`` ``REFER`` and the reasons why it fits.
    """

    outcome: str
    agreed_to: str = ""
    agreed_part: str = ""
    ground: str = ""
    ground_basis: str = ""
    reasons: str = ""
    searched_on: dt.date | None = None
    searched_where: str = ""
    holder: Agency | None = None
    dataset: OpenDataset | None = None
    why_still_closed: str = ""
    answered_by: str = ""

    def check(self) -> dict[str, str]:
        """What is missing, or says too much of a person, by field name."""
        words = ("agreed_part", "ground_basis", "reasons", "searched_where", "why_still_closed")
        return numbers_told({name: getattr(self, name) for name in words}) | self._missing()

    def _missing(self) -> dict[str, str]:
        if self.outcome == REFER:
            return self._wrong_reference()
        if self.outcome not in Reply.Outcome.values:
            return {"outcome": "请选择同意、部分同意或者不同意。"}
        wrong: dict[str, str] = {}
        if self.outcome != Reply.Outcome.REFUSE and self.agreed_to not in Reply.AgreedTo.values:
            wrong["agreed_to"] = "请选择同意列入目录，还是同意开放。"
        if self.outcome == Reply.Outcome.AGREE_IN_PART and not self.agreed_part.strip():
            wrong["agreed_part"] = "请写明同意的是哪一部分。"
        return wrong if self.outcome == Reply.Outcome.AGREE else wrong | self._wrong_refusal()

    def _wrong_reference(self) -> dict[str, str]:
        wrong: dict[str, str] = {}
        if not self.answered_by.strip():
            wrong["answered_by"] = "请填写已作出答复的那一件申请的编号，例如 GY-2026-00001。"
        if len(self.reasons.strip()) < LEAST_REASONS:
            wrong["reasons"] = f"请写明为什么那一份答复也适用于这件申请，至少 {LEAST_REASONS} 个字。"
        return wrong

    def _wrong_refusal(self) -> dict[str, str]:
        wrong: dict[str, str] = {}
        if self.ground not in Reply.Ground.values:
            wrong["ground"] = "请选择不同意的情形。持有而不开放的，应当属于第十八条第一款的四项之一。"
        if len(self.reasons.strip()) < LEAST_REASONS:
            wrong["reasons"] = f"不同意的应当说明理由，至少 {LEAST_REASONS} 个字。没有理由不能送达。"
        return wrong | self._wrong_proof()

    def _wrong_proof(self) -> dict[str, str]:
        if self.ground == _G.NOT_HELD:
            return self._wrong_search()
        if self.ground == _G.ELSEWHERE:
            words = "请选择这项数据属于哪个机关。能转办的，可以直接转办，期限不重新计算。"
            return {} if self.holder else {"holder": words}
        if self.ground == _G.ALREADY_OPEN:
            return {} if self.dataset else {"dataset": "请填写已经开放的数据集的网址，例如 /data/bus-stops/。"}
        return self._wrong_basis() | self._wrong_treatment()

    def _wrong_basis(self) -> dict[str, str]:
        if not self.ground_basis.strip():
            return {"ground_basis": "请写明依据：法律、法规的名称和条款，或者证明。"}
        if self.ground == _G.FORBIDDEN and not _cites_law(self.ground_basis):
            words = "这一项只能依据法律、法规，例如《中华人民共和国测绘法》。规章、通知和内部文件不能作为依据。"
            return {"ground_basis": words}
        return {}

    def _wrong_treatment(self) -> dict[str, str]:
        said = self.why_still_closed.strip()
        if self.ground not in TREATABLE:
            return {}
        if self.ground == _G.STATE_SECRET:  # nobody writes more about a live secret than that it is one
            words = "请写明是否已经解密。没有解密的，写「尚未解密」即可；请不要写秘密的内容。"
            return {} if said else {"why_still_closed": words}
        if len(said) >= LEAST_REASONS:
            return {}
        words = f"请写明为什么脱敏、脱密后仍不能开放，至少 {LEAST_REASONS} 个字。处理后符合开放条件的，应当开放。"
        return {"why_still_closed": words}

    def _wrong_search(self) -> dict[str, str]:
        wrong: dict[str, str] = {}
        if len(self.searched_where.strip()) < LEAST_SEARCH:
            wrong["searched_where"] = "请写明检索了哪些系统、档案或者处室。"
        if self.searched_on is None:
            wrong["searched_on"] = "请写明检索的日期。"
        return wrong

    def wrong_for(self, request: OpenRequest, at: dt.datetime) -> dict[str, str]:
        """What does not fit this request, by field name; asked once nothing is missing."""
        if self.ground == _G.ELSEWHERE and self.holder is not None and self.holder.pk == request.agency_id:
            return {"holder": "请选择其他机关。数据是本机关的，应当答复是否开放。"}
        if self.ground == _G.ALREADY_OPEN and self.dataset is not None and not is_open(self.dataset):
            return {"dataset": "这个数据集没有开放，或者已经撤回。请核对网址。"}
        if self.searched_on is not None and self.searched_on > timezone.localtime(at).date():
            return {"searched_on": "检索日期不能晚于今天。"}
        return {}

    def basis(self, wrong: dict[str, str]) -> object:
        """The article that a refusal of this text rests on."""
        if {"ground", "ground_basis"} & set(wrong):
            return GROUNDS
        return ONCE_TREATED if "why_still_closed" in wrong else REQUEST

    def stored(self) -> dict[str, Any]:
        """The values of the model's fields; what does not belong to the outcome or the ground is left out."""
        agrees, refuses = self.outcome != Reply.Outcome.REFUSE, self.outcome != Reply.Outcome.AGREE
        in_part = self.outcome == Reply.Outcome.AGREE_IN_PART
        ground = self.ground if refuses else ""
        is_search = ground == _G.NOT_HELD
        return {
            "outcome": self.outcome,
            "agreed_to": self.agreed_to if agrees else "",
            "agreed_part": self.agreed_part.strip() if in_part else "",
            "ground": ground,
            "ground_basis": self.ground_basis.strip() if refuses else "",
            "reasons": self.reasons.strip(),
            "searched_on": self.searched_on if is_search else None,
            "searched_where": self.searched_where.strip() if is_search else "",
            "holder": self.holder if ground == _G.ELSEWHERE else None,
            "dataset": self.dataset if ground == _G.ALREADY_OPEN else None,
            "why_still_closed": self.why_still_closed.strip() if ground in TREATABLE else "",
        }


def treatment_question(ground: str) -> str:
    """What ``why_still_closed`` answers, in words."""
    return "是否解密" if ground == _G.STATE_SECRET else "为什么脱敏、脱密后仍不能开放"


def require_treatment_said(draft: Reply | ReplyBatch) -> None:
    """A draft from before this was asked may lack it: it does not leave but goes back (第十八条第二款)."""
    if not _lacks_treatment(draft):
        return
    lacking = f"没有写明「{treatment_question(draft.ground)}」"
    if isinstance(draft, ReplyBatch):
        words = f"这一批草稿{lacking}，不能送达。请用「全部退回修改」退回起草人，补填这一项后再报请审批。"
    elif draft.refers_to is not None:
        number = draft.refers_to.request.number
        words = f"这份草稿引用的 {number} 的答复{lacking}，不能送达。请用「退回修改」退回起草人，不引用，直接起草答复。"
    else:
        words = f"这份草稿{lacking}，不能送达。请用「退回修改」退回起草人，补填这一项后再报请审批。"
    raise RuleBroken(f"{words}草稿没有改动，期限继续计算。", basis=ONCE_TREATED)


def _lacks_treatment(said: Reply | ReplyBatch) -> bool:
    return said.ground in TREATABLE and not said.why_still_closed


def is_open(dataset: OpenDataset) -> bool:
    """Whether everyone can get it now."""
    return open_datasets().filter(pk=dataset.pk).exists()


def _cites_law(text: str) -> bool:
    """Whether a law or a regulation is named: 《…法》 or 《…条例》, not 《…办法》."""
    names = [name for name in NAMED.findall(text) if not name.endswith("办法")]
    return any(name.endswith(("法", "条例")) for name in names)


@dataclass(frozen=True, kw_only=True)
class Referred:
    """A text that takes over what was answered elsewhere, and the reply it was taken from."""

    text: ReplyText
    reply: Reply | None = None
    wrong: str = ""


def referred(text: ReplyText, request: OpenRequest) -> Referred:
    """The text of a reply that refers to another: outcome, ground and proof are that one's, the reasons its own."""
    if text.outcome != REFER:
        return Referred(text=text)
    rows = Reply.objects.filter(request__number=text.answered_by.strip().upper(), delivered_on__isnull=False)
    found = rows.select_related("request", "refers_to__request", "holder", "dataset").order_by("-round").first()
    wrong = _wrong_reply(found, request)
    if found is None or wrong:
        return Referred(text=text, wrong=wrong)
    taken = {name: getattr(found, name) for name in ("outcome", "agreed_to", "agreed_part", "ground", "ground_basis")}
    taken |= {name: getattr(found, name) for name in PROOFS}
    return Referred(text=replace(text, **taken), reply=found)


def _wrong_reply(found: Reply | None, request: OpenRequest) -> str:
    if found is None:
        return "没有找到这个编号的已送达答复。请核对编号；还没有送达的不能引用。"
    if found.request_id == request.pk:
        return "请填写另一件申请的编号。"
    if found.agency_id != request.agency_id:
        return f"那一份答复由{found.agency.name}作出。只能引用本机关的答复；数据属于其他机关的，请转办。"
    if found.refers_to is not None:
        return f"那一份答复引用的是 {found.refers_to.request.number}，请直接填写这个编号。"
    if _lacks_treatment(found):
        question = treatment_question(found.ground)
        return f"那一份答复没有写明「{question}」，不能引用。请不引用，直接起草这件申请的答复。"
    undone = ReviewApplication.objects.filter(reply=found).exclude(outcome__in=["", ReviewApplication.Outcome.UPHOLD])
    if undone.exists():
        return "那一份答复已被复核变更或者要求重新答复，不能引用。"
    return ""
