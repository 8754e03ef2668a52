"""Finding what a page is about, and the acts that may be done on it; pages and API ask here."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guiyang_data.accounts.policies import Principal
from guiyang_data.errors import NotSeen
from guiyang_data.faces.acts import Act, acts
from guiyang_data.statute.selectors import length_text
from oversight import policies
from oversight.models import Breach, Escalation, Finding, RectificationOrder
from oversight.selectors import escalations_in_sight, findings_in_sight, orders_in_sight
from oversight.workflow import ESCALATIONS, FINDINGS, ORDERS, RECOMMENDATIONS

UNSEEN = gettext_lazy("没有找到这一监督事项，或者它不在您的监督范围内。请从「监督」列表重新打开。")

NOT_STATUTORY = gettext_lazy(
    "办理投诉举报的 15 日是平台的服务目标，不是法定期限。是否属于第三十条第（八）项，由认定的人依据事实判断。"
)

_ITEMS = dict(enumerate("一二三四五六七八九", start=1))


def article_of(finding: Finding) -> str:
    """``第三十条第（六）项``."""
    return f"第三十条第（{_ITEMS[finding.item]}）项"


def note_on_target(finding: Finding) -> str:
    """That the time which ran out is a target of the portal's, before somebody decides; empty where it is the law's."""
    clock = finding.clock
    if clock is None or clock.statutory:
        return ""
    if clock.kind == "complaint":
        return str(NOT_STATUTORY)
    said = {
        "label": clock.definition.label,
        "length": length_text(clock.rule),
        "article": clock.rule.article,
        "item": article_of(finding),
    }
    return (
        _(
            "「%(label)s」的 %(length)s是平台的服务目标，不是法定期限；%(article)s没有规定天数。"
            "是否属于%(item)s，由认定的人依据事实判断。"
        )
        % said
    )


def find_escalation(user: Principal, pk: int) -> Escalation:
    """The escalation, where ``user`` sees it; ``NotSeen`` otherwise."""
    found = escalations_in_sight(user).filter(pk=pk).first()
    if found is None:
        raise NotSeen(str(UNSEEN))
    return found


def find_finding(user: Principal, pk: int) -> Finding:
    """The finding, where ``user`` sees it; ``NotSeen`` otherwise."""
    found = findings_in_sight(user).filter(pk=pk).first()
    if found is None:
        raise NotSeen(str(UNSEEN))
    return found


def find_order(user: Principal, number: str) -> RectificationOrder:
    """The order, where ``user`` sees it; ``NotSeen`` otherwise."""
    found = orders_in_sight(user).filter(number=number).first()
    if found is None:
        raise NotSeen(str(UNSEEN))
    return found


def escalation_acts(user: Principal, escalation: Escalation, base: str = "") -> list[Act]:
    """What ``user`` may do on an escalation. A case that still runs can be urged, not concluded."""
    base = base or escalation.get_absolute_url()
    return acts(
        user,
        escalation,
        status=escalation.status,
        workflow=ESCALATIONS,
        policy=policies.POLICY,
        url=lambda verb: f"{base}{verb}/",
        hidden=_hidden(escalation),
    )


def _hidden(escalation: Escalation) -> list[str]:
    """A running case is not concluded; only an ignored complaint is found under item 8 by hand, once."""
    clock = escalation.clock
    hidden = ["conclude"] if clock.is_running else []
    ignored = clock.kind == "complaint" and clock.is_running
    if not ignored or any(finding.item == Breach.COMPLAINTS for finding in clock.findings.all()):
        hidden.append("find-ignored")
    return hidden


def finding_acts(user: Principal, finding: Finding, base: str = "") -> list[Act]:
    """What ``user`` may do on a finding."""
    base = base or finding.get_absolute_url()
    return acts(
        user,
        finding,
        status=finding.status,
        workflow=FINDINGS,
        policy=policies.POLICY,
        url=lambda verb: f"{base}{verb}/",
    )


def order_acts(user: Principal, order: RectificationOrder, base: str = "") -> list[Act]:
    """What ``user`` may do on an order, and on the recommendation drafted when it ran out."""
    base = base or order.get_absolute_url()
    found = acts(
        user,
        order,
        status=order.status,
        workflow=ORDERS,
        policy=policies.POLICY,
        url=lambda verb: f"{base}{verb}/",
    )
    recommendation = getattr(order, "recommendation", None)
    if recommendation is not None:
        found += acts(
            user,
            recommendation,
            status=recommendation.status,
            workflow=RECOMMENDATIONS,
            policy=policies.POLICY,
            url=lambda verb: f"{base}{verb}/",
        )
    return found
