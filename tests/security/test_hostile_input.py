"""Whatever an address or a body holds is answered in its own terms: never with a 500, never by counting for ever."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client, RequestFactory

from guiyang_data.attachments.inspection.apart import inspect_apart
from guiyang_data.outbound.client import reachable
from guiyang_data.outbound.errors import OutboundRefused
from guiyang_data.tables.columns import Column, DataType
from guiyang_data.tables.refusals import BadFilter
from guiyang_data.tables.selecting import coerce
from guiyang_data.wsgi import application
from opendata import querying
from tests.caching import forget
from tests.factories.accounts import citizen
from tests.factories.requests import cast, drafted_with_paper

HUGE = "9" * 25
NO_NUMBERS = (HUGE, "9" * 5000, "²", "-1", "1e9", "")


@pytest.fixture
def visitor(db: None) -> Client:
    forget()
    return Client(raise_request_exception=False)


@pytest.mark.django_db
@pytest.mark.engine(always=True)
@pytest.mark.parametrize("number", NO_NUMBERS, ids=["huge", "endless", "superscript", "negative", "exponent", "empty"])
@pytest.mark.parametrize(
    "address",
    [
        "/search/?q=公交&page={}",
        "/data/?page={}",
        "/requests/?page={}",
        "/reviews/?page={}",
        "/requests/new/?entry={}",
        "/publicity/?year={}",
        "/api/v1/requests/?page_size={}",
    ],
)
def test_a_number_that_is_none_is_no_error_of_the_portal(visitor: Client, address: str, number: str) -> None:
    answer = visitor.get(address.format(quote(number)))
    assert answer.status_code in {200, 404}


@pytest.mark.django_db
@pytest.mark.engine(always=True)
@pytest.mark.parametrize("number", NO_NUMBERS, ids=["huge", "endless", "superscript", "negative", "exponent", "empty"])
def test_marking_notices_as_read_passes_over_what_is_no_notice(visitor: Client, number: str) -> None:
    visitor.force_login(citizen())
    assert visitor.post("/me/notices/read/", {"notice": [number]}).status_code == 302


@pytest.mark.django_db
@pytest.mark.engine(always=True)
@pytest.mark.parametrize("path", ["/data/?q={}", "/requests/?agency={}", "/search/?q={}", "/data/{}/", "/requests/{}/"])
def test_a_zero_byte_in_an_address_is_the_senders_mistake(visitor: Client, path: str) -> None:
    """PostgreSQL takes no text with it."""
    assert visitor.get(path.format("%00")).status_code == 400


@pytest.mark.django_db
@pytest.mark.engine(always=True)
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("[" * 100_000, 400),
        ('{"a":' * 100_000, 400),
        ('{"title":' + "9" * 5000 + "}", 400),
        ("null", 422),
        (r'{"title": "公交", "case": "\ud800"}', 422),
        (r'{"title": ["\udfff"]}', 422),
        (r'{"\u0000": "公交"}', 422),
    ],
    ids=["nested lists", "nested objects", "endless number", "null", "half a sign", "half a sign within", "zero"],
)
def test_a_body_that_is_no_reasonable_json_is_refused(visitor: Client, body: str, status: int) -> None:
    answer = visitor.post("/api/v1/requests/", body, content_type="application/json")
    assert answer.status_code == status
    assert answer.json()["code"] == "invalid"


def answered(path: str, *, content: bytes = b"", kind: str = "text/plain", query: str = "") -> int:
    """The status with which the portal answers a web server: that of tests reads its requests in its own way."""
    environ = RequestFactory().generic("POST" if content else "GET", path, content, QUERY_STRING=query).environ
    return application.get_response(application.request_class(environ | {"CONTENT_TYPE": kind})).status_code


@pytest.mark.django_db
@pytest.mark.engine(always=True)
@pytest.mark.parametrize("encoding", ["zlib", "bz2", "undefined", "idna", "utf-7", "utf-16", "latin1", "no-such"])
@pytest.mark.parametrize("query", ["q=%2BAAA-", "q=%E5%85%AC"], ids=["zero in UTF-7", "UTF-8"])
def test_an_address_is_read_alike_whatever_the_request_calls_its_encoding(query: str, encoding: str) -> None:
    assert answered("/data/", kind=f"text/plain; charset={encoding}", query=query) == 200


@pytest.mark.django_db
@pytest.mark.engine(always=True)
@pytest.mark.parametrize("encoding", ["zlib", "undefined", "utf-7", "utf-16", "gb18030"])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
@pytest.mark.parametrize("path", ["/accounts/login/", "/requests/new/", "/api/oauth/token/", "/api/v1/requests/"])
def test_a_form_in_another_encoding_is_refused(path: str, kind: str, encoding: str) -> None:
    assert answered(path, content=b"title=%E5", kind=f"{kind}; charset={encoding}") == 400


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["utf8", "UTF-8", "ascii", "no-such"])
def test_utf_8_may_be_called_as_one_likes(encoding: str) -> None:
    kind = f"application/x-www-form-urlencoded; charset={encoding}"
    asked = b"grant_type=client_credentials&client_id=a&client_secret=b"
    assert answered("/api/oauth/token/", content=asked, kind=kind) == 401


@pytest.mark.parametrize("data_type", [DataType.INTEGER, DataType.MONEY])
@pytest.mark.parametrize("value", ["1e999999999", "-1E+99999999", HUGE, "NaN", "Infinity"])
def test_a_number_beyond_its_column_is_refused_without_being_counted_out(data_type: DataType, value: str) -> None:
    with pytest.raises(BadFilter):
        coerce(Column(name="数量", code="amount", data_type=data_type), value)


@pytest.mark.parametrize("text", [HUGE, "9" * 5000])
def test_a_row_beyond_every_table_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadFilter, match="offset"):
        querying.whole(text, name="offset", default=0)


def test_a_comparison_is_read_in_one_pass_however_many_blanks_it_has() -> None:
    column = Column(name="数量", code="amount", data_type=DataType.NUMBER)
    parameters: dict[str, Any] = {"amount": ">" + " " * 200_000 + "1\n2"}
    assert querying.conditions(parameters, [column])[0].filter.operator in {"eq", "gt"}


@pytest.mark.django_db
@pytest.mark.engine(always=True)
@pytest.mark.parametrize("finding", [10**30, -1], ids=["beyond-its-column", "negative"])
def test_a_finding_that_is_none_is_refused_at_its_field(visitor: Client, finding: int) -> None:
    # given a paper with findings
    play = cast()
    request, paper = drafted_with_paper(play)
    visitor.force_login(play.steward)

    # when
    answer = visitor.post(
        f"/api/v1/requests/{request.number}/reply-papers/{paper.pk}/confirm/",
        {"findings": [finding], "reasons": "已核对，可以原样送出。"},
        content_type="application/json",
    )

    # then
    assert answer.status_code == 422
    assert "findings" in answer.json()["fields"]


ARRANGEMENTS = {
    "no-such-day": {"text": "延长2027年春节假期至13月45日"},
    "signed-on-no-day": {"text": "2027年元旦：1月1日（周五）放假。\n国务院办公厅\n2026年13月45日"},
    "year-one": {"text": "元旦：1月1日放假", "year": "1"},
    "endless-year": {"text": "元旦：1月1日放假", "year": "9" * 20},
    "year-nought": {"text": "0000年元旦：1月1日放假"},
    "json-year": {"text": '{"year": 1e400, "days": []}'},
    "json-number": {"text": '{"year": ' + "9" * 5000 + "}"},
    "json-depth": {"text": "[" * 90_000},
    "json-row": {"text": '[1, null, {"day": {"a": 1}}, [[]], {"day": 20270101, "working": {}}]'},
    "csv-cell": {"text": "day,working,name\n2027-01-01,休," + "节" * 90_000},
    "csv-quote": {"text": 'day,working,name\n"2027-01-01,休,元旦\n\n'},
    "unseen": {"text": "\ufeff\u202e2027年\u2028元旦：\x0b1月1日"},
}


@pytest.mark.django_db
@pytest.mark.engine(always=True)
@pytest.mark.parametrize("name", sorted(ARRANGEMENTS))
def test_an_arrangement_that_is_none_is_refused_in_words(visitor: Client, name: str) -> None:
    visitor.force_login(cast().authority_officer)
    given = {
        "scope": "year",
        "document_number": "国办发明电〔2026〕9号",
        "issued_on": "2026-11-04",
        **ARRANGEMENTS[name],
    }
    for scope in ("year", "days"):
        assert visitor.post("/desk/calendar/new/", {**given, "scope": scope}).status_code == 422


@pytest.mark.parametrize("port", [0, 65_536, 99_999])
def test_a_port_that_is_none_is_not_taken_for_another(port: int) -> None:
    with pytest.raises(OutboundRefused):
        reachable(f"https://93.184.216.34:{port}/", public_only=True)


@pytest.mark.parametrize("host", ["xn--", "xn--.cn", "xn--a-.cn", "例子.xn--", "[3fff::1]"])
def test_a_name_that_is_none_is_refused_in_words(host: str) -> None:
    with pytest.raises(OutboundRefused):
        reachable(f"https://{host}/", public_only=True)


def test_what_looks_into_files_knows_no_secret_of_the_portal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a portal with a secret in its surroundings
    monkeypatch.setenv("GUIYANG_SECRET_KEY", "a-secret")
    seen: dict[str, str] = {}
    real = subprocess.run

    def looked(command: list[str], *, env: dict[str, str], **more: Any) -> Any:
        seen.update(env)
        return real(command, env=env, **more)

    monkeypatch.setattr("guiyang_data.attachments.inspection.apart.subprocess.run", looked)
    path = tmp_path / "content"
    path.write_text("姓名\n张三\n")

    # when
    findings = inspect_apart(path, "名单（草稿）.txt")

    # then it was read all the same
    assert findings == []
    assert "a-secret" not in seen.values()
    assert not [name for name in seen if name.startswith("GUIYANG")]
