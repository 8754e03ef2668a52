"""Verifying without an account: by code, by QR code, by file; any changed byte shows (第十六条第一款)."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as portal
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.test import Client
from django.utils import timezone

from guiyang_data.accounts.protection import decrypt
from sharing.edocuments.codes import code_index, new_code, plain, spelled
from sharing.edocuments.masks import masked_name
from sharing.models import EDocument
from tests.factories import edocuments as made
from tests.factories import sharing
from tests.factories.sharing import Scene
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]
PAGE = "/edocuments/verify/"
CALL = "/api/v1/edocuments/verify/"


_kept, scene = kept(made.scene)


@pytest.fixture(autouse=True)
def _on_the_third_day() -> Iterator[None]:
    shift_to(sharing.later(2))
    yield
    Path(portal.TIME_SHIFT_FILE).unlink()


def shift_to(moment: dt.datetime) -> None:
    shift = int((moment - timezone.now()).total_seconds())
    Path(portal.TIME_SHIFT_FILE).write_text(str(shift), encoding="ascii")


def code_of(document: EDocument) -> str:
    return decrypt(document.code_encrypted)


def sent(content: bytes, code: str = "", page: str = PAGE) -> Any:
    file = io.BytesIO(content)
    file.name = "文书.pdf"
    return Client().post(page, {"code": code, "file": file})


def text(response: Any) -> str:
    return response.content.decode()


# --- the code ----------------------------------------------------------------------------------------


def test_a_code_is_long_and_found_however_it_is_typed() -> None:
    code = new_code()
    assert len(plain(code)) == 20
    assert code_index(code.lower().replace("-", " ")) == code_index(code) != code_index(new_code())
    assert spelled(plain(code)) == code


@pytest.mark.parametrize(
    ("name", "masked"),
    [("王示三", "王**"), ("王", "王*"), ("欧阳示三", "欧***"), (made.HOLDER, "贵阳****公司")],
)
def test_a_holder_is_shown_to_whoever_knows_and_no_more(name: str, masked: str) -> None:
    assert masked_name(name) == masked


def test_the_address_of_the_qr_code_shows_a_genuine_document_without_its_holder(scene: Scene) -> None:
    document = made.issued(scene)
    response = Client().get(f"{PAGE}{code_of(document)}/")
    assert response.status_code == 200
    for part in ("真实有效", document.number, document.title, scene.provider.name, document.sha256, "贵阳****公司"):
        assert part in text(response), part
    for part in (made.HOLDER, made.HOLDER_ID, "YX-001"):
        assert part not in text(response), part
    assert "没有签名的电子文书，不因此无效" in text(response)
    assert "第十六条第一款" in text(response)
    assert response["Cache-Control"] == "private, no-store"


def test_a_code_is_sent_without_scripts(scene: Scene) -> None:
    document = made.issued(scene)
    response = Client(enforce_csrf_checks=False).post(PAGE, {"code": code_of(document).lower().replace("-", "")})
    assert (response.status_code, "真实有效" in text(response)) == (200, True)


def test_the_form_is_guarded_against_forgery(scene: Scene) -> None:
    assert Client(enforce_csrf_checks=True).post(PAGE, {"code": "x"}).status_code == 403


def test_revoked_expired_and_unknown_are_told_apart(scene: Scene) -> None:
    revoked = code_of(made.revoked(scene))
    expiring = code_of(made.issued(scene, "YX-004"))
    assert "已撤销" in text(Client().get(f"{PAGE}{revoked}/"))
    assert "王示三" not in text(Client().get(f"{PAGE}{revoked}/"))
    shift_to(sharing.later(8))
    assert "真实有效" in text(Client().get(f"{PAGE}{expiring}/"))
    shift_to(sharing.later(9))
    assert "已过有效期" in text(Client().get(f"{PAGE}{expiring}/"))
    unknown = Client().get(f"{PAGE}{new_code()}/")
    assert (unknown.status_code, "没有查到" in text(unknown)) == (404, True)


def test_a_record_that_is_not_what_was_signed_is_not_called_genuine(scene: Scene) -> None:
    document = made.issued(scene)
    EDocument.objects.filter(pk=document.pk).update(valid_until=dt.date(2099, 1, 1))
    assert "登记记录异常" in text(Client().get(f"{PAGE}{code_of(document)}/"))


# --- the file ----------------------------------------------------------------------------------------


def test_a_file_is_found_by_its_bytes_alone(scene: Scene) -> None:
    content = made.file_of(made.issued(scene))
    response = sent(content)
    assert response.status_code == 200
    assert "逐字节一致" in text(response)


def test_any_changed_missing_or_added_byte_is_shown(scene: Scene) -> None:
    document = made.issued(scene)
    content, code = made.file_of(document), code_of(document)
    places = [0, 1, len(content) // 3, content.index(b"/Contents") + 40, len(content) - 1]
    changed = [content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :] for at in places]
    data = content.index(b"/EmbeddedFile")
    for bad in (*changed, content[:-1], content[:100], content + b"\n", content[:data] + b" " + content[data:]):
        response = sent(bad, code)
        assert "文件已被改动" in text(response)
        assert "真实有效" not in text(response)
    without_code = sent(changed[0])
    assert (without_code.status_code, "没有查到" in text(without_code)) == (404, True)


def test_the_file_of_another_document_is_not_this_one(scene: Scene) -> None:
    first, second = made.issued(scene), made.issued(scene, "YX-002")
    assert "文件已被改动" in text(sent(made.file_of(second), code_of(first)))


def test_a_file_is_hashed_as_it_comes_and_never_stored(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: whatever would keep a file fails
    def kept(*arguments: object, **named: object) -> None:
        raise AssertionError("the file was kept")

    monkeypatch.setattr(TemporaryFileUploadHandler, "new_file", kept)
    before = set(Path(portal.MEDIA_ROOT).rglob("*"))

    # when
    response = sent(b"%PDF-" + b"x" * 6_000_000)

    # then
    assert "没有查到" in text(response)
    assert set(Path(portal.MEDIA_ROOT).rglob("*")) == before


def test_a_file_that_is_too_large_is_refused(scene: Scene, settings: Any) -> None:
    settings.ATTACHMENT_LIMIT_BYTES = 1000
    response = sent(b"%PDF-" + b"x" * 5000)
    assert (response.status_code, "文件超过" in text(response)) == (422, True)
    assert sent(b"%PDF-" + b"x" * 5000, page=CALL).status_code == 413


def test_nothing_sent_is_said_at_the_code() -> None:
    response = Client().post(PAGE, {"code": ""})
    assert (response.status_code, "请填写核验码，或者选择要核对的文件" in text(response)) == (422, True)


# --- guessing ----------------------------------------------------------------------------------------


def test_guessing_codes_is_stopped_for_an_address_and_the_right_code_too(scene: Scene) -> None:
    document = made.issued(scene)
    client = Client(REMOTE_ADDR="192.0.2.77")
    answers = [client.get(f"{PAGE}{new_code()}/").status_code for _number in range(21)]
    assert answers == [404] * 20 + [429]
    assert client.get(f"{PAGE}{code_of(document)}/").status_code == 429
    assert client.post(PAGE, {"code": code_of(document)}).status_code == 429
    assert client.post(CALL, {"code": code_of(document)}, content_type="application/json").status_code == 429
    assert Client(REMOTE_ADDR="192.0.2.78").get(f"{PAGE}{code_of(document)}/").status_code == 200


# --- over REST ---------------------------------------------------------------------------------------


def test_programs_verify_by_code_and_by_file(scene: Scene) -> None:
    document = made.issued(scene)
    content = made.file_of(document)
    by_code = Client().post(CALL, {"code": code_of(document)}, content_type="application/json").json()
    assert (by_code["standing"], by_code["file"], by_code["holder"]) == (
        "genuine",
        "none",
        "贵阳****公司（915*************17）",
    )
    assert sent(content, page=CALL).json()["file"] == "same"
    assert sent(content[:-1], code_of(document), page=CALL).json()["file"] == "changed"
    unknown = Client().post(CALL, {"code": new_code()}, content_type="application/json")
    assert (unknown.status_code, unknown.json()["standing"]) == (200, "unknown")
    assert Client().post(CALL, {}, content_type="application/json").status_code == 422
