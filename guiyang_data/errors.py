"""The errors a legal act can end in. Faces (page and API) map each to one HTTP status.

404 unseen, 403 seen but not allowed, 409 wrong state, 413 too large, 422 a rule of law broken, 429 too much at once,
503 not now.
Every message is Chinese, says what happened and what to do, and is safe to show.
"""

from __future__ import annotations

from collections.abc import Mapping


class DomainError(Exception):
    """An act that was not carried out; nothing was changed.

    ``message``: what to tell the person (Chinese). ``basis``: the article it rests on, as text.
    ``fields``: messages by form field name. ``subject`` and ``verb``: what was attempted on what,
    for the event that records the refused attempt.
    """

    status = 400
    code = "refused"

    def __init__(
        self,
        message: str,
        *,
        basis: object = "",
        fields: Mapping[str, str] | None = None,
        subject: str = "",
        verb: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.basis = str(basis)
        self.fields = dict(fields or {})
        self.subject = subject
        self.verb = verb


class NotSeen(DomainError):
    """The object does not exist for this person (404)."""

    status = 404
    code = "not_found"


class NotAllowed(DomainError):
    """The object is visible, the act is not this person's to do (403)."""

    status = 403
    code = "not_allowed"


class WrongState(DomainError):
    """The act does not fit the state the case is in (409)."""

    status = 409
    code = "wrong_state"


class TooLarge(DomainError):
    """What was sent is larger than is taken in at a time (413)."""

    status = 413
    code = "too_large"


class RuleBroken(DomainError):
    """A rule of law or of the form stands against the act (422)."""

    status = 422
    code = "rule_broken"


class LimitReached(DomainError):
    """More than what was given lets through; the same act works later (429). ``retry_after``: seconds."""

    status = 429
    code = "limit_reached"

    def __init__(self, message: str, *, retry_after: int, basis: object = "") -> None:
        super().__init__(message, basis=basis)
        self.retry_after = retry_after


class Unavailable(DomainError):
    """Something the act rests on does not work just now; nothing was done (503)."""

    status = 503
    code = "unavailable"
