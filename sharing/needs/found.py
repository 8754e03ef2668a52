"""Finding what a page or a call about data needs is about, else ``NotSeen``."""

from __future__ import annotations

from django.utils.translation import gettext as _

from guiyang_data.accounts.models import Agency, User
from guiyang_data.errors import NotSeen
from sharing.models import DataNeed
from sharing.needs.policies import NEED_POLICY, visible_needs
from sharing.needs.selectors import needs_with_parties
from sharing.policies import working_agencies


def find_need(user: User, number: str) -> DataNeed:
    """A need that its reader sees."""
    found = visible_needs(user, needs_with_parties(DataNeed.objects.all())).filter(number=number).first()
    if found is None:
        raise NotSeen(_("没有找到这项数据需求，或者您不能查看。请返回清单重新选择。"))
    return found


def filing_agency(user: User) -> Agency:
    """The agency for which one files needs, one's own first; for everybody else the form is not there."""
    mine = Agency.objects.filter(pk__in=working_agencies(user)).order_by("pk")
    found = [agency for agency in mine if NEED_POLICY.may(user, "file-need", agency)]
    own = [agency for agency in found if user.agency is not None and agency.pk == user.agency.pk]
    if not found:
        raise NotSeen(_("数据需求由机关的数据管理员、审批人提出。"))
    return (own or found)[0]
