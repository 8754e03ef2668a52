"""What is like a request as a page shows it: where it stands, and by when it is answered."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from guiyang_data.ledger.services import subject_of
from guiyang_data.notices.following import followers_of
from guiyang_data.search.selectors import Hit
from guiyang_data.statute.selectors import ClockFace, face
from requests_app.models import OpenRequest
from requests_app.selectors import Similar, clocks_by_case, published_requests
from requests_app.services.following import DATASET_SUBJECT


@dataclass(frozen=True, kw_only=True)
class SimilarRequest:
    """A request like it, with its agency, standing and clock."""

    hit: Hit
    request: OpenRequest
    face: ClockFace | None
    followers: int


@dataclass(frozen=True, kw_only=True)
class SimilarDataset:
    """An open data set like it."""

    hit: Hit
    slug: str
    followers: int


@dataclass(frozen=True, kw_only=True)
class Shown:
    """Both, in the order in which they fit."""

    requests: tuple[SimilarRequest, ...]
    datasets: tuple[SimilarDataset, ...]

    def __bool__(self) -> bool:
        return bool(self.requests or self.datasets)


def shown_similar(similar: Similar, today: dt.date) -> Shown:
    """Three queries for both kinds, however many there are."""
    if not similar:
        return Shown(requests=(), datasets=())
    rows = {row.number: row for row in published_requests().filter(number__in=[hit.key for hit in similar.requests])}
    clocks = clocks_by_case(rows.values())
    keys = {number: subject_of(row) for number, row in rows.items()}
    keys |= {hit.url: f"{DATASET_SUBJECT}:{hit.key}" for hit in similar.datasets}
    counted = followers_of(list(keys.values()))
    return Shown(
        requests=tuple(
            SimilarRequest(
                hit=hit,
                request=rows[hit.key],
                face=face(clocks[hit.key], today) if hit.key in clocks else None,
                followers=counted.get(keys[hit.key], 0),
            )
            for hit in similar.requests
            if hit.key in rows
        ),
        datasets=tuple(
            SimilarDataset(hit=hit, slug=hit.url.strip("/").split("/")[-1], followers=counted.get(keys[hit.url], 0))
            for hit in similar.datasets
        ),
    )
