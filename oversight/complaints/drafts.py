"""The complaint a visitor is writing: it stays in the session, encrypted as a whole, until it is filed."""

from __future__ import annotations

import json
import uuid
from typing import Any

from cryptography.fernet import InvalidToken
from django.http import HttpRequest

from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.protection import decrypt, encrypt
from guiyang_data.attachments import selectors as attachments
from guiyang_data.attachments.models import Attachment
from oversight.complaints.models import Concern
from oversight.complaints.receivers import Receiver, chosen_receivers
from oversight.complaints.selectors import agencies_to_complain_about
from requests_app.codes import new_code

DRAFT = "complaint_draft"
STEPS = ("matter", "receivers", "you", "check")


class ComplaintDraft:
    """The unfinished complaint of one visitor, as far as it was filled in."""

    def __init__(self, request: HttpRequest) -> None:
        self.session = request.session
        self.values = self._stored()

    def _stored(self) -> dict[str, Any]:
        sealed = self.session.get(DRAFT, "")
        try:
            return dict(json.loads(decrypt(sealed))) if sealed else {}
        except InvalidToken:
            return {}

    def begin(self) -> None:
        """A fresh draft with the code its receipt will show."""
        self.values = {}
        self.keep(id=uuid.uuid4().hex, code=new_code())

    def keep(self, **values: Any) -> None:
        """Put what was filled in into the session."""
        self.values |= values
        self.session[DRAFT] = encrypt(json.dumps(self.values))

    @property
    def is_begun(self) -> bool:
        """Whether something is being written that was not filed yet."""
        return bool(self.values.get("id")) and not self.sent_as

    @property
    def sent_as(self) -> str:
        """The number under which it was filed."""
        return str(self.values.get("sent", ""))

    @property
    def subject(self) -> str:
        """What its uploaded files belong to until it is filed."""
        return f"draft:{self.values.get('id', '')}"

    @property
    def code(self) -> str:
        """The code that will open it."""
        return str(self.values.get("code", ""))

    @property
    def matter(self) -> dict[str, Any]:
        """What happened: concern, matter, official, number of the case."""
        return dict(self.values.get("matter") or {})

    @property
    def demand(self) -> dict[str, Any]:
        """The matter and the materials (ids) of a repeated demand, while the complaint is still about it."""
        demand = dict(self.values.get("demand") or {})
        is_about_it = self.matter.get("concern") == Concern.REPEATED_DEMAND
        return demand if demand.get("agency") == self.values.get("agency") and is_about_it else {}

    @property
    def you(self) -> dict[str, Any]:
        """Who complains, or that they do not say."""
        return dict(self.values.get("you") or {})

    @property
    def agency(self) -> Agency | None:
        """The agency complained about."""
        return agencies_to_complain_about().filter(pk=self.values.get("agency") or 0).first()

    @property
    def to(self) -> list[str]:
        """Keys of the chosen receivers."""
        return list(self.values.get("to") or [])

    @property
    def other_receiver(self) -> str:
        """An organ outside the portal, named freely."""
        return str(self.values.get("other_receiver", ""))

    def receivers(self) -> list[Receiver]:
        """The chosen receivers, as far as they may still receive."""
        agency = self.agency
        return chosen_receivers(agency, self.to, self.other_receiver) if agency else []

    def papers(self) -> list[Attachment]:
        """Files uploaded for it."""
        return list(attachments.of(self.subject)) if self.values.get("id") else []

    def first_missing(self) -> str:
        """The first step that is not filled in."""
        if not self.is_begun or not self.matter or self.agency is None:
            return "matter"
        if not self.receivers():
            return "receivers"
        return "check" if self.you else "you"
