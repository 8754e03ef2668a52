"""Files taken in and handed out."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import zipfile
from pathlib import Path
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from guiyang_data.attachments import responses, selectors, services
from guiyang_data.attachments.models import Attachment
from guiyang_data.errors import NotSeen, RuleBroken, WrongState
from tests.factories.accounts import citizen

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

AT = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
PDF = b"%PDF-1.7\n%%EOF\n"


def package(*members: str) -> bytes:
    """A ZIP file with these members."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for member in members:
            file.writestr(member, "<x/>")
    return made.getvalue()


WORD = package("[Content_Types].xml", "word/document.xml")
SHEET = package("[Content_Types].xml", "xl/workbook.xml")


def taken(name: str = "证明.pdf", content: bytes = PDF, subject: str = "open-request:1") -> Attachment:
    return services.take_in(SimpleUploadedFile(name, content), subject=subject, by=None, at=AT)


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("a.doc", OLE, "application/msword"),
        ("a.docx", WORD, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a.xls", OLE, "application/vnd.ms-excel"),
        ("a.xlsx", SHEET, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("a.ofd", package("OFD.xml", "Doc_0/Document.xml"), "application/ofd"),
        ("a.wps", OLE, "application/vnd.ms-works"),
        ("a.wps", WORD, "application/vnd.ms-works"),
        ("a.et", SHEET, "application/octet-stream"),
        ("a.csv", "名称,数量\r\n公交,3\r\n".encode(), "text/csv"),
        ("a.csv", "名称,数量\r\n公交,3\r\n".encode("gb18030"), "text/csv"),
        ("a.txt", b"\xef\xbb\xbf" + "说明".encode(), "text/plain"),
        ("a.txt", "说明".encode("utf-16"), "text/plain"),
        ("a.json", b'\xef\xbb\xbf{"a": 1}', "application/json"),
        ("a.png", b"\x89PNG\r\n\x1a\n" + b"0" * 20, "image/png"),
        ("A.JPG", b"\xff\xd8\xff\xe0" + b"0" * 20, "image/jpeg"),
        ("a.jpeg", b"\xff\xd8\xff\xe0" + b"0" * 20, "image/jpeg"),
    ],
)
def test_each_kind_that_is_taken_is_kept_whole(name: str, content: bytes, media_type: str) -> None:
    # when
    attachment = taken(name, content)

    # then
    attachment.refresh_from_db()
    assert attachment.media_type == media_type
    assert attachment.size == len(content)
    assert attachment.sha256 == hashlib.sha256(content).hexdigest()
    with attachment.file.open("rb") as file:
        assert file.read() == content


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.zip", package("x")),
        ("a.exe", b"MZ" + b"\0" * 100),
        ("a.html", b"<script>alert(1)</script>"),
        ("a.svg", b"<svg/>"),
        ("无扩展名", PDF),
        (".pdf", PDF),
        ("a.pdf.exe", PDF),
        ("a.pdf", b"MZ" + b"\0" * 100),
        ("a.pdf", b"<html>%PDF-"),
        ("a.png", PDF),
        ("a.docx", SHEET),
        ("a.docx", OLE),
        ("a.docx", b"PK\x03\x04 not a package"),
        ("a.docx", package("word/document.xml", "word/vbaProject.bin")),
        ("a.xlsx", package("anything.txt")),
        ("a.ofd", WORD),
        ("a.txt", b"MZ\x90\x00\x03"),
        ("a.csv", b"\xff\xff\xff\xff"),
        ("a.json", b"{not json}"),
        ("a.json", '{"a": "公"}'.encode("gb18030")),
    ],
)
def test_a_file_of_another_kind_or_with_another_content_is_refused_and_nothing_is_kept(
    name: str, content: bytes, settings: Settings
) -> None:
    # given
    before = set(Path(settings.MEDIA_ROOT).rglob("*"))

    # when
    with pytest.raises(RuleBroken) as refused:
        taken(name, content)

    # then
    assert "请" in refused.value.message
    assert "都还在" in refused.value.message
    assert "file" in refused.value.fields
    assert Attachment.objects.count() == 0
    assert set(Path(settings.MEDIA_ROOT).rglob("*")) == before


def test_an_empty_file_is_refused() -> None:
    # then
    with pytest.raises(RuleBroken, match="空文件"):
        taken("a.txt", b"")


def test_a_file_of_exactly_the_limit_is_taken_and_one_byte_more_is_not(settings: Settings) -> None:
    # given
    settings.ATTACHMENT_LIMIT_BYTES = 1024 * 1024

    # when
    attachment = taken("a.txt", b"x" * 1024 * 1024)
    with pytest.raises(RuleBroken, match="超过 1 MB"):
        taken("a.txt", b"x" * (1024 * 1024 + 1))

    # then
    assert list(Attachment.objects.all()) == [attachment]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/证明.pdf", "证明.pdf"),
        ("C:\\用户\\证明.pdf", "证明.pdf"),
        ("证\u202efdp.\u0000明\r\n.pdf", "证fdp.明.pdf"),
        ("  .证明  材料.pdf ", "证明 材料.pdf"),
        ("长" * 300 + ".pdf", "长" * 116 + ".pdf"),
    ],
)
def test_the_name_is_kept_for_showing_only_and_cleaned(given: str, kept: str) -> None:
    # then
    assert services.clean_name(given) == kept


def test_the_stored_path_has_nothing_of_the_name_and_two_files_never_share_one() -> None:
    # when
    first, second = taken("同名.pdf"), taken("同名.pdf")

    # then
    assert first.file.name != second.file.name
    assert "同名" not in first.file.name
    assert "pdf" not in first.file.name
    assert first.pk != second.pk


def test_who_when_and_what_for_are_kept_and_a_file_is_private_unless_said_otherwise() -> None:
    # given
    applicant = citizen()

    # when
    attachment = services.take_in(
        SimpleUploadedFile("答复.pdf", PDF), subject="review:7", by=applicant, at=AT, purpose="reply", is_private=False
    )
    other = taken()

    # then
    attachment.refresh_from_db()
    assert (attachment.uploaded_by, attachment.uploaded_at, attachment.purpose) == (applicant, AT, "reply")
    assert (attachment.is_private, other.is_private, other.uploaded_by) == (False, True, None)


def test_files_of_a_draft_become_those_of_the_case_and_doing_so_again_changes_nothing() -> None:
    # given
    files = [taken(subject="draft:abc"), taken(subject="draft:abc")]

    # when
    services.adopt(files, "open-request:5")
    services.adopt(files, "open-request:5")

    # then
    assert set(selectors.of("open-request:5")) == set(files)
    assert not selectors.of("draft:abc").exists()


def test_a_file_of_another_case_is_never_taken_over_and_none_of_the_others_moves() -> None:
    # given
    draft, foreign = taken(subject="draft:abc"), taken(subject="open-request:4")

    # when
    with pytest.raises(WrongState):
        services.adopt([draft, foreign], "open-request:5")

    # then
    assert list(selectors.of("draft:abc")) == [draft]
    assert list(selectors.of("open-request:4")) == [foreign]


def test_files_of_many_cases_cost_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    # given
    files = [taken(subject=f"open-request:{number}") for number in range(4)]

    # when
    with django_assert_num_queries(1):
        found = selectors.of_all([*(file.subject for file in files), "open-request:none"])

    # then
    assert [found[file.subject] for file in files] == [[file] for file in files]
    assert found["open-request:none"] == []


def test_a_download_is_always_saved_never_shown_under_its_chinese_name() -> None:
    # when
    response = responses.download(taken('证明 "一".pdf'))

    # then
    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Disposition"].startswith("attachment;")
    assert "filename*=utf-8''" + quote('证明 "一".pdf') in response["Content-Disposition"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Type"] == "application/pdf"
    assert response["Cache-Control"] == "private, no-store"


def test_a_file_that_is_gone_from_the_store_is_said_to_be_out_of_reach() -> None:
    # given
    attachment = taken()
    attachment.file.storage.delete(attachment.file.name)

    # then
    with pytest.raises(NotSeen, match="取不到"):
        responses.download(attachment)


def test_an_archive_is_taken_only_where_its_members_are_looked_into() -> None:
    # given
    content = package("说明.txt", "名单.csv")

    # then
    with pytest.raises(RuleBroken, match="不能接收"):
        taken("材料.zip", content)
    for wrong in (WORD, package(), b"PK\x03\x04broken"):
        file = SimpleUploadedFile("材料.zip", wrong)
        with pytest.raises(RuleBroken, match="不符"):
            services.take_in(file, subject="draft:1", by=None, at=AT, archives=True)

    # when
    file = SimpleUploadedFile("材料.zip", content)
    attachment = services.take_in(file, subject="draft:1", by=None, at=AT, archives=True)

    # then
    assert attachment.media_type == "application/zip"
