"""Importing a catalogue in one go, as the command line does: all of it in one transaction, or nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.files.base import File
from django.db import transaction

from catalog import policies
from catalog.models import CatalogImport
from catalog.services.import_deciding import Preview, check_answers, check_mapping, usual_defaults
from catalog.services.import_files import SourceTable
from catalog.services.import_stated import stated_mapping
from catalog.services.importing import confirm, land_catalogue, preview, run_import
from catalog.services.locking import principal_of
from catalog.workflow import COMPILE
from guiyang_data.accounts.models import Agency, User
from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.services import NamedActor


@dataclass(frozen=True, kw_only=True)
class Whole:
    """An import in one go. ``job``: with its figures where it was carried out, else never saved.

    ``stands_against``: why nothing was imported; None where it was, or where nobody wanted it to be.
    """

    job: CatalogImport
    mapping: Mapping[str, str]
    defaults: Mapping[str, Any]
    seen: Preview
    stands_against: RuleBroken | None = None


def import_whole(
    *,
    provider: Agency,
    uploaded: File,
    by: User | NamedActor,
    at: dt.datetime,
    file_name: str = "",
    stated: Mapping[str, Any] | None = None,
    defaults: Mapping[str, Any] | None = None,
    take_good_rows: bool = False,
    dry_run: bool = False,
    keep_codes: bool = False,
) -> Whole:
    """Import a catalogue as drafts of an agency (第十一条第二款), through the steps of the page, in one transaction.

    ``stated``: a mapping that somebody wrote down (``stated_mapping``); columns it does not name are taken as the
    page would propose. ``defaults``: those of ``usual_defaults`` that are to be others. ``keep_codes``: new entries
    have the resource codes of the file, where the operator moves a catalogue. Nothing stays of an import that was
    refused or only tried, neither rows nor the landed file. What the operator imports is done by the agency's system
    account for it. Raises RuleBroken for a file that is no catalogue and for a mapping that does not fit it.
    """
    if keep_codes:
        policies.require(by, "keep-codes", provider)
    job, table = land_catalogue(provider=provider, uploaded=uploaded, by=by, at=at, file_name=file_name)
    kept = False
    try:
        mapping, given = understood(job, stated, defaults)
        whole = Whole(
            job=job, mapping=mapping, defaults=given, seen=preview(job, mapping, given, keep_codes=keep_codes)
        )
        refusal = _stands_against(whole, take_good_rows)
        if refusal is not None or dry_run:
            return Whole(**{**vars(whole), "stands_against": refusal})
        done = _carried_out(whole, table, take_good_rows=take_good_rows, keep_codes=keep_codes, by=by, at=at)
        kept = done.stands_against is None
        return done
    finally:
        if not kept:
            job.landed.unlink(missing_ok=True)


def understood(
    job: CatalogImport, stated: Mapping[str, Any] | None, defaults: Mapping[str, Any] | None
) -> tuple[dict[str, str], dict[str, Any]]:
    """The mapping and the defaults of an import as somebody wrote them down: what they leave out is as proposed.

    Raises RuleBroken for a mapping that does not fit the file.
    """
    mapping = stated_mapping(stated or {}, job.columns, job.mapping)
    check_mapping(job, mapping)
    return mapping, {**usual_defaults(job.provider), **(defaults or {})}


def _stands_against(whole: Whole, take_good_rows: bool) -> RuleBroken | None:
    try:
        check_answers(whole.seen, whole.defaults, take_good_rows=take_good_rows)
    except RuleBroken as refusal:
        return refusal
    return None


def _carried_out(
    whole: Whole, table: SourceTable, *, take_good_rows: bool, keep_codes: bool, by: User | NamedActor, at: dt.datetime
) -> Whole:
    job, seen = whole.job, whole.seen
    with transaction.atomic():
        job.by = principal_of(by, job.provider, at=at)
        policies.require(job.by, "import", job.provider)
        job.save(force_insert=True)
        confirm(
            job,
            by=by,
            at=at,
            mapping=whole.mapping,
            defaults=whole.defaults,
            take_good_rows=take_good_rows,
            seen=seen,
        )
        done = run_import(job.pk, at=at, table=table, keep_codes=keep_codes)
        as_seen = done.state == CatalogImport.State.DONE and (take_good_rows or not done.refused)
        # while the file was looked at somebody changed the catalogue: half of an import must not stay
        transaction.set_rollback(not as_seen)
    if as_seen:
        return Whole(**{**vars(whole), "job": done})
    message = done.message or "导入期间目录有变动，因此什么都没有导入。请重新导入。"
    return Whole(**{**vars(whole), "stands_against": RuleBroken(message, basis=COMPILE)})
