"""What is asked for: one object in the right state for every address that names one, made by the acts themselves."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from allauth.usersessions.models import UserSession
from django.core.files.base import ContentFile

import oversight.services as oversight_acts
from catalog import services as catalog_acts
from guiyang_data.accounts.models import Agency, RoleAssignment, SystemApplication, User
from guiyang_data.accounts.roles import Role
from guiyang_data.attachments import services as attachment_acts
from guiyang_data.ledger.services import subject_of
from guiyang_data.notices import following
from guiyang_data.notices.models import Follow
from guiyang_data.statute.models import Clock
from opendata.models import OpenDataset
from oversight.exports import services as exports
from oversight.models import Escalation, Finding, RectificationOrder
from requests_app import services as request_acts
from requests_app.models import OpenRequest
from requests_app.services.following import followed_request
from sharing import services as sharing_acts
from sharing.kinds import KindOfAgency
from sharing.models import Deferral, SharingGrant, StandingAuthorisation
from tests.architecture.matrix.demands import materials_of, needs_of
from tests.architecture.matrix.doubts import corrections_of
from tests.architecture.matrix.edocuments import edocuments_of
from tests.architecture.matrix.people import people_of, tokens_of
from tests.factories import (
    catalog,
    collecting,
    complaints,
    gathered,
    notices,
    opendata,
    publishing,
    requests,
    rulebook,
    sharing,
    statute,
    systems,
)
from tests.factories import oversight as late
from tests.factories.accounts import City, city, make_agency, staff
from tests.factories.accounts import credentials as issued

NOW = dt.datetime(2026, 11, 20, 10, 0, tzinfo=sharing.SHANGHAI)
"""The Friday on which everybody asks."""

Values = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class World:
    """``people`` by column, ``headers`` of the services, ``things``: values of an address by the key of the tables."""

    town: City
    people: dict[str, User]
    headers: dict[str, dict[str, str]]
    things: dict[str, Values]


def build() -> World:
    """Everybody and everything."""
    town = city()
    people = people_of(town)
    things: dict[str, Values] = {"-": {}}
    parts = (
        _exports,
        _oversight,
        _rulebook,
        _complaints,
        corrections_of,
        _catalogue,
        _systems,
        _sharing,
        materials_of,
        needs_of,
        edocuments_of,
        _opening,
        _requests,
        _accounts,
        _notices,
        _rest,
    )
    for part in parts:
        things |= part(town, people)
    for user in people.values():
        user.forget_roles()
    return World(town=town, people=people, headers=tokens_of(people), things=things)


def _pk(obj: Any) -> Values:
    return {"pk": obj.pk}


def _cast(town: City, people: dict[str, User]) -> late.Cast:
    organ = Agency.objects.filter(kind="supervisory").first() or make_agency("贵阳市监察委员会", kind="supervisory")
    return late.Cast(
        town=town,
        organ=organ,
        steward=people["steward"],
        approver=people["approver"],
        supervisor=people["supervisor"],
        officer=people["municipal"],
        government=people["government"],
        county_officer=people["county"],
        county_government=staff(town.county_government, Role.GOVERNMENT_APPROVER),
        organ_member=staff(organ, Role.SUPERVISOR),
        outsider=people["stranger"],
    )


def _exports(town: City, people: dict[str, User]) -> dict[str, Values]:
    auditor, second = staff(town.authority, Role.AUDIT_ADMIN), people["supervisor"]
    days = {"since": dt.date(2026, 11, 1), "until": dt.date(2026, 11, 2), "purpose": "提供给审计机关核验。"}
    asked = exports.ask_export(by=auditor, at=sharing.AT, **days)
    released = exports.ask_export(by=auditor, at=sharing.AT, **days)
    exports.release_export(export_id=released.pk, by=second, at=sharing.AT)
    return {"asked-export": _pk(asked), "released": _pk(released)}


def _complaints(town: City, people: dict[str, User]) -> dict[str, Values]:
    cast, applicant = _cast(town, people), people["applicant"]
    day = complaints.COMPLAINED_ON
    paper = attachment_acts.take_in(
        ContentFile("甲".encode(), name="截图.txt"), subject="draft:2", by=None, at=statute.at(day)
    )
    taken = complaints.investigating(cast, by=applicant, papers=[paper])
    question = complaints.asked(cast, taken)
    statement = complaints.statement_asked(cast, taken)
    ignored = complaints.overdue_receipt(cast)
    late.swept(complaints.ANSWER_DUE + dt.timedelta(1))
    number = {"number": taken.complaint.number}
    return {
        "complaint": number,
        "complaint-question": number | {"pk": question.pk},
        "complaint-paper": _pk(paper),
        "arrived": _pk(complaints.submitted(cast, by=applicant)),
        "taken": _pk(taken),
        "outside": _pk(complaints.to_hand_off(cast, by=applicant)),
        "sent": _pk(complaints.handed_off(cast, by=applicant)),
        "statement": _pk(statement),
        "ignored": _pk(Escalation.objects.get(clock__subject=subject_of(ignored), to_agency=town.government)),
    }


def _oversight(town: City, people: dict[str, User]) -> dict[str, Values]:
    cast = _cast(town, people)
    clocks = [_late_clock(town, number) for number in range(1, 6)]
    late.swept(late.LATE)
    found = [Finding.objects.get(clock=clock) for clock in clocks]
    waiting, confirmed, *rest = found
    for finding in (confirmed, *rest):
        oversight_acts.confirm_finding(
            finding_id=finding.pk, by=cast.supervisor, on=late.LATE, at=statute.at(late.LATE)
        )
    standing, reported = (_ordered(finding, cast, dt.date(2026, 12, 31)) for finding in rest[:2])
    overdue = _ordered(rest[2], cast, late.ORDER_DUE)
    oversight_acts.report_rectification(
        number=reported.number, by=cast.approver, on=late.LATE, at=statute.at(late.LATE), report="已答复。"
    )
    late.swept(late.ORDER_DUE + dt.timedelta(1))
    escalation = Escalation.objects.get(clock=clocks[0], to_agency=town.government)
    return {
        "clock": _pk(clocks[0]),
        "escalation": _pk(escalation),
        "finding": _pk(waiting),
        "confirmed": _pk(confirmed),
        "order": {"number": standing.number},
        "reported": {"number": reported.number},
        "overdue": {"number": overdue.number},
    }


def _rulebook(town: City, people: dict[str, User]) -> dict[str, Values]:
    keeping = rulebook.keepers(town)
    return {
        "calendar-proposal": _pk(rulebook.proposed(keeping)),
        "rule-proposal": _pk(rulebook.proposed_rule(keeping)),
        "year": {"year": 2026},
    }


def _late_clock(town: City, number: int) -> Clock:
    return statute.running_clock(
        town.provider, subject=f"requests_app.openrequest:{9000 + number}", number=f"GY-2026-0900{number}"
    )


def _ordered(finding: Finding, cast: late.Cast, due_on: dt.date) -> RectificationOrder:
    return oversight_acts.order_rectification(
        finding_id=finding.pk,
        by=cast.government,
        on=late.LATE,
        at=statute.at(late.LATE),
        due_on=due_on,
        text="三日内答复。",
        circular="予以通报批评。",
    )


def _catalogue(town: City, people: dict[str, User]) -> dict[str, Values]:
    provider = town.provider
    draft = catalog.reviewed_draft(provider, title="公交站点")
    fresh = catalog.draft_entry(provider, title="公交票价")
    asked = catalog.draft_entry(provider, title="公交车辆")
    review = catalog_acts.ask_confidentiality_review(
        revision_id=asked.pk, scope="sharing", by=people["steward"], at=catalog.AT
    )
    shared = collecting.draft(provider, town.requester, title="公交医疗点")
    entry = catalog.entry_in_force(provider, rows=catalog.ROWS)
    job = catalog_acts.start_import(
        provider=provider,
        uploaded=ContentFile(
            json.dumps([{"资源名称": "停车场", "共享类型": "无条件共享", "是否开放": "是"}]).encode(), name="目录.json"
        ),
        by=people["steward"],
        at=catalog.AT,
    )
    things = {
        "draft": draft,
        "fresh": fresh,
        "reviewing": catalog.entry_in_review(provider, title="公交专用道"),
        "approving": catalog.entry_in_approval(provider, title="公交场站"),
    }
    revisions = {key: {"pk": made.entry_id, "number": made.number} for key, made in things.items()}
    return revisions | {
        "entry": _pk(entry),
        "hidden": {"pk": draft.entry_id},
        "in-force": {"pk": entry.pk, "number": 1},
        "confidentiality": _pk(review),
        "load": _pk(entry.loads.get()),
        "data-version": _pk(entry) | {"number": 1},
        "revised": _revised(provider),
        "adjustment": _pk(catalog.adjustment_of(entry)),
        "pushed-batch": _pk(gathered.open_batch(entry, people["service"])),
        "import": _pk(job),
        "pull": _pk(gathered.pull(entry)),
        "paused-pull": _pk(gathered.paused_pull(entry)),
        "decision": _pk(publishing.proposed(agency=provider)),
        "reviewed-decision": _pk(publishing.reviewed(agency=town.requester)),
        "decided": _pk(publishing.in_force(agency=provider)),
        "co-collection": _pk(collecting.asked(provider, town.requester, title="公交事故")),
        "co-draft": {"pk": shared.entry_id, "number": shared.number},
        "open-code": {"code": entry.resource_code},
    }


def _revised(provider: Agency) -> Values:
    revision = catalog.revised_entry(catalog.entry_in_force(provider, title="公交一卡通网点"), note="增设网点")
    return {"pk": revision.entry_id, "number": revision.number}


def _systems(town: City, people: dict[str, User]) -> dict[str, Values]:
    in_use = systems.system_in_use(town.provider, by=people["steward"])
    interface = systems.documented(in_use)
    return {
        "register-system": _pk(in_use),
        "planned-system": _pk(systems.planned_system(town.provider)),
        "stopped-system": _pk(systems.stopped_system(town.provider)),
        "interface": _pk(interface),
        "interface-document": _pk(interface) | {"number": 1},
        "paused-interface": _pk(systems.paused(in_use)),
    }


def _sharing(town: City, people: dict[str, User]) -> dict[str, Values]:
    entry = catalog.entry_in_force(
        town.provider, title="驾驶员信息", sharing_type="conditional", rows=catalog.ROWS, is_open=True
    )
    scene = sharing.Scene(
        city=town,
        entry=entry,
        provider=town.provider,
        requester=town.requester,
        steward=people["steward"],
        approver=people["approver"],
        asker=people["requester"],
    )
    suspended = sharing.agreed_grant(scene)
    sharing_acts.suspend_grant(grant_id=suspended.pk, by=people["steward"], at=sharing.later(2), reasons="核查用途。")
    verifying = sharing.agreed_grant(scene)
    sharing_acts.permit_verification(
        grant_id=verifying.pk,
        by=people["steward"],
        at=sharing.later(2),
        terms=sharing_acts.Permitted(key_items=["route"]),
    )
    shared = catalog.entry_in_force(town.provider, title="公交班次", rows=catalog.ROWS)
    kept_out = catalog.entry_in_force(town.provider, title="公交安防", sharing_type="conditional", rows=catalog.ROWS)
    sharing_acts.reserve_from_lists(
        entry_id=kept_out.pk, by=people["approver"], at=sharing.AT, reasons="专项工作尚未公开。"
    )
    standing, stopped = (_standing(scene, people["steward"]) for _number in range(2))
    sharing_acts.suspend_standing(
        standing_id=stopped.pk, by=people["steward"], at=sharing.later(2), reasons="核查用途。"
    )
    application = sharing.application(scene)
    paper = attachment_acts.take_in(
        ContentFile("甲".encode(), name="依据.txt"),
        subject=subject_of(application),
        by=people["requester"],
        at=sharing.AT,
    )
    direct = sharing.Scene(**{**scene.__dict__, "entry": shared})
    changing = catalog.entry_in_force(town.provider, title="公交班车", rows=catalog.ROWS)
    watched = sharing.taking(sharing.Scene(**{**scene.__dict__, "entry": changing}))
    subscription = sharing_acts.subscribe(access=watched, by=people["requester"], at=sharing.later(1))
    return {
        "subscription": _pk(subscription),
        "conditional": _pk(entry),
        "conditional-code": {"code": entry.resource_code},
        "application": {"number": application.number},
        "application-paper": _pk(paper),
        "reserved": _pk(kept_out),
        "standing": _pk(standing),
        "stopped-standing": _pk(stopped),
        "refused": {"number": sharing.refused_application(scene).number},
        "opined": {"number": sharing.opinion_to_provide(scene).application.number},
        "grant": _pk(sharing.agreed_grant(scene)),
        "suspended": _pk(suspended),
        "flag": _pk(sharing.written_flag(scene)),
        "taking-flag": _pk(sharing.written_flag(direct, of=sharing.taking(direct))),
        "watch-rule": {"kind": "hour"},
        "verifying": _pk(verifying),
        "deferral": _pk(_deferral(verifying, people)),
        "kept-back": _pk(_deferral(verifying, people, confirmed=True)),
        "taking": _pk(sharing.taking(direct)),
        "coordination": {"number": sharing.coordination(scene).number},
        "deadlock": {"number": sharing.with_government(scene).number},
    }


def _deferral(grant: SharingGrant, people: dict[str, User], *, confirmed: bool = False) -> Deferral:
    proposed = sharing_acts.propose_deferral(
        access=grant,
        by=people["steward"],
        at=NOW,
        basis="《中华人民共和国刑事诉讼法》第五十四条",
        reasons="妨碍调查。",
        until=NOW.date() + dt.timedelta(30),
    )
    if confirmed:
        return sharing_acts.confirm_deferral(deferral_id=proposed.pk, by=people["approver"], at=NOW)
    return proposed


def _standing(scene: sharing.Scene, by: User) -> StandingAuthorisation:
    terms = sharing_acts.StandingTerms(items=["route"], duty="调度", purpose="规划", valid_from=sharing.AT.date())
    return sharing_acts.authorise_kind(
        entry_id=scene.entry.pk,
        to=KindOfAgency(kinds=["township"]),
        by=by,
        at=sharing.AT,
        terms=terms,
    )


def _opening(town: City, people: dict[str, User]) -> dict[str, Values]:
    def entry(title: str) -> Any:
        return catalog.entry_in_force(town.provider, title=title, rows=catalog.ROWS, is_open=True)

    dataset = opendata.carried_out(entry("公交线网"))
    withdrawn = opendata.dataset_withdrawn(town.provider, title="公交站牌")
    job = opendata.waiting_job(entry("公交候车亭"))
    slug = {"slug": dataset.slug}
    return {
        "unplanned": _pk(entry("公交充电桩")),
        "plan": _pk(opendata.drafted_plan(entry("公交首末站"))),
        "submitted": _pk(opendata.submitted_plan(entry("公交换乘"))),
        "cleared": _pk(opendata.cleared_plan(entry("公交枢纽"))),
        "job": _pk(job),
        "dataset": _pk(dataset),
        "withdrawn": _pk(withdrawn),
        "slug": slug,
        "withdrawn-slug": {"slug": OpenDataset.objects.get(pk=withdrawn.pk).slug},
        "file": slug | {"number": 1, "kind": "csv"},
        "export": slug | {"kind": "csv"},
    }


def _requests(town: City, people: dict[str, User]) -> dict[str, Values]:
    play = requests.Cast(
        city=town,
        steward=people["steward"],
        approver=people["approver"],
        reviewer=people["reviewer"],
        authority_officer=people["municipal"],
        other_steward=people["stranger"],
    )
    applicant = people["applicant"]
    day = requests.FILED_ON
    paper = attachment_acts.take_in(
        ContentFile("线路,站点\n".encode(), name="清单.csv"), subject="draft:1", by=applicant, at=requests.at(day)
    )
    waiting = requests.waiting(play, by=applicant, papers=[paper])
    question = request_acts.ask_question(
        request_id=waiting.pk, by=people["steward"], text="是否需要历史数据？", on=day, at=requests.at(day)
    )
    replied = requests.replied(play, by=applicant)
    agreed = requests.replied(play, requests.AGREE, by=applicant)
    objected = requests.objected(play, request=requests.replied(play, by=applicant), by=applicant)
    accepted = requests.accepted(play, request=requests.replied(play, by=applicant), by=applicant)
    with_paper, reply_paper = requests.drafted_with_paper(play, by=applicant)
    return {
        "draft-paper": {"number": with_paper.number, "pk": reply_paper.pk},
        "with-paper": {"number": with_paper.number},
        "request": {"number": waiting.number},
        "question": {"number": waiting.number, "pk": question.pk},
        "drafted": {"number": requests.drafted(play, by=applicant).number},
        "replied": {"number": replied.number},
        "reply": {"number": replied.number, "round": 1},
        "agreed": {"number": agreed.number},
        "review": {"number": objected.number},
        "accepted": {"number": accepted.number},
        "paper": _pk(paper),
        "requests-file": {"kind": "csv"},
        **_following(waiting, replied, applicant),
        **_like_requests(play, applicant),
    }


def _like_requests(play: requests.Cast, applicant: User) -> dict[str, Values]:
    day = requests.FILED_ON
    together = [requests.waiting(play, by=applicant) for _number in range(2)]
    batch = request_acts.draft_together(
        request_ids=[request.pk for request in together],
        by=play.steward,
        text=requests.REFUSE,
        on=day,
        at=requests.at(day),
    ).batch
    linked, like = (requests.waiting(play, by=applicant) for _number in range(2))
    request_acts.link_requests(request_id=linked.pk, by=play.steward, other=like.number, at=requests.at(day))
    return {"batch": _pk(batch), "linked": {"number": linked.number}}


def _following(waiting: OpenRequest, replied: OpenRequest, applicant: User) -> dict[str, Values]:
    request_acts.follow(what=followed_request(replied), by=applicant, on=NOW.date(), at=NOW)
    following.ask_by_mail(followed_request(waiting), mail="follower@mail.example", at=NOW)
    row = Follow.objects.get(user=None)
    return {
        "followed": _pk(Follow.objects.get(user=applicant)),
        "confirm-token": {"token": following.confirm_path(row, NOW).split("/")[-2]},
        "end-token": {"token": following.end_path(row).split("/")[-2]},
    }


def _accounts(town: City, people: dict[str, User]) -> dict[str, Values]:
    system = people["service"].service_account
    client_id, _secret = issued(system)
    session = UserSession.objects.create(user=people["applicant"], ip="127.0.0.1", user_agent="x", session_key="k" * 32)
    return {
        "session": _pk(session),
        "agency": {"code": town.provider.code},
        "assignment": _pk(RoleAssignment.objects.get(user=people["steward"])),
        "system": _pk(system),
        "credentials": _pk(SystemApplication.objects.get(client_id=client_id)),
    }


def _notices(town: City, people: dict[str, User]) -> dict[str, Values]:
    receiver = notices.webhook(people["service"])
    return {
        "webhook": _pk(receiver),
        "push": _pk(receiver) | {"push": notices.push(receiver).pk},
        "undelivered": _pk(notices.undelivered(town.provider)),
    }


def _rest(town: City, people: dict[str, User]) -> dict[str, Values]:
    return {
        "object": {"object_id": str(people["citizen"].pk)},
        "site": {"content_type_id": "1", "object_id": "1"},
        "app": {"app_label": "catalog"},
        "anything": {"url": "no-such-page"},
        "mail-key": {"key": "no-such-key"},
        "reset-key": {"uidb36": "1", "key": "no-such-key"},
    }
