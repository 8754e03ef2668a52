"""The portal's side of a fault run: a small city, each act by its service, and what can be read afterwards.

``Town`` acts in this process on the default database; ``Observed`` reads any database, also one that other processes
filled, and says it in the words of the model.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.roles import Role
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import PUBLIC, subject_of
from guiyang_data.notices.models import Notice
from guiyang_data.statute.changing import put_year
from guiyang_data.statute.counting import Day
from guiyang_data.statute.models import Clock, Rung
from guiyang_data.statute.recounting import recount, touched_by_days
from guiyang_data.statute.selectors import loaded_days
from oversight import services as oversight
from oversight.models import Escalation, Finding
from oversight.reactions import Reaction, reactions
from requests_app import services
from requests_app.models import OpenRequest, ReviewApplication
from requests_app.selectors import holder_of
from requests_app.services import Decision, Party, ReplyText
from tests.factories.accounts import citizen, city, staff

SHANGHAI = ZoneInfo("Asia/Shanghai")
REASONS = "经核对，情况属实，现作说明如下。"
REPLIES = {
    "agree": ReplyText(outcome="agree", agreed_to="open"),
    "refuse": ReplyText(
        outcome="refuse",
        ground="2",
        ground_basis="《中华人民共和国反不正当竞争法》",
        why_still_closed=REASONS,
        reasons=REASONS,
    ),
    "agree-in-part": ReplyText(
        outcome="agree-in-part",
        agreed_to="open",
        agreed_part="名称和位置",
        ground="2",
        ground_basis="《中华人民共和国反不正当竞争法》",
        why_still_closed=REASONS,
        reasons=REASONS,
    ),
}
CASTING = (
    ("transport", Role.DATA_STEWARD, "transport-steward"),
    ("transport", Role.APPROVER, "transport-approver"),
    ("health", Role.DATA_STEWARD, "health-steward"),
    ("health", Role.APPROVER, "health-approver"),
    ("county", Role.DATA_STEWARD, "county-steward"),
    ("county", Role.APPROVER, "county-approver"),
    ("authority", Role.DATA_STEWARD, "authority-steward"),
    ("authority", Role.APPROVER, "authority-approver"),
    ("authority", Role.REVIEWER, "reviewer"),
    ("authority", Role.SUPERVISOR, "authority-supervisor"),
    ("authority", Role.MUNICIPAL_AUTHORITY, "authority-officer"),
    ("government", Role.GOVERNMENT_APPROVER, "mayor"),
    ("county-government", Role.GOVERNMENT_APPROVER, "county-head"),
)


def moment(day: dt.date, seconds: float = 0) -> dt.datetime:
    """So many seconds after 00:00 of a day in Guiyang."""
    return dt.datetime.combine(day, dt.time(), SHANGHAI) + dt.timedelta(seconds=seconds)


def lapses() -> tuple[Reaction, ...]:
    """What requests do in a sweep; the other apps have nothing to do in this city."""
    return tuple(reaction for reaction in reactions() if reaction.name == "requests_app")


@dataclass
class Town:
    """The city of the model, with its people, and every act by its service. Acts come at rising moments."""

    agencies: dict[str, Agency] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    requests: dict[str, OpenRequest] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, User] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    tick: int = 0

    @classmethod
    def build(cls) -> Town:
        """Everybody, in the database of this process."""
        tree = city()
        town = cls()
        town.agencies = {
            "transport": tree.transport,
            "health": tree.health,
            "county": tree.county_department,
            "authority": tree.authority,
            "government": tree.government,
            "county-government": tree.county_government,
        }
        for agency, role, name in CASTING:
            town.people[name] = staff(town.agencies[agency], role, username=name)
        return town

    def at(self, day: dt.date) -> dt.datetime:
        """The next moment of a day: no two acts share one."""
        self.tick += 1
        return moment(day, 9 * 3600 + self.tick)

    # --- acts ----------------------------------------------------------------------------------------

    def file(self, label: str, agency: str, contact: str, on: dt.date) -> None:
        account = citizen() if contact in {"account", "both"} else None
        party = Party(mail=f"{label}@citizen.example") if contact in {"mail", "both"} else Party()
        filed = services.file_request(
            agency=self.agencies[agency],
            by=account or PUBLIC,
            title=f"公共停车场实时余位 {label}",
            party=party,
            on=on,
            at=self.at(on),
        )
        self.requests[label], self.codes[label] = filed.request, filed.code
        self.labels[subject_of(filed.request)] = label
        if account is not None:
            self.accounts[label] = account

    def _where(self, label: str) -> tuple[int, str]:
        """The request's id and whose hands it lies in."""
        request = OpenRequest.objects.get(pk=self.requests[label].pk)
        return request.pk, next(name for name, agency in self.agencies.items() if agency.pk == request.agency_id)

    def _applicant(self, label: str) -> Any:
        return self.accounts.get(label) or holder_of(self.requests[label].number, self.codes[label])

    def transfer(self, label: str, to: str, on: dt.date) -> None:
        pk, holder = self._where(label)
        clerk, to_agency = self.people[f"{holder}-steward"], self.agencies[to]
        services.transfer(request_id=pk, by=clerk, to=to_agency, reasons=REASONS, on=on, at=self.at(on))

    def ask(self, label: str, on: dt.date) -> None:
        pk, holder = self._where(label)
        clerk = self.people[f"{holder}-steward"]
        services.ask_question(request_id=pk, by=clerk, text="需要哪几年的？", on=on, at=self.at(on))

    def withdraw(self, label: str, on: dt.date) -> None:
        pk, _holder = self._where(label)
        services.withdraw_request(request_id=pk, by=self._applicant(label), on=on, at=self.at(on))

    def draft(self, label: str, outcome: str, on: dt.date) -> None:
        pk, holder = self._where(label)
        clerk = self.people[f"{holder}-steward"]
        services.draft_reply(request_id=pk, by=clerk, text=REPLIES[outcome], on=on, at=self.at(on))

    def deliver(self, label: str, on: dt.date) -> None:
        pk, holder = self._where(label)
        services.deliver_reply(request_id=pk, by=self.people[f"{holder}-approver"], on=on, at=self.at(on))

    def reply(self, label: str, outcome: str, on: dt.date) -> None:
        self.draft(label, outcome, on)
        self.deliver(label, on)

    def fulfil(self, label: str, on: dt.date) -> None:
        pk, holder = self._where(label)
        clerk = self.people[f"{holder}-steward"]
        services.fulfil(request_id=pk, by=clerk, link="/data/1/", note="", on=on, at=self.at(on))

    def anew(self, label: str, on: dt.date) -> None:
        pk, holder = self._where(label)
        clerk = self.people[f"{holder}-steward"]
        services.reply_anew(request_id=pk, by=clerk, reasons=REASONS, on=on, at=self.at(on))

    def object(self, label: str, on: dt.date) -> None:
        pk, _holder = self._where(label)
        who = self._applicant(label)
        applied = services.apply_review(request_id=pk, by=who, parts="全部", reasons=REASONS, on=on, at=self.at(on))
        count = ReviewApplication.objects.filter(reply__request=pk).count()
        self.labels[subject_of(applied.review)] = f"{label}.{count}"

    def _review(self, label: str) -> int:
        found = ReviewApplication.objects.filter(reply__request=self.requests[label].pk).order_by("-pk").first()
        return found.pk if found else 0

    def accept(self, label: str, on: dt.date) -> None:
        services.accept_review(review_id=self._review(label), by=self.people["reviewer"], on=on, at=self.at(on))

    def decline(self, label: str, on: dt.date) -> None:
        review = ReviewApplication.objects.get(pk=self._review(label))
        same = ReviewApplication.objects.filter(reply=review.reply_id, status="decided").first()
        reviewer = self.people["reviewer"]
        services.decline_review(review_id=review.pk, by=reviewer, same_as=same, reasons=REASONS, on=on, at=self.at(on))

    def withdraw_review(self, label: str, on: dt.date) -> None:
        services.withdraw_review(review_id=self._review(label), by=self._applicant(label), on=on, at=self.at(on))

    def decide(self, label: str, outcome: str, until: dt.date, on: dt.date) -> None:
        decision = {
            "uphold": Decision(outcome="uphold", reasons=REASONS),
            "require-new-reply": Decision(outcome="require-new-reply", reasons=REASONS, new_reply_due_on=until),
            "to-open": Decision(outcome="change", reasons=REASONS, changed_to="open"),
            "to-withhold": Decision(outcome="change", reasons=REASONS, changed_to="withhold"),
        }[outcome]
        pk, reviewer = self._review(label), self.people["reviewer"]
        services.decide_review(review_id=pk, by=reviewer, decision=decision, on=on, at=self.at(on))

    # --- the calendar ----------------------------------------------------------------------------------

    def publish_notice(self, year: int, rest: set[dt.date], work: set[dt.date], on: dt.date) -> None:
        days = {day: Day(working=False, name="节日") for day in rest} | {day: Day(working=True) for day in work}
        self._put(year, days, on)

    def extend_holiday(self, days: set[dt.date], on: dt.date) -> None:
        for year in sorted({day.year for day in days}):
            longer = {day: Day(working=False, name="延长假期") for day in days if day.year == year}
            self._put(year, loaded_days(year) | longer, on)

    @transaction.atomic
    def _put(self, year: int, days: dict[dt.date, Day], on: dt.date) -> None:
        number, officer = f"国办发明电〔{year - 1}〕{self.tick} 号", self.people["authority-officer"]
        changed = put_year(year, days, document_number=number, issued_on=on, by=officer, at=self.at(on))
        touched = touched_by_days(changed.days, [year] if changed.waited else [])
        recount(touched, cause=number, at=self.at(on), by=officer)

    # --- looking -----------------------------------------------------------------------------------------

    def sweep(self, on: dt.date) -> None:
        self.tick += 1
        run = oversight.sweep(at=moment(on, 20 * 3600 + self.tick), on=on, following=lapses())
        assert run.failures == 0, run.notes


# --- what is there ------------------------------------------------------------------------------------------


class Observed:
    """What a database says has happened, in the words of ``LawModel.everything``."""

    def __init__(self, labels: dict[str, str], *, using: str = "default") -> None:
        self.labels, self.using = labels, using
        self.names = {agency.pk: name for name, agency in _agencies(using).items()}
        self.by_code = {agency.code: name for name, agency in _agencies(using).items()}
        self.clock_names: dict[int, str] = {}
        seen: Counter[tuple[str, str]] = Counter()
        self.clocks = list(Clock.objects.using(using).order_by("pk"))
        for clock in self.clocks:
            case = (labels[clock.subject], clock.kind)
            seen[case] += 1
            self.clock_names[clock.pk] = f"{case[0]}/{case[1]}/{seen[case]}"
        self.escalations = {row.pk: row for row in Escalation.objects.using(using)}
        self.findings = {row.pk: row for row in Finding.objects.using(using)}

    def everything(self) -> Counter[tuple[object, ...]]:
        found: Counter[tuple[object, ...]] = Counter()
        for part in (self._rungs, self._notices, self._events, self._standing):
            found.update(part())
        return found

    def _rungs(self) -> list[tuple[object, ...]]:
        rows = Rung.objects.using(self.using)
        return [("rung", self.clock_names[r.clock_id], r.rung, r.due_on, _day(r.fired_at), r.told) for r in rows]

    def _notices(self) -> list[tuple[object, ...]]:
        found: list[tuple[object, ...]] = []
        for notice in Notice.objects.using(self.using).select_related("recipient"):
            who, day = notice.recipient.username if notice.recipient else "", _day(notice.created_at)
            if notice.kind in {"clock.reminder", "clock.overdue"}:
                what = notice.kind.removeprefix("clock.")
                found.append(("told", self.labels[notice.subject], what, who, day))
            elif notice.kind == "escalation":
                row = self.escalations[int(notice.subject.rsplit(":", 1)[1])]
                clock, agency = self.clock_names[row.clock_id], self.names[row.to_agency_id]
                found.append(("told-overseer", clock, agency, who, day))
            elif ":overdue:" in notice.key:
                way = "account" if notice.recipient else "address"
                found.append(("told-applicant", self.labels[notice.subject], way, day))
        return found

    def _events(self) -> list[tuple[object, ...]]:
        tell: dict[tuple[str, str], Callable[[int, dict[str, Any], dt.date], tuple[object, ...] | None]] = {
            ("statute.clock", "clock.start"): self._started,
            ("statute.clock", "clock.stop"): self._stopped,
            ("statute.clock", "clock.hand-on"): self._handed_on,
            ("statute.clock", "clock.recompute"): self._recomputed,
            ("statute.clock", "clock.withdraw-rung"): self._rung_withdrawn,
            ("oversight.escalation", "escalate"): self._escalated,
            ("oversight.escalation", "withdraw"): self._escalation_withdrawn,
            ("oversight.finding", "draft"): self._drafted,
            ("oversight.finding", "withdraw"): self._finding_withdrawn,
        }
        found: list[tuple[object, ...]] = []
        for event in Event.objects.using(self.using).filter(refused=False):
            model, pk = event.subject.rsplit(":", 1)
            teller = tell.get((model, event.verb))
            if event.verb == "clock.overdue":
                due = dt.date.fromisoformat(event.payload["due_on"])
                name = self.clock_names[event.payload["clock"]]
                found.append(("overdue", name, event.payload["rung"], due, _day(event.at)))
            elif teller is not None:
                found.append(teller(int(pk), event.payload, _day(event.at)) or ())
        return [row for row in found if row]

    def _started(self, pk: int, given: dict[str, Any], day: dt.date) -> tuple[object, ...]:
        clock = next(clock for clock in self.clocks if clock.pk == pk)
        due, owner = dt.date.fromisoformat(given["due_on"]), self.by_code[given["owed_by"]]
        return ("start", self.clock_names[pk], owner, clock.started_on, due)

    def _stopped(self, pk: int, given: dict[str, Any], day: dt.date) -> tuple[object, ...]:
        return ("stop", self.clock_names[pk], given["cause"], dt.date.fromisoformat(given["on"]), given["late_days"])

    def _handed_on(self, pk: int, given: dict[str, Any], day: dt.date) -> tuple[object, ...]:
        return ("hand-on", self.clock_names[pk], self.by_code[given["to"]], day)

    def _recomputed(self, pk: int, given: dict[str, Any], day: dt.date) -> tuple[object, ...] | None:
        before, after = dt.date.fromisoformat(given["from"]), dt.date.fromisoformat(given["to"])
        if before == after and given["was_provisional"] == given["provisional"]:
            return None  # looked at, and found right
        return ("recompute", self.clock_names[pk], before, after, day)

    def _rung_withdrawn(self, pk: int, given: dict[str, Any], day: dt.date) -> tuple[object, ...]:
        return ("rung-withdrawn", self.clock_names[pk], given["rung"], day)

    def _escalated(self, pk: int, given: dict[str, Any], day: dt.date) -> tuple[object, ...]:
        return ("escalate", self.clock_names[given["clock"]], self.by_code[given["to"]], given["rung"], day)

    def _escalation_withdrawn(self, pk: int, given: dict[str, Any], day: dt.date) -> tuple[object, ...]:
        row = self.escalations[pk]
        return ("escalation-withdrawn", self.clock_names[row.clock_id], self.names[row.to_agency_id], day)

    def _drafted(self, pk: int, given: dict[str, Any], day: dt.date) -> tuple[object, ...]:
        row = self.findings[pk]
        return ("finding", self.clock_names[row.clock_id or 0], row.item, self.names[row.agency_id], day)

    def _finding_withdrawn(self, pk: int, given: dict[str, Any], day: dt.date) -> tuple[object, ...]:
        row = self.findings[pk]
        return ("finding-withdrawn", self.clock_names[row.clock_id or 0], self.names[row.agency_id], day)

    def _standing(self) -> list[tuple[object, ...]]:
        found: list[tuple[object, ...]] = []
        for clock in self.clocks:
            state = (self.names[clock.owed_by_id], clock.started_on, clock.due_on, clock.provisional)
            found.append(("clock", self.clock_names[clock.pk], *state, clock.stopped_on, clock.stopped_by))
        timed = {clock.subject for clock in self.clocks}
        for model in (OpenRequest, ReviewApplication):
            for case in model._default_manager.using(self.using).only("next_due_on"):
                if subject_of(case) in timed:
                    found.append(("next", self.labels[subject_of(case)], case.next_due_on))
        for row in self.escalations.values():
            name = self.clock_names[row.clock_id]
            found.append(("escalation", name, self.names[row.to_agency_id], row.times, row.status))
        for finding in self.findings.values():
            name = self.clock_names[finding.clock_id or 0]
            found.append(("draft", name, self.names[finding.agency_id], finding.status))
        return found


def _agencies(using: str) -> dict[str, Agency]:
    names = {
        "贵阳市交通委员会": "transport",
        "贵阳市卫生健康局": "health",
        "云岩区交通运输局": "county",
        "贵阳市大数据发展管理局": "authority",
        "贵阳市人民政府": "government",
        "云岩区人民政府": "county-government",
    }
    return {names[agency.name]: agency for agency in Agency.objects.using(using).filter(name__in=names)}


def _day(at: dt.datetime) -> dt.date:
    return at.astimezone(SHANGHAI).date()


def difference(expected: Counter[tuple[object, ...]], found: Counter[tuple[object, ...]]) -> str:
    """What is missing and what is too much, one a line; empty where both are the same."""
    lines = [f"missing: {_words(row)}" for row in sorted((expected - found).elements(), key=repr)]
    return "\n".join(lines + [f"too much: {_words(row)}" for row in sorted((found - expected).elements(), key=repr)])


def _words(row: tuple[object, ...]) -> str:
    return " ".join(str(part) for part in row)
