"""The request a visitor is writing. It stays in the session until it is filed; who they are is encrypted there."""

from __future__ import annotations

import json
import uuid
from typing import Any

from cryptography.fernet import InvalidToken
from django.http import HttpRequest

from catalog.models import CatalogEntry
from catalog.selectors import entries_in_force
from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.protection import decrypt, encrypt
from guiyang_data.attachments import selectors as attachments
from guiyang_data.attachments.models import Attachment
from requests_app.codes import new_code
from requests_app.selectors import agencies_asked

DRAFT = "request_draft"


class Draft:
    """The unfinished request of one visitor."""

    def __init__(self, request: HttpRequest) -> None:
        self.session = request.session
        self.values: dict[str, Any] = dict(self.session.get(DRAFT) or {})

    def begin(self) -> None:
        """A fresh draft with the code its receipt will show."""
        self.values = {"id": uuid.uuid4().hex, "code": encrypt(new_code())}
        self.keep()

    def keep(self, **values: Any) -> None:
        """Put what was filled in into the session."""
        self.values |= values
        self.session[DRAFT] = self.values

    @property
    def is_begun(self) -> bool:
        """Whether something is being written that was not filed yet."""
        return bool(self.values.get("id")) and not self.sent_as

    @property
    def sent_as(self) -> str:
        """The number under which it was filed; the first, where several agencies were asked."""
        return str(self.values.get("sent", ""))

    @property
    def subject(self) -> str:
        """What its uploaded files belong to until it is filed."""
        return f"draft:{self.values['id']}"

    @property
    def code(self) -> str:
        """The code that will open it."""
        return decrypt(self.values["code"])

    @property
    def what(self) -> dict[str, Any]:
        """What is asked for."""
        return dict(self.values.get("what") or {})

    @property
    def you(self) -> dict[str, Any]:
        """Who asks."""
        try:
            return dict(json.loads(decrypt(self.values["you"]))) if self.values.get("you") else {}
        except InvalidToken:
            return {}

    def keep_you(self, values: dict[str, Any]) -> None:
        """Keep who asks, encrypted."""
        self.keep(you=encrypt(json.dumps(values)))

    @property
    def agency_ids(self) -> list[int]:
        """The chosen agencies, in the order they were chosen in."""
        return list(self.values.get("agencies") or [])

    @property
    def agencies(self) -> list[Agency]:
        """The same, as far as they can still be asked."""
        found = {agency.pk: agency for agency in agencies_asked().filter(pk__in=self.agency_ids)}
        return [found[pk] for pk in self.agency_ids if pk in found]

    @property
    def entry(self) -> CatalogEntry | None:
        """The catalogue entry it began from."""
        return entries_in_force().filter(pk=self.values.get("entry") or 0).first()

    def papers(self) -> list[Attachment]:
        """Files uploaded for it."""
        return list(attachments.of(self.subject))

    @property
    def words(self) -> str:
        """Title and description as one text."""
        return f"{self.what.get('title', '')} {self.what.get('description', '')}".strip()

    def first_missing(self) -> str:
        """The first step that is not filled in."""
        if not self.is_begun or not self.what:
            return "what"
        if not self.agencies:
            return "agency"
        return "check" if self.you else "you"
