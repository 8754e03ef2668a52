"""Inspections kept, answered for, and cleaned copies in the place of files."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from guiyang_data.attachments import selectors, services
from guiyang_data.attachments.inspection.findings import TOOL
from guiyang_data.attachments.models import Attachment, Inspection, InspectionFinding
from guiyang_data.errors import RuleBroken
from tests.factories import papers
from tests.factories.accounts import citizen

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

AT = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)
SUBJECT = "requests_app.reply:1"


def taken(name: str = "名单.xlsx", content: bytes | None = None) -> Attachment:
    file = SimpleUploadedFile(name, papers.hiding_sheet() if content is None else content)
    return services.take_in(file, subject=SUBJECT, by=None, at=AT)


def finding(inspection: Inspection, code: str, *, hidden: bool) -> InspectionFinding:
    return inspection.findings.filter(code=code, is_hidden=hidden)[0]


def test_what_was_found_is_kept_with_the_content_it_was_found_in() -> None:
    # when
    inspection = services.inspect(taken(), at=AT)

    # then
    inspection.refresh_from_db()
    attachment = inspection.attachment
    assert (inspection.sha256, inspection.tool, inspection.inspected_at) == (attachment.sha256, TOOL, AT)
    assert finding(inspection, "hidden-sheet", hidden=True).place == "工作表「底表」"
    assert finding(inspection, "mobile", hidden=False).sample == "139******45"
    assert [one.must_go for one in inspection.findings.filter(code="resident-id")] == [True, True]


def test_the_same_content_is_looked_into_once_and_answered_for_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    content = papers.hiding_sheet()
    first = services.inspect(taken(content=content), at=AT)
    row = finding(first, "hidden-sheet", hidden=True)
    services.confirm(inspection=first, findings=[row.pk], by=citizen(), reasons="底表只有代码对照", at=AT)
    again = taken(name="再传.xlsx", content=content)
    again.file.storage.delete(str(again.file.name))

    # when: only what is known can answer, the file is gone
    second = services.inspect(again, at=AT)

    # then
    assert second.findings.count() == first.findings.count()
    assert not finding(second, "hidden-sheet", hidden=True).is_cleared


def test_a_file_that_cannot_be_fetched_is_not_checked_and_tried_again() -> None:
    # given
    attachment = taken()
    with attachment.file.open("rb") as file:
        content = file.read()
    name = str(attachment.file.name)
    attachment.file.storage.delete(name)

    # when
    first = services.inspect(Attachment.objects.get(pk=attachment.pk), at=AT)

    # then
    assert [(one.code, one.sample) for one in first.findings.all()] == [("not-checked", "文件暂时取不到")]

    # when
    attachment.file.storage.save(name, SimpleUploadedFile("x", content))

    # then
    again = services.inspect(Attachment.objects.get(pk=attachment.pk), at=AT)
    assert again.findings.filter(code="hidden-sheet").exists()


def test_somebody_answers_for_findings_with_a_reason() -> None:
    # given
    inspection = services.inspect(taken(), at=AT)
    rows = [finding(inspection, "author", hidden=True), finding(inspection, "mobile", hidden=False)]
    by = citizen()

    # when
    services.confirm(
        inspection=inspection, findings=[row.pk for row in rows], by=by, reasons=" 值班电话可以公开 ", at=AT
    )

    # then
    for row in rows:
        row.refresh_from_db()
        assert (row.confirmed_by, row.confirmed_at, row.reasons) == (by, AT, "值班电话可以公开")
    _paper, latest = selectors.inspected(SUBJECT)[0]
    assert len(selectors.uncleared(latest)) == inspection.findings.count() - 2


@pytest.mark.parametrize(
    ("chosen", "reasons", "fields"),
    [
        ([], "底表只有代码对照", {"findings"}),
        ([("hidden-sheet", True)], "可以", {"reasons"}),
        ([("resident-id", True)], "底表只有代码对照", {"findings"}),
        ([("hidden-sheet", True), ("bank-card", True)], "", {"findings", "reasons"}),
    ],
    ids=["nothing", "no reason", "hidden number", "both"],
)
def test_a_confirmation_without_a_reason_or_of_hidden_numbers_is_refused(
    chosen: list[tuple[str, bool]], reasons: str, fields: set[str]
) -> None:
    # given
    inspection = services.inspect(taken(), at=AT)
    rows = [finding(inspection, code, hidden=hidden).pk for code, hidden in chosen]

    # when
    with pytest.raises(RuleBroken) as refused:
        services.confirm(inspection=inspection, findings=rows, by=citizen(), reasons=reasons, at=AT)

    # then
    assert set(refused.value.fields) == fields
    assert not inspection.findings.exclude(confirmed_by=None).exists()


def test_the_database_lets_nobody_answer_for_hidden_numbers() -> None:
    inspection = services.inspect(taken(), at=AT)
    row = finding(inspection, "resident-id", hidden=True)
    row.confirmed_by, row.confirmed_at, row.reasons = citizen(), AT, "可以公开"
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_a_cleaned_copy_takes_the_place_of_the_file(django_capture_on_commit_callbacks: object) -> None:
    # given
    attachment = taken()
    services.inspect(attachment, at=AT)
    storage, name = attachment.file.storage, str(attachment.file.name)

    # when
    content = services.cleaned_content(attachment)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        made = services.keep_cleaned(attachment, content, by=citizen(), at=AT)

    # then
    assert (made.name, made.subject) == ("名单（清理后）.xlsx", SUBJECT)
    assert list(selectors.of(SUBJECT)) == [made]
    assert not storage.exists(name)
    assert [one.code for one in services.inspect(made, at=AT).findings.all()] == ["mobile"]


def test_a_file_that_cannot_be_cleaned_stays() -> None:
    attachment = taken(name="表.csv", content=b"a,b\n")
    with pytest.raises(RuleBroken, match="不能自动清理"):
        services.cleaned_content(attachment)
    assert list(selectors.of(SUBJECT)) == [attachment]


def test_a_copy_for_another_case_brings_what_is_known_and_who_answered() -> None:
    # given
    attachment = taken()
    inspection = services.inspect(attachment, at=AT)
    row = finding(inspection, "hidden-sheet", hidden=True)
    services.confirm(inspection=inspection, findings=[row.pk], by=citizen(), reasons="底表只有代码对照", at=AT)

    # when
    services.copy([attachment], "requests_app.reply:2")

    # then
    _twin, known = selectors.inspected("requests_app.reply:2")[0]
    assert known is not None
    assert known.findings.count() == inspection.findings.count()
    assert len(selectors.uncleared(known)) == inspection.findings.count() - 1


def test_a_list_of_inspected_files_takes_a_constant_number_of_queries(
    django_assert_num_queries: object,
) -> None:
    for number in range(4):
        services.inspect(taken(name=f"{number}.xlsx"), at=AT)
    with django_assert_num_queries(3):  # type: ignore[operator]
        assert all(selectors.uncleared(known) for _paper, known in selectors.inspected(SUBJECT))
