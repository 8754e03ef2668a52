"""What a verification says of one subject. The same shape whatever was found."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class OnRecord(enum.StrEnum):
    """Whether the data has the subject."""

    YES = "yes"
    NO = "no"
    SEVERAL = "several"

    @property
    def label(self) -> str:
        """In words."""
        return {"yes": "有记录", "no": "没有记录", "several": "有多条记录"}[self.value]


class Verdict(enum.StrEnum):
    """How a claim compares with what is on record."""

    MATCH = "match"
    NO_MATCH = "no-match"
    NOT_ON_RECORD = "not-on-record"

    @property
    def label(self) -> str:
        """In words."""
        return {"match": "相符", "no-match": "不相符", "not-on-record": "没有记载"}[self.value]


@dataclass(frozen=True, kw_only=True)
class Question:
    """One subject: values of the keys, and what is claimed of it, by code."""

    keys: Mapping[str, Any]
    claims: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Result:
    """The answer about one subject, by its place in the call. ``items``: empty where not exactly one row is there."""

    place: int
    on_record: OnRecord
    claims: Mapping[str, Verdict]
    items: Mapping[str, Any]

    @property
    def is_miss(self) -> bool:
        """Whether it says no to something, as a guess that failed does."""
        return self.on_record == OnRecord.NO or Verdict.NO_MATCH in self.claims.values()
