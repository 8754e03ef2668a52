"""Subscriptions to changes: who may, one event a version, what it says and what never, how it arrives, what ends it."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog import services as catalog
from guiyang_data.accounts.models import User
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotAllowed, NotSeen, WrongState
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.sealing import seal
from guiyang_data.ledger.services import PLATFORM
from guiyang_data.notices.models import Notice, Push
from guiyang_data.notices.webhooks import services as webhooks
from guiyang_data.notices.webhooks.sending import PAUSES, send_pushes
from sharing import services
from sharing.models import ChangeEvent, ChangeSubscription
from sharing.reactions import react
from sharing.workflow import APPLY
from tests.factories import sharing as made
from tests.factories.accounts import bearer, staff, system
from tests.factories.catalog import ROWS, approver_of, gather, revised_entry, steward_of
from tests.ledger.test_at_once import at_once
from tests.notices.conftest import Receiver, receiver
from tests.notices.pushed import holds

pytestmark = [pytest.mark.django_db, pytest.mark.engine]
__all__ = ["receiver"]

NEXT = (ROWS[0] | {"长度": "13"}, ROWS[1], {"线路编号": "011", "线路名称": "空港专线", "长度": "31", "开通日期": ""})
SECRET_WORDS = ("火车站环线", "空港专线", "观山湖快线", "12.5")


@pytest.fixture
def scene() -> made.Scene:
    return made.scene()


@pytest.fixture
def grant(scene: made.Scene) -> Any:
    return made.agreed_grant(scene)


def subscribed(scene: made.Scene, access: Any, **more: Any) -> ChangeSubscription:
    return services.subscribe(access=access, by=scene.asker, at=made.later(3), **more)


def sweep(day: int = 5) -> None:
    seal(at=made.later(day))
    react(made.later(day), made.later(day).date())


def told(subscription: ChangeSubscription) -> list[tuple[Any, ...]]:
    rows = ChangeEvent.objects.filter(subscription=subscription).order_by("pk")
    return list(rows.values_list("version__number", "since", "state", "inserted", "updated", "deleted"))


def hook(scene: made.Scene, url: str) -> tuple[User, str]:
    owner = system(scene.requester, "急救调度系统").user
    facts = {"by": owner, "owner": owner, "name": "调度", "url": url, "wants": "all", "at": made.later(1)}
    return owner, webhooks.register(**facts).secret


# --- the acts ----------------------------------------------------------------------------------------


def test_subscribing_is_an_event_and_one_stands_an_entry(scene: made.Scene, grant: Any) -> None:
    subscription = subscribed(scene, grant)
    assert (subscription.agency, subscription.grant, subscription.from_version) == (scene.requester, grant, 1)
    event = Event.objects.get(verb="subscribe")
    assert (event.basis, event.payload["through"]) == (str(APPLY), f"sharing.sharinggrant:{grant.pk}")
    with pytest.raises(WrongState, match="已经订阅"):
        subscribed(scene, made.standing_grant(scene))
    # after it ended, another may begin
    services.unsubscribe(subscription_id=subscription.pk, by=scene.asker, at=made.later(4))
    assert subscribed(scene, grant).pk != subscription.pk


def test_unsubscribing_is_done_once_and_takes_back_what_was_not_told(scene: made.Scene, grant: Any) -> None:
    subscription = subscribed(scene, grant)
    waiting = ChangeEvent.objects.create(
        subscription=subscription, version=scene.entry.data_versions.get(), since=0, made_at=made.later(3)
    )
    services.unsubscribe(subscription_id=subscription.pk, by=scene.asker, at=made.later(4))
    assert made.fresh(waiting).state == "withheld"
    with pytest.raises(WrongState):
        services.unsubscribe(subscription_id=subscription.pk, by=scene.asker, at=made.later(4))
    assert Event.objects.filter(verb="unsubscribe").count() == 1


def test_who_may_subscribe_and_who_may_not(scene: made.Scene, grant: Any) -> None:
    other = system(scene.requester, "统计系统")
    tied = made.agreed_grant(scene)
    type(tied).objects.filter(pk=tied.pk).update(system=system(scene.requester, "急救系统"))
    refused: list[tuple[User, Any, type[Exception]]] = [
        (scene.outsider, grant, NotAllowed),
        (scene.steward, grant, NotAllowed),
        (staff(scene.requester, Role.SUPERVISOR), grant, NotAllowed),
        (staff(scene.requester, Role.SYSTEM_ADMIN), grant, NotAllowed),
        (other.user, made.fresh(tied), NotAllowed),
    ]
    for by, access, error in refused:
        with pytest.raises(error):
            services.subscribe(access=access, by=by, at=made.later(3))
    services.suspend_grant(grant_id=tied.pk, by=scene.approver, at=made.later(2), reasons="核查")
    with pytest.raises(NotAllowed, match="暂停"):
        services.subscribe(access=tied, by=scene.asker, at=made.later(3))
    assert not ChangeSubscription.objects.exists()
    subscription = services.subscribe(access=grant, by=other.user, at=made.later(3))
    for by in (scene.outsider, scene.steward, scene.coordinator):
        with pytest.raises(NotAllowed):
            services.unsubscribe(subscription_id=subscription.pk, by=by, at=made.later(3))
    with pytest.raises(NotAllowed):
        services.end_subscription(subscription_id=subscription.pk, by=scene.asker, at=made.later(3), reasons="x")
    with pytest.raises(NotSeen):
        services.unsubscribe(subscription_id=10**12, by=scene.asker, at=made.later(3))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_subscribe_at_the_same_moment_one_does(scene: made.Scene, grant: Any) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one write after the other")

    def act(number: int) -> object:
        try:
            return subscribed(scene, grant).pk
        except WrongState:
            return None

    assert sum(1 for done in at_once(act) if done) == 1
    assert ChangeSubscription.objects.count() == 1


# --- one event a version -----------------------------------------------------------------------------


def test_each_version_is_told_once_with_the_counts_that_this_subscriber_sees(scene: made.Scene, grant: Any) -> None:
    subscription = subscribed(scene, grant)
    gather(scene.entry, NEXT, at=made.later(4))
    sweep()
    sweep()
    # then a change that lies in the hidden item alone is a version without a change
    gather(scene.entry, [row | {"开通日期": "2026-10-01"} for row in NEXT], at=made.later(5))
    catalog.restore_data(
        entry_id=scene.entry.pk, number=1, by=steward_of(scene.provider), at=made.later(5), reasons="有误"
    )
    sweep(6)
    assert told(subscription) == [
        (2, 1, "told", 1, 1, 1),
        (3, 2, "told", 0, 0, 0),
        (4, 3, "told", 1, 1, 1),
    ]
    notices = Notice.objects.filter(kind="sharing.changes", recipient=scene.asker).order_by("pk")
    assert [notice.weight for notice in notices] == ["reminder"] * 3
    assert notices[0].body == "与第1版相比，您所在机关可以读取的内容新增1行，修改1行，删除1行。"
    assert notices[1].body.endswith("没有变化。")
    assert notices[0].path == f"/desk/sharing/grants/{grant.pk}/changes/?since=1"


def test_what_was_there_before_is_not_told_and_the_first_data_is(scene: made.Scene) -> None:
    empty = made.scene_of(scene, rows=(), title="公交站点", sharing_type="unconditional")
    first = subscribed(empty, made.taking(empty))
    grant = made.agreed_grant(scene)
    gather(scene.entry, NEXT, at=made.later(2))
    late = subscribed(scene, grant)
    gather(empty.entry, ROWS, at=made.later(4))
    sweep()
    assert told(late) == []
    assert told(first) == [(1, 0, "told", None, None, None)]
    assert Notice.objects.get(kind="sharing.changes", recipient=scene.asker).body == "这项数据现在可以读取，请取全表。"


def test_a_killed_teller_tells_again_under_the_same_id(scene: made.Scene, grant: Any, receiver: Receiver) -> None:
    hook(scene, receiver.url())
    subscription = subscribed(scene, grant)
    gather(scene.entry, NEXT, at=made.later(4))
    sweep()
    # given one killed between telling and noting that it did
    ChangeEvent.objects.filter(subscription=subscription).update(state="waiting", told_at=None)
    sweep(6)
    assert told(subscription) == [(2, 1, "told", 1, 1, 1)]
    assert Push.objects.count() == 1
    assert Notice.objects.filter(kind="sharing.changes", recipient=scene.asker).count() == 1


def test_a_suspended_grant_is_told_nothing_and_what_came_later_is_counted_from_the_last(
    scene: made.Scene, grant: Any
) -> None:
    subscription = subscribed(scene, grant)
    services.suspend_grant(grant_id=grant.pk, by=scene.approver, at=made.later(3), reasons="核查")
    gather(scene.entry, NEXT, at=made.later(4))
    sweep()
    assert [row[:3] for row in told(subscription)] == [(2, 1, "withheld")]
    assert not Notice.objects.filter(kind="sharing.changes").exists()
    services.resume_grant(grant_id=grant.pk, by=scene.approver, at=made.later(5), reasons="核查完毕")
    gather(scene.entry, ROWS, at=made.later(5))
    sweep(6)
    assert told(subscription)[1] == (3, 1, "told", 0, 0, 0)


# --- how it arrives ----------------------------------------------------------------------------------


def test_a_push_carries_counts_and_where_to_fetch_and_no_row(scene: made.Scene, grant: Any, receiver: Receiver) -> None:
    _owner, secret = hook(scene, receiver.url("/changes"))
    subscription = subscribed(scene, grant, tells_people=False)
    gather(scene.entry, NEXT, at=made.later(4))
    sweep()
    assert send_pushes(at=made.later(5)) == 1
    (asked,) = receiver.asked
    assert holds(asked, secret)
    said = asked.json()
    assert said["type"] == "sharing.changes"
    data = said["data"]
    assert {name: data[name] for name in ("version", "since", "inserted", "updated", "deleted", "take_whole")} == {
        **{"version": 2, "since": 1, "inserted": 1, "updated": 1, "deleted": 1},
        "take_whole": False,
    }
    assert (data["entry"], data["subscription"]) == (scene.entry.resource_code, subscription.pk)
    assert data["fetch"].endswith(f"/api/v1/sharing/grants/{grant.pk}/changes/?since=1")
    assert not any(word in asked.body.decode() for word in SECRET_WORDS)
    # nobody but the systems was told
    assert not Notice.objects.filter(kind="sharing.changes").exists()
    # and what it names can be fetched by the system it was told to
    owner = system(scene.requester)
    path = data["fetch"].partition("/api/")[2]
    answer = Client().get(f"/api/{path}", **bearer(owner), HTTP_SHARING_PURPOSE="test")
    assert answer.status_code in {200, 403}


def test_a_receiver_that_fails_redirects_and_hangs_gets_it_at_last_under_one_id(
    scene: made.Scene, grant: Any, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guiyang_data.notices.webhooks.sending.TIMEOUT_SECONDS", 0.3)
    hook(scene, receiver.url())
    subscription = subscribed(scene, grant)
    gather(scene.entry, NEXT, at=made.later(4))
    sweep()
    receiver.answers[:] = [500, 302, 0]
    at = made.later(5)
    for pause in (*PAUSES[:3], dt.timedelta()):
        send_pushes(at=at)
        at += pause
    assert [asked.path for asked in receiver.asked] == ["/"] * 4
    assert len({asked.headers["webhook-id"] for asked in receiver.asked}) == 1
    push = Push.objects.get()
    assert (push.state, push.attempts) == ("sent", 4)

    # and the page of the subscription says so, to its agency alone
    page = signed_in(scene.asker).get(subscription.get_absolute_url()).content.decode()
    assert "第 4 次" in page
    assert "新增1行，修改1行，删除1行" in page
    assert "第 4 次" not in signed_in(scene.steward).get(subscription.get_absolute_url()).content.decode()


# --- what ends it ------------------------------------------------------------------------------------


def ended(subscription: ChangeSubscription) -> str:
    subscription.refresh_from_db()
    assert (subscription.status == "ended") == (subscription.ended_at is not None)
    return subscription.end_reasons if subscription.status == "ended" else "active"


def test_it_ends_with_its_grant_at_once(scene: made.Scene, grant: Any) -> None:
    subscription = subscribed(scene, grant)
    services.end_grant(grant_id=grant.pk, by=scene.approver, at=made.later(4), reasons="职责已移交")
    assert ended(subscription) == "所依据的授权已经终止。"
    assert Event.objects.get(verb="end-subscription").actor == PLATFORM.actor_key
    gather(scene.entry, NEXT, at=made.later(4))
    sweep()
    assert told(subscription) == []


def test_it_ends_when_its_grant_runs_out(scene: made.Scene) -> None:
    grant = made.standing_grant(scene, valid_until=made.later(6).date())
    subscription = subscribed(scene, grant)
    sweep(6)
    assert ended(subscription) == "active"
    sweep(7)
    assert ended(subscription) == "所依据的授权已经到期。"
    assert Notice.objects.filter(recipient=scene.asker, title__startswith="变化订阅已终止").count() == 1


@pytest.mark.parametrize("what", ["withdrawn", "conditional"])
def test_it_ends_with_its_entry_and_when_that_is_no_longer_unconditional(what: str) -> None:
    scene = made.scene(sharing_type="unconditional")
    subscription = subscribed(scene, made.taking(scene))
    if what == "withdrawn":
        catalog.withdraw(
            entry_id=scene.entry.pk, by=approver_of(scene.provider), at=made.later(4), reasons="职能已经划转。"
        )
    else:
        revised_entry(scene.entry, at=made.later(4), sharing_type="conditional", sharing_condition="限履行职责使用。")
    sweep()
    assert ended(subscription).startswith(
        {"withdrawn": "目录条目已经撤销", "conditional": "这项数据不再无条件共享"}[what]
    )


# --- pages and REST ----------------------------------------------------------------------------------


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_subscribing_and_unsubscribing_over_rest(scene: made.Scene, grant: Any) -> None:
    machine = system(scene.requester)
    token = bearer(machine)

    def post(path: str, body: dict[str, Any] | None = None) -> Any:
        url = f"/api/v1/sharing/subscriptions/{path}"
        return Client().post(url, json.dumps(body or {}), content_type="application/json", **token)

    assert post("", {"grant": grant.pk, "taking": 1}).status_code == 422
    assert post("").status_code == 422
    assert post("", {"grant": 10**9}).status_code == 404
    # the grant is in force only from its first day on, which the portal's own day may be before or after
    made_one = services.subscribe(access=grant, by=machine.user, at=made.later(3))
    assert post("", {"grant": grant.pk}).status_code in {403, 409}
    shown = Client().get(f"/api/v1/sharing/subscriptions/{made_one.pk}/", **token).json()
    assert (shown["entry"], shown["grant"], shown["status"]) == (scene.entry.resource_code, grant.pk, "active")
    gather(scene.entry, NEXT, at=made.later(4))
    sweep()
    (event,) = Client().get(f"/api/v1/sharing/subscriptions/{made_one.pk}/events/", **token).json()["results"]
    assert (event["version"], event["since"], event["updated"], event["state"]) == (2, 1, 1, "told")
    stranger = bearer(system(scene.city.county_department))
    assert Client().get(f"/api/v1/sharing/subscriptions/{made_one.pk}/", **stranger).status_code == 404
    assert post(f"{made_one.pk}/unsubscribe/").json()["status"] == "ended"
    assert post(f"{made_one.pk}/unsubscribe/").status_code == 409


def test_subscribing_and_unsubscribing_on_a_page() -> None:
    scene = made.scene(sharing_type="unconditional")
    taking = made.taking(scene)
    client, form = signed_in(scene.asker), {"submission": "one", "tells_people": "on"}
    page = client.get(f"/desk/sharing/takings/{taking.pk}/subscribe/").content.decode()
    assert "不含数据内容" in page
    first, again = (client.post(f"/desk/sharing/takings/{taking.pk}/subscribe/", form) for _turn in range(2))
    subscription = ChangeSubscription.objects.get()
    assert first.url == again.url == subscription.get_absolute_url()
    assert client.get(first.url).status_code == 200
    second = client.post(f"/desk/sharing/takings/{taking.pk}/subscribe/", form | {"submission": "two"})
    assert second.status_code == 409
    assert signed_in(scene.outsider).get(first.url).status_code == 404
    done = client.post(f"{first.url}unsubscribe/", {"submission": "three"})
    assert done.status_code == 302
    assert ended(subscription) == ""
    assert client.post(f"{first.url}unsubscribe/", {"submission": "four"}).status_code == 409


def test_the_list_and_the_page_cost_as_many_queries_for_many_as_for_few(scene: made.Scene, grant: Any) -> None:
    subscription = subscribed(scene, grant)
    client = signed_in(scene.asker)

    def cost(path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    def event(number: int) -> None:
        gather(scene.entry, [*NEXT[:2], NEXT[2] | {"长度": str(number)}], at=made.later(4))
        sweep()

    event(1)
    few = cost(subscription.get_absolute_url())
    for number in range(2, 5):
        event(number)
    assert cost(subscription.get_absolute_url()) == few
    one = cost("/desk/sharing/subscriptions/")
    other = made.scene_of(scene, title="公交站点", sharing_type="unconditional")
    subscribed(other, made.taking(other))
    assert cost("/desk/sharing/subscriptions/") == one


def test_a_sweep_after_days_tells_of_every_version_since_it_was_subscribed(scene: made.Scene, grant: Any) -> None:
    # given a revision of the catalogue and two versions of the data before anybody swept
    subscription = subscribed(scene, grant)
    gather(scene.entry, NEXT, at=made.later(4))
    revised_entry(scene.entry, at=made.later(4), abstract="公交线路的编号、名称、长度与首次运营日期，按月更新。")
    gather(scene.entry, ROWS, at=made.later(5))

    # when
    sweep(6)

    # then
    assert [row[:3] for row in told(subscription)] == [(2, 1, "told"), (3, 2, "told")]
