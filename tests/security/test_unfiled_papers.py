"""Files of what was never filed: not without number, and not for ever."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from guiyang_data.attachments.models import Attachment
from guiyang_data.attachments.services import forget_drafts, take_in
from guiyang_data.timekeeping import now
from requests_app import reactions, visitors
from tests.factories.requests import FILED_ON, at, cast, waiting

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def _uploaded(subject: str, moment: dt.datetime) -> Attachment:
    return take_in(ContentFile("姓名\n".encode(), name="名单.txt"), subject=subject, by=None, at=moment)


def test_a_file_of_something_nobody_filed_is_gone_after_a_day(django_capture_on_commit_callbacks) -> None:  # type: ignore[no-untyped-def]
    # given a file left lying, one uploaded just now, and one of a case
    moment = at(FILED_ON)
    left = _uploaded("draft:left", moment - dt.timedelta(hours=25))
    fresh = _uploaded("draft:fresh", moment - dt.timedelta(hours=11))
    filed = _uploaded("requests_app.openrequest:1", moment - dt.timedelta(days=300))

    # when the sweep comes by
    with django_capture_on_commit_callbacks(execute=True):
        reactions.react(moment, FILED_ON)

    # then row and content of the first are gone
    assert set(Attachment.objects.all()) == {fresh, filed}
    assert not left.file.storage.exists(left.file.name)
    assert fresh.file.storage.exists(fresh.file.name)
    assert forget_drafts(at=moment) == 0


@pytest.mark.parametrize("path", ["/requests/new/", "/complaints/new/"])
def test_an_address_without_an_account_uploads_so_many_files_an_hour_whatever_its_sessions(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(visitors, "FILES_AN_HOUR", 2)
    play = cast()
    waiting(play)
    form = {
        "title": "公共停车场实时余位",
        "agency": play.city.transport.pk,
        "concern": "overdue",
        "matter": "到期没有答复，电话也没有人接听，请督促办理。",
    }

    # when each session begins anew
    def upload() -> int:
        visitor = Client()
        visitor.get(path)
        paper = SimpleUploadedFile("名单.txt", "姓名\n".encode())
        return visitor.post(path, {**form, "file": paper}).status_code

    # then
    answers = [upload() for _ in range(3)]
    assert answers == [302, 302, 422]
    assert Attachment.objects.filter(uploaded_at__lte=now()).count() == 2
