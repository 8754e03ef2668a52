"""The command that a mail server pipes returned mail into, and the setting that turns it on."""

from __future__ import annotations

import datetime as dt
import io
import mailbox
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import OperationalError

from guiyang_data.accounts.models import Agency
from guiyang_data.notices.returned.addresses import envelope_sender
from guiyang_data.notices.returned.counts import lately_returned
from guiyang_data.notices.returned.services import LARGEST, take_back
from tests.factories.accounts import make_agency
from tests.notices import bounces
from tests.notices.conftest import Post
from tests.notices.mailed import ADDRESS, AT, counted, sent

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture(autouse=True)
def _mail_comes_back(settings: LazySettings) -> None:
    settings.BOUNCE_ADDRESS = ADDRESS


@pytest.fixture
def agency() -> Agency:
    return make_agency("贵阳市交通委员会")


class TestTheCommand:
    def test_it_reads_one_message_and_ends_well_whatever_it_is(self, agency: Agency, post: Post) -> None:
        delivery = sent(agency)
        out = io.StringIO()
        for raw in (b"", b"\x00\xff", b"Content-Type: multipart/mixed; boundary=x\n\n--x", bounces.absence(ADDRESS)):
            call_command("take_bounce", stdin=io.BytesIO(raw), stdout=out)
        call_command("take_bounce", stdin=io.BytesIO(bounces.qmail(envelope_sender(delivery))), stdout=out)
        assert out.getvalue().split() == ["unknown"] * 4 + ["undelivered"]
        assert counted() == {"unknown": 4, "undelivered": 1}

    def test_a_message_of_any_length_is_read_to_its_end_and_judged_by_its_beginning(
        self, agency: Agency, post: Post
    ) -> None:
        delivery = sent(agency)
        raw = io.BytesIO(bounces.postfix(envelope_sender(delivery)) + b"x" * (2 * LARGEST))
        call_command("take_bounce", stdin=raw, stdout=io.StringIO())
        assert raw.read() == b""
        assert counted() == {"undelivered": 1}

    def test_where_the_database_is_away_the_server_keeps_the_message(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def away(*_args: object, **_kwargs: object) -> None:
            raise OperationalError

        monkeypatch.setattr("guiyang_data.notices.returned.services._judged", away)
        with pytest.raises(CommandError) as refused:
            call_command("take_bounce", stdin=io.BytesIO(bounces.absence(ADDRESS)))
        assert refused.value.returncode == 75

    @pytest.mark.parametrize("kind", ["maildir", "mbox"])
    def test_a_mailbox_is_taken_once_and_marked_as_read(
        self, agency: Agency, post: Post, tmp_path: Path, kind: str
    ) -> None:
        # given
        delivery, path = sent(agency), tmp_path / "returned"
        box: mailbox.Mailbox = mailbox.Maildir(path) if kind == "maildir" else mailbox.mbox(path)  # type: ignore[type-arg]
        box.add(bounces.postfix(envelope_sender(delivery)))
        box.add(bounces.absence(ADDRESS))
        box.close()
        # when
        for _run in range(2):
            call_command("take_bounce", mailbox=path, stdout=io.StringIO())
        # then
        delivery.refresh_from_db()
        assert delivery.state == "failed"
        assert counted() == {"undelivered": 1, "unknown": 1}

    def test_a_mailbox_that_is_not_there_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="cannot be opened"):
            call_command("take_bounce", mailbox=tmp_path / "none")

    def test_the_counts_of_thirty_days_can_be_read(self, agency: Agency, post: Post) -> None:
        take_back(b"", at=AT)
        take_back(b"", at=AT - dt.timedelta(days=40))
        assert lately_returned(AT.date()) == [("不是退信，或者看不懂", 1)]
        call_command("take_bounce", counts=True, stdout=io.StringIO())


class TestTheSetting:
    @pytest.mark.parametrize(
        ("address", "good"),
        [
            ("", True),
            ("bounces@data.guiyang.example", True),
            ("no address", False),
            ("bounces+x@data.guiyang.example", False),
            (f"{'b' * 25}@data.guiyang.example", False),
        ],
    )
    def test_an_address_that_cannot_work_is_told_at_the_start(
        self, settings: LazySettings, address: str, good: bool
    ) -> None:
        settings.BOUNCE_ADDRESS = address
        assert [error.id for error in run_checks() if error.id == "notices.E001"] == ([] if good else ["notices.E001"])
