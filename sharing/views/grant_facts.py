"""What a grant says, as a list of facts for its page and the pages of its acts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from guiyang_data.faces.text import thousands, zh_date
from guiyang_data.timekeeping import now
from sharing.limits import rows_left
from sharing.models import SharingGrant
from sharing.rights import terms_of
from sharing.services.verification import said_of
from sharing.views.shared import condition_text, link, named, span, ways_text
from sharing.workflow import GrantStatus


def grant_facts(grant: SharingGrant, names: dict[str, str]) -> list[tuple[Any, ...]]:
    """What the grant says."""
    left = rows_left(grant, at=now())
    per_day = (
        _("不限")
        if left is None
        else _("%(most)s 行，今天还可读取 %(left)s 行")
        % {
            "most": thousands(grant.rows_per_day or 0),
            "left": thousands(left),
        }
    )
    facts: list[tuple[Any, ...]] = [
        (_("需求机关"), grant.grantee.name),
        (_("提供机关"), grant.entry.provider.name),
        (_("数据"), link(reverse("sharing:entry", args=[grant.entry_id]), grant.title)),
        (_("来源"), source_of(grant)),
        (_("信息项"), named(grant.items, names)),
        (_("数据范围"), condition_text(grant.row_condition, names)),
        (_("所履行的职责"), grant.duty),
        (_("用途"), grant.purpose),
        (_("有效期"), span(grant.valid_from, grant.valid_until)),
        (_("提供方式"), ways_text(grant.ways)),
        (_("每日行数上限"), per_day),
        (_("每分钟次数上限"), _("%(calls)s 次") % {"calls": thousands(grant.calls_per_minute)}),
        (_("调用系统"), grant.system.name if grant.system else _("不限定")),
        (_("可以读取之日"), zh_date(grant.supplied_on, with_year=True) if grant.supplied_on else _("等待提供数据")),
    ]
    facts += verification_facts(grant, names)
    stopped = grant.standing.status_reasons if grant.standing and grant.standing.status != GrantStatus.ACTIVE else ""
    reasons = grant.status_reasons if grant.status != GrantStatus.ACTIVE else stopped
    return [*facts, *([(_("理由"), reasons)] if reasons else [])]


def source_of(grant: SharingGrant) -> Any:
    """Where a grant comes from: an application, or an authorisation given in advance."""
    if grant.source is not None:
        return link(grant.source.get_absolute_url(), grant.source.number)
    return link(grant.standing.get_absolute_url(), _("按类别预先授权")) if grant.standing else _("预先授权")


def verification_facts(grant: SharingGrant, names: dict[str, str]) -> list[tuple[Any, ...]]:
    """What a grant lets its holder verify, among its facts."""
    said = said_of(terms_of(grant))
    misses = _("，每小时不相符 %(misses)s 个") % {"misses": said["most_misses"]} if said else ""
    return terms_facts(said, names, misses)


def terms_facts(said: Mapping[str, Any], names: dict[str, str], more: str = "") -> list[tuple[Any, ...]]:
    """Terms of verification, as an application asks for them or a grant has them; none where there are none."""
    if not said:
        return []
    return [
        (_("核验：用以查找"), named(said["key_items"], names)),
        (_("核验：只核对不显示"), named(said["compared_items"], names) or _("没有")),
        (_("核验：可以答复"), named(said["answered_items"], names) or _("没有")),
        (_("核验限额"), _("每次最多 %(subjects)s 个") % {"subjects": said["most_subjects"]} + more),
    ]
