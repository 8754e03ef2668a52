"""Reporting that an agency asks for what the platform supplies (第十六条第二款、第二十九条): a complaint, counted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.services import Actor
from oversight.complaints.models import Concern, RepeatedDemand
from oversight.complaints.receivers import receivers_for
from oversight.services.complaints.filing import FiledComplaint, file_complaint
from oversight.workflow import COMPLAIN
from sharing.models import MatterMaterial, ServiceMatter
from sharing.services import count_report


@transaction.atomic
def report_repeated_demand(
    *,
    by: Actor,
    matter: ServiceMatter,
    materials: Collection[int],
    text: str,
    on: dt.date,
    at: dt.datetime,
    to: Sequence[str] = (),
    other_receiver: str = "",
    **filing: Any,
) -> FiledComplaint:
    """Report that a matter's agency asked for these materials (ids) although the platform supplies them.

    It is a complaint like any other, to the agency's superior and the municipal authority unless ``to`` names others;
    the matter counts how often it was reported. ``filing``: as for ``file_complaint``.
    """
    chosen = list(MatterMaterial.objects.filter(matter=matter, pk__in=list(materials)).order_by("position", "pk"))
    if len(chosen) != len(set(materials)) or not chosen:
        message = _("请选择被要求重复提交的材料。")
        raise RuleBroken(message, basis=COMPLAIN, fields={"materials": message})
    filed = file_complaint(
        by=by,
        agency=matter.agency,
        concern=Concern.REPEATED_DEMAND,
        matter=text.strip() or demand_in_words(matter, [material.label for material in chosen]),
        to=list(to) or ([] if other_receiver.strip() else usual_receivers(matter)),
        other_receiver=other_receiver,
        on=on,
        at=at,
        **filing,
    )
    labels = [material.label for material in chosen]
    RepeatedDemand.objects.create(complaint=filed.complaint, matter=matter, materials=labels)
    count_report(matter_id=matter.pk, material_ids=[material.pk for material in chosen])
    return filed


def usual_receivers(matter: ServiceMatter) -> list[str]:
    """The superior and the municipal authority, as far as they work in the portal; else whoever comes first."""
    every = receivers_for(matter.agency)
    inside = [receiver for receiver in every if receiver.agency]
    superior = [receiver.key for receiver in inside if receiver.capacity == "superior"][:1]
    authority = [receiver.key for receiver in inside if receiver.capacity == "authority"]
    return superior + authority or [receiver.key for receiver in every[:1]]


def demand_in_words(matter: ServiceMatter, labels: Sequence[str], told: str = "") -> str:
    """What happened, as a complaint tells it."""
    said = _("办理「%(matter)s」时，被要求提交平台能够提供的材料：%(materials)s。") % {
        "matter": matter.name,
        "materials": "、".join(labels),
    }
    return f"{said}\n{told.strip()}" if told.strip() else said
