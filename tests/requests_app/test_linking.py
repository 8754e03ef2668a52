"""Like requests that are linked, each on its own way."""

from __future__ import annotations

import pytest

from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.selectors import events_of
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import clocks_of
from requests_app import policies, services
from requests_app.models import OpenRequest, RequestLink
from requests_app.selectors import linked_to
from tests.factories.requests import REFUSE, Cast, cast, waiting
from tests.requests_app.alike import NOW, ON, fresh, three
from tests.requests_app.world import snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.engine]
WHY = "两件申请要的是同一份数据。"


@pytest.fixture
def play() -> Cast:
    return cast()


class TestLinking:
    def test_a_link_shows_from_both_sides_and_touches_nothing_else(self, play: Cast) -> None:
        # given
        first, second, third = three(play)
        clocks = list(Clock.objects.order_by("pk").values())

        # when
        services.link_requests(request_id=second.pk, by=play.steward, other=first.number, at=NOW, reasons=WHY)
        services.link_requests(request_id=second.pk, by=play.approver, other=third.number.lower(), at=NOW)

        # then
        assert linked_to(first) == [second, third]
        assert linked_to(second) == [first, third]
        assert linked_to(third) == [first, second]
        assert list(Clock.objects.order_by("pk").values()) == clocks
        assert {request.status for request in fresh([first, second, third])} == {"waiting"}
        for one, other in ((first, second), (second, third), (third, second)):
            event = events_of(one).last()
            assert event is not None
            assert (event.verb, event.payload) == ("link", {"other": other.number})

    def test_each_keeps_its_own_reply_and_review(self, play: Cast) -> None:
        # given
        first, second, _third = three(play)
        services.link_requests(request_id=first.pk, by=play.steward, other=second.number, at=NOW)

        # when
        services.draft_reply(request_id=first.pk, by=play.steward, text=REFUSE, on=ON, at=NOW)
        services.deliver_reply(request_id=first.pk, by=play.approver, on=ON, at=NOW)

        # then
        answered, other = fresh([first, second])
        assert (answered.status, other.status) == ("refused", "waiting")
        assert not clocks_of(answered).get().is_running
        assert clocks_of(other).get().is_running
        assert not other.replies.exists()

    def test_undone_from_either_side_it_is_kept_who_and_why_and_may_be_made_again(self, play: Cast) -> None:
        # given
        first, second, _third = three(play)
        services.link_requests(request_id=first.pk, by=play.steward, other=second.number, at=NOW)

        # when
        link = services.unlink_requests(
            request_id=second.pk, by=play.approver, other=first.number, at=NOW, reasons="年份不同。"
        )

        # then
        assert linked_to(first) == linked_to(second) == []
        assert (link.undone_by, link.undone_reasons) == (play.approver, "年份不同。")
        assert [event.verb for event in events_of(first)][-2:] == ["link", "unlink"]
        services.link_requests(request_id=second.pk, by=play.steward, other=first.number, at=NOW)
        assert RequestLink.objects.filter(undone_at=None).count() == 1
        assert RequestLink.objects.count() == 2

    @pytest.mark.parametrize("fault", ["itself", "unknown", "unseen", "twice", "long"])
    def test_what_cannot_be_linked_is_named_at_its_field(self, play: Cast, fault: str) -> None:
        # given
        first, second, _third = three(play)
        elsewhere = waiting(play, agency=play.city.health)
        if fault == "twice":
            services.link_requests(request_id=second.pk, by=play.steward, other=first.number, at=NOW)
        other = {"itself": first.number, "unknown": "GY-2026-99999", "unseen": elsewhere.number}
        before = snapshot()

        # when
        with pytest.raises(RuleBroken) as refused:
            services.link_requests(
                request_id=first.pk,
                by=play.steward,
                other=other.get(fault, second.number),
                at=NOW,
                reasons="长" * 501 if fault == "long" else "",
            )

        # then
        assert set(refused.value.fields) == {"reasons" if fault == "long" else "other"}
        assert snapshot() == before

    def test_what_is_not_linked_cannot_be_unlinked(self, play: Cast) -> None:
        first, second, _third = three(play)
        with pytest.raises(RuleBroken) as refused:
            services.unlink_requests(request_id=first.pk, by=play.steward, other=second.number, at=NOW)
        assert "没有关联" in refused.value.fields["other"]

    def test_nobody_links_with_a_withdrawn_request(self, play: Cast) -> None:
        first, second, _third = three(play)
        _withdraw(second)
        with pytest.raises(WrongState):
            services.link_requests(request_id=first.pk, by=play.steward, other=second.number, at=NOW)
        assert not RequestLink.objects.exists()

    def test_only_those_who_answer_link(self, play: Cast) -> None:
        # given
        first, second, _third = three(play)
        before = snapshot()

        # when
        with pytest.raises(NotAllowed):
            services.link_requests(request_id=first.pk, by=play.authority_officer, other=second.number, at=NOW)

        # then
        assert snapshot() == before


def _withdraw(request: OpenRequest) -> None:
    holder = policies.CodeHolder(actor_key="public", number=request.number)
    services.withdraw_request(request_id=request.pk, by=holder, on=ON, at=NOW)
