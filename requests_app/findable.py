"""What of requests and reviews stands in the index: only what their public pages show."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from guiyang_data.search import registry, services
from guiyang_data.search.registry import Document
from requests_app.models import OpenRequest, ReviewApplication
from requests_app.workflow import RequestStatus, ReviewStatus

REQUEST_KIND = "request"
REVIEW_KIND = "review"


def register() -> None:
    """Name both kinds to the index."""
    registry.register(REQUEST_KIND, request_documents)
    registry.register(REVIEW_KIND, review_documents)


def request_document(request: OpenRequest) -> Document:
    """A request as it is found: never its purpose, its applicant or its papers."""
    return Document(
        kind=REQUEST_KIND,
        key=request.number,
        title=request.title,
        summary=request.description,
        body=f"{request.number} {request.agency.name}",
        url=request.get_absolute_url(),
        is_public=True,
        agency_code=request.agency.code,
        facets={"status": request.status, "case": request.case},
        updated_at=request.submitted_at,
    )


def review_document(review: ReviewApplication) -> Document:
    """A review whose result is fed back."""
    request = review.reply.request
    return Document(
        kind=REVIEW_KIND,
        key=review.number,
        title=f"复核：{request.title}（{review.get_outcome_display()}）",
        summary=review.decision_reasons,
        body=f"{review.number} {request.number} {review.reply.agency.name}",
        url=reverse("requests_app:review", args=[review.number]),
        is_public=True,
        agency_code=review.reply.agency.code,
        facets={"outcome": review.outcome},
        updated_at=review.decided_at or review.submitted_at,
    )


def request_documents() -> Iterator[Document]:
    """Every request that was not withdrawn."""
    rows = OpenRequest.objects.exclude(status=RequestStatus.WITHDRAWN).select_related("agency").order_by("pk")
    return map(request_document, rows.iterator(chunk_size=500))


def review_documents() -> Iterator[Document]:
    """Every review with a result."""
    rows = ReviewApplication.objects.filter(status=ReviewStatus.DECIDED)
    related = rows.select_related("reply__request", "reply__agency").order_by("pk")
    return map(review_document, related.iterator(chunk_size=500))


def keep_request_findable(request: OpenRequest) -> None:
    """Bring the index up to date in the transaction of the act."""
    if request.status == RequestStatus.WITHDRAWN:
        services.remove(REQUEST_KIND, request.number)
    else:
        services.index_many([request_document(request)])


def keep_review_findable(review: ReviewApplication) -> None:
    """Bring the index up to date in the transaction of the act."""
    if review.status == ReviewStatus.DECIDED:
        services.index_many([review_document(review)])
