"""To whom a complaint may go: the superiors, the supervisory organ, the municipal authority (第二十九条)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.counties import CITY_REGION, county_at
from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.selectors import municipal_authority, municipal_government, superiors_of
from oversight.complaints.models import Capacity

OUTSIDE: tuple[tuple[str, Capacity, str], ...] = (
    ("province", Capacity.SUPERIOR, "贵州省人民政府"),
    ("province-authority", Capacity.SUPERIOR, "贵州省大数据发展管理局"),
    ("supervisory", Capacity.SUPERVISORY, "贵阳市监察委员会"),
    ("province-supervisory", Capacity.SUPERVISORY, "贵州省监察委员会"),
)
"""Organs that do not work in the portal: key, as what they receive, name."""
OTHER = "other"
SUPERVISORY_NAMES = ("监察", "监委")
"""Words in the name of a supervisory organ (监察机关), as people write it."""
MOST_RECEIVERS = 10


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """Somebody a complaint may go to. ``key`` names the choice; ``agency`` is None outside the portal."""

    key: str
    capacity: Capacity
    name: str
    agency: Agency | None = None

    @property
    def label(self) -> str:
        """How the form shows it: who, as what, and whether the portal only hands it on."""
        outside = "" if self.agency else str(_("，由平台转送"))
        return f"{self.name}（{self.capacity.label}{outside}）"


def _of(agency: Agency, capacity: Capacity) -> Receiver:
    inside = agency.level != Agency.Level.OUTSIDE
    return Receiver(key=f"agency:{agency.pk}", capacity=capacity, name=agency.name, agency=agency if inside else None)


def _supervisory_organs(about: Agency) -> list[Agency]:
    """The supervisory organs of the city and of the county the agency lies in."""
    organs = Agency.objects.filter(kind=Agency.Kind.SUPERVISORY, is_active=True).exclude(pk=about.pk)
    places = {CITY_REGION, county_at(about.region_id)}
    return list(organs.filter(region_id__in=places).order_by("level", "code"))


def receivers_for(about: Agency) -> list[Receiver]:
    """Who may receive a complaint about ``about``, those in the portal first; never the agency itself.

    A county authority is among them only where it is the superior.
    """
    found = [_of(agency, Capacity.SUPERIOR) for agency in superiors_of(about) if agency.pk != about.pk]
    found += [_of(organ, Capacity.SUPERVISORY) for organ in _supervisory_organs(about)]
    authority = municipal_authority()
    if authority.pk != about.pk:
        found.append(_of(authority, Capacity.AUTHORITY))
    found += [Receiver(key=f"outside:{key}", capacity=capacity, name=name) for key, capacity, name in OUTSIDE]
    once: dict[str, Receiver] = {}
    for receiver in found:
        # the authority may be the superior too; it stands once
        once.setdefault(receiver.name, receiver)
    once.pop(about.name, None)
    return sorted(once.values(), key=lambda receiver: receiver.agency is None)


def other_receiver(name: str) -> Receiver:
    """An organ outside the portal under the name the complainant wrote; one for supervision says so in its name."""
    name = name.strip()
    is_supervisory = any(word in name for word in SUPERVISORY_NAMES)
    capacity = Capacity.SUPERVISORY if is_supervisory else Capacity.SUPERIOR
    return Receiver(key=f"{OTHER}:{name}", capacity=capacity, name=name)


def chosen_receivers(about: Agency, keys: list[str], other: str = "") -> list[Receiver]:
    """The receivers of these keys that may receive, in their order, and the one named freely."""
    wanted = set(keys)
    found = [receiver for receiver in receivers_for(about) if receiver.key in wanted]
    return found + ([other_receiver(other)] if other.strip() else [])


def hands_off(about: Agency) -> Agency:
    """Who hands a complaint to an organ outside the portal: the municipal authority, where it is not about itself."""
    authority = municipal_authority()
    return municipal_government() if authority.pk == about.pk else authority


def agencies_complained_about() -> Q:
    """Agencies that have duties under the regulation: all in the portal but the supervisory organs."""
    return Q(is_active=True) & ~Q(level=Agency.Level.OUTSIDE) & ~Q(kind=Agency.Kind.SUPERVISORY)
