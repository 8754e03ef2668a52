"""Cases whose every private part carries a word that stands nowhere else, and where such words turn up."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.files.base import ContentFile
from django.db import models
from django.http import HttpResponse
from pypdf import PdfReader

from guiyang_data.attachments import services as attachments
from guiyang_data.attachments.models import Attachment
from guiyang_data.ledger.services import PUBLIC
from guiyang_data.notices import following
from requests_app import services
from requests_app.models import OpenRequest, ReviewApplication
from requests_app.services import Party
from requests_app.services.following import followed_request
from tests.architecture.matrix.world import NOW, World
from tests.factories import requests as made

CONTACT = {"name": "Kanari-Name-Q1", "mail": "kanari.mail.q1@canary.example", "phone": "13987650121"}
CASE = {
    "purpose": "kanari-purpose-q1",
    "paper name": "kanari-paper-q1",
    "paper": "kanari-content-q1",
    "answer": "kanari-answer-q1",
}
INSIDE = {"draft": "kanari-draft-q1"}
"""The agency's own, until it is delivered."""
OBJECTOR = {"name": "Kanari-Name-R1", "mail": "kanari.mail.r1@canary.example", "phone": "13987650122"}
OBJECTION = {"reasons": "kanari-reasons-r1", "paper name": "kanari-paper-r1", "paper": "kanari-content-r1"}
DECIDED = {"name": "Kanari-Name-S1", "mail": "kanari.mail.s1@canary.example", "phone": "13987650123"}
"""Whoever objected, where the result is published."""
FOLLOWER = {"mail": "kanari.follower.f1@canary.example"}
ALL = {
    f"{owner} {what}": word
    for owner, words in {
        "applicant's": CONTACT | CASE,
        "agency's": INSIDE,
        "objector's": OBJECTOR | OBJECTION,
        "earlier objector's": DECIDED,
        "follower's": FOLLOWER,
    }.items()
    for what, word in words.items()
}
TITLE = "低空航线余量"
"""The words under which everybody finds the case."""


@dataclass(frozen=True, kw_only=True)
class Cases:
    """The cases, and the codes that open those of the public."""

    asked: OpenRequest
    answered: OpenRequest
    waiting_review: ReviewApplication
    decided_review: ReviewApplication
    codes: tuple[str, ...]


def _paper(words: dict[str, str], draft: str) -> Attachment:
    file = ContentFile(f"项目,值\n{words['paper']},1\n".encode(), name=f"{words['paper name']}.csv")
    return attachments.take_in(file, subject=f"draft:{draft}", by=None, at=made.at(made.FILED_ON))


def play_of(world: World) -> made.Cast:
    """The parts of a request, played by the people of the tables."""
    people = world.people
    return made.Cast(
        city=world.town,
        steward=people["steward"],
        approver=people["approver"],
        reviewer=people["reviewer"],
        authority_officer=people["municipal"],
        other_steward=people["stranger"],
    )


def plant(world: World) -> Cases:
    """File the cases, and let the tables' addresses lead to them."""
    play, applicant, day = play_of(world), world.people["applicant"], made.FILED_ON
    asked = made.filed(
        play,
        by=applicant,
        title=TITLE,
        description="按航线和日期。",
        purpose=CASE["purpose"],
        party=Party(**CONTACT),
        papers=[_paper(CASE, "q1")],
    )
    request = asked.request
    question = services.ask_question(
        request_id=request.pk, by=play.steward, text="需要哪些航线？", on=day, at=made.at(day)
    )
    services.answer_question(question_id=question.pk, by=applicant, text=CASE["answer"], at=made.at(day, 12))
    draft = made.ReplyText(**{**made.REFUSE.__dict__, "reasons": f"{INSIDE['draft']}，由合作企业采集，合同约定保密。"})
    services.draft_reply(request_id=request.pk, by=play.steward, text=draft, on=day, at=made.at(day, 15))
    follow = followed_request(request)
    following.ask_by_mail(follow, mail=FOLLOWER["mail"], at=NOW)

    answered = made.replied(play, title=f"{TITLE}（历史）", party=Party(**CONTACT), purpose=CASE["purpose"])
    waiting = services.apply_review(
        request_id=answered.pk,
        by=PUBLIC,
        parts="实时余位",
        reasons=f"{OBJECTION['reasons']}，同一数据已公开展示。",
        on=dt_of(12),
        at=made.at(dt_of(12)),
        party=Party(**OBJECTOR),
        papers=[_paper(OBJECTION, "r1")],
    )
    decided = made.decided(play, request=made.replied(play, title=f"{TITLE}（班次）"), party=Party(**DECIDED))
    world.things.update(
        {
            "request": {"number": request.number},
            "question": {"number": request.number, "pk": question.pk},
            "drafted": {"number": request.number},
            "replied": {"number": answered.number},
            "review": {"number": waiting.review.number},
            "canary-decided": {"number": decided.number},
            "paper": {"pk": Attachment.objects.get(name__startswith=CASE["paper name"]).pk},
            "canary-paper": {"pk": Attachment.objects.get(name__startswith=OBJECTION["paper name"]).pk},
        }
    )
    for user in world.people.values():
        user.forget_roles()
    return Cases(
        asked=request,
        answered=answered,
        waiting_review=waiting.review,
        decided_review=decided,
        codes=(asked.code, waiting.code),
    )


def dt_of(day: int) -> Any:
    """A day of November."""
    return made.FILED_ON.replace(day=day)


# --- where a word turns up -------------------------------------------------------------------------------


def text_of(response: HttpResponse) -> str:
    """Everything an answer says: its headers, its body, and what is packed inside the body."""
    body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    said = [str(dict(response.headers)), *_unpacked(body)]
    return "\n".join(said)


def _unpacked(body: bytes) -> Iterator[str]:
    if body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            for name in packed.namelist():
                yield name
                yield packed.read(name).decode("utf-8", "replace")
    elif body.startswith(b"%PDF"):
        for page in PdfReader(io.BytesIO(body)).pages:
            yield page.extract_text()
    else:
        # a calendar file folds its lines
        yield body.decode("utf-8", "replace").replace("\r\n ", "")


def found_in(text: str) -> set[str]:
    """Whose words stand in a text."""
    return {owner for owner, word in ALL.items() if word in text or word.lower() in text.lower()}


def found_in_clear() -> dict[str, set[str]]:
    """The columns of the database that hold such a word in clear, with whose."""
    found: dict[str, set[str]] = {}
    for model in apps.get_models():
        names = [
            field.attname
            for field in model._meta.concrete_fields
            if isinstance(field, (models.CharField, models.TextField, models.JSONField))
        ]
        for row in model._default_manager.values_list(*names) if names else []:
            for name, value in zip(names, row, strict=True):
                if owners := found_in(str(value)):
                    found.setdefault(f"{model._meta.label}.{name}", set()).update(owners)
    return found
