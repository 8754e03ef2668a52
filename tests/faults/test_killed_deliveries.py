"""A worker is killed at every named point of the delivery of a batch; whoever comes next delivers each reply once."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections

from guiyang_data.errors import WrongState
from requests_app.models import BatchItem, OpenRequest, Reply, ReplyBatch
from requests_app.selectors import progress_of
from requests_app.services.delivering import SILENT
from tests.faults.batches import MANY, ON, assert_each_left_once, assert_ended_once, labels_of
from tests.faults.conftest import Scene
from tests.faults.killing import DELIVERING, NEVER, TAKING_UP_AGAIN
from tests.faults.machines import (
    DELIVER,
    SEAL,
    SEND,
    SWEEP,
    assert_as_the_law_says,
    assert_every_mail_went,
    assert_the_ledger_holds,
)
from tests.services.composed import wait_until

pytestmark = pytest.mark.faults
TEN_O_CLOCK = 10 * 3600
PAUSE = int(SILENT.total_seconds()) + 60
"""After so long a sweep takes a silent worker for gone."""
HALFWAY = "after requests_app.services.delivering._deliver_one #7"
THIRD = "before requests_app.services.delivering.deliver_reply #3"
KILLS = 4
WHILE_THEY_WITHDRAW = (
    "before requests_app.services.delivering._deliver_one #7",
    HALFWAY,
    "before requests_app.services.delivering._show_life #12",
)


def the_one() -> int:
    """The id of the batch of this city."""
    return ReplyBatch.objects.get().pk


def asked(scene: Scene) -> list[tuple[str, OpenRequest]]:
    """The requests of the batch as they are now."""
    return list(zip(labels_of(0), requests_of(scene, *labels_of(0)), strict=True))


def requests_of(scene: Scene, *labels: str) -> list[OpenRequest]:
    return list(OpenRequest.objects.filter(pk__in=[scene.town.requests[label].pk for label in labels]).order_by("pk"))


def taken_up_again(scene: Scene, batch: int, *, pauses: int = 1) -> None:
    """A fresh worker, whom only a sweep tells that something was left lying; everything is sent and sealed."""
    place = scene.place
    place.worker()
    place.move_to(ON, seconds=TEN_O_CLOCK + pauses * PAUSE)
    place.work_off(SWEEP)
    place.wait_for(lambda: ReplyBatch.objects.get(pk=batch).status == "delivered", "the end of the batch")
    place.work_off(DELIVER, ids=[batch])
    place.work_off(SEND, SEAL)


def assert_all_is_well(scene: Scene, settings: Any) -> None:
    scene.model.sweep(ON)
    assert_as_the_law_says(scene.model, scene.town.labels)
    assert_every_mail_went()
    assert_the_ledger_holds(scene.place.folder, settings)


def assert_every_reply_left_once(scene: Scene, batch: int, settings: Any) -> None:
    for label in labels_of(0):
        scene.model.reply(label, "agree", ON)
    assert_each_left_once(requests_of(scene, *labels_of(0)), letters=2)
    assert_ended_once(batch, delivered=MANY)
    assert not Reply.objects.exclude(request__in=requests_of(scene, *labels_of(0))).exists()
    assert_all_is_well(scene, settings)


@pytest.mark.parametrize("point", list(DELIVERING))
def test_a_worker_killed_at_this_point_leaves_a_batch_that_is_delivered_once(
    with_a_batch: Scene, point: str, settings: Any
) -> None:
    # given a worker that is killed there
    place, batch = with_a_batch.place, the_one()
    place.move_to(ON)
    place.killed_at(point, DELIVER, ids=[batch])

    # when the message is lost with it, and a sweep finds what was left lying
    taken_up_again(with_a_batch, batch)

    # then
    assert_every_reply_left_once(with_a_batch, batch, settings)


@pytest.mark.parametrize("point", list(TAKING_UP_AGAIN))
def test_a_sweep_killed_while_it_queues_the_batch_again_leaves_it_to_the_next(
    with_a_batch: Scene, point: str, settings: Any
) -> None:
    # given a worker that is killed halfway, and a sweep that is killed when it finds that out
    place, batch = with_a_batch.place, the_one()
    place.move_to(ON)
    place.killed_at(HALFWAY, DELIVER, ids=[batch])
    place.move_to(ON, seconds=TEN_O_CLOCK + PAUSE)
    place.killed_at(point, SWEEP)

    # when the next sweep comes
    taken_up_again(with_a_batch, batch, pauses=2)

    # then
    assert_every_reply_left_once(with_a_batch, batch, settings)


def test_worker_after_worker_is_killed_and_each_goes_on_where_the_last_one_was(
    with_a_batch: Scene, settings: Any
) -> None:
    # given four workers, one after the other, each killed at its third reply
    place, batch = with_a_batch.place, the_one()
    place.move_to(ON)
    place.killed_at(THIRD, DELIVER, ids=[batch])
    for number in range(1, KILLS):
        place.move_to(ON, seconds=TEN_O_CLOCK + number * PAUSE)
        place.killed_at(THIRD, SWEEP, bringing=1)
    assert progress_of(ReplyBatch.objects.get(pk=batch)).delivered == 2 * KILLS

    # when the next one is left alone
    taken_up_again(with_a_batch, batch, pauses=KILLS)

    # then
    assert_every_reply_left_once(with_a_batch, batch, settings)


def withdrawing(scene: Scene, refused: dict[str, str], broken: list[BaseException]) -> Callable[[], None]:
    """What applicants do as soon as the first reply of the batch has left: they withdraw, the last one first."""

    def run() -> None:
        try:
            wait_until(Reply.objects.filter(delivered_on__isnull=False).exists, seconds=60, what="the first reply")
            for label in reversed(labels_of(0)):
                with told_who_was_faster(refused, label):
                    scene.town.withdraw(label, ON)
        except BaseException as error:  # noqa: BLE001  whatever it is, the test has to see it
            broken.append(error)
        finally:
            connections.close_all()

    return run


@contextlib.contextmanager
def told_who_was_faster(refused: dict[str, str], label: str) -> Iterator[None]:
    try:
        yield
    except WrongState as refusal:
        refused[label] = refusal.message


@pytest.mark.parametrize("point", WHILE_THEY_WITHDRAW)
def test_who_withdraws_while_the_worker_is_killed_either_has_a_reply_or_is_left_out(
    with_a_batch: Scene, point: str, settings: Any
) -> None:
    # given applicants who withdraw while the worker delivers, and is killed
    place, batch, refused, broken = with_a_batch.place, the_one(), dict[str, str](), list[BaseException]()
    place.move_to(ON)
    applicants = threading.Thread(target=withdrawing(with_a_batch, refused, broken))
    applicants.start()
    place.killed_at(point, DELIVER, ids=[batch])
    applicants.join(timeout=120)
    assert not broken, broken

    # and somebody who asks for something new while no worker lives
    for side in (with_a_batch.model, with_a_batch.town):
        side.file("later", "transport", "both", ON)

    # when
    taken_up_again(with_a_batch, batch)

    # then each has one of both
    model, items = with_a_batch.model, dict(BatchItem.objects.values_list("request", "result"))
    answered = [label for label, request in asked(with_a_batch) if request.status == "agreed"]
    for label, request in asked(with_a_batch):
        if label in answered:
            model.reply(label, "agree", ON)
            assert items[request.pk] == "delivered"
            assert "市交通委·审批人已于3月10日" in refused[label]
        else:
            model.withdraw(label, ON)
            assert (request.status, items[request.pk]) == ("withdrawn", "left-out")
            assert label not in refused
    assert_each_left_once(requests_of(with_a_batch, *answered), letters=2)
    assert_ended_once(batch, delivered=len(answered), left_out=MANY - len(answered))
    assert not Reply.objects.filter(request__status="withdrawn", delivered_on__isnull=False).exists()
    assert_all_is_well(with_a_batch, settings)


def test_a_point_to_which_no_worker_comes_is_noticed(with_a_batch: Scene) -> None:
    place = with_a_batch.place
    place.move_to(ON)
    for point in NEVER:
        with pytest.raises(AssertionError, match="the worker never came to"):
            place.killed_at(point, DELIVER, ids=[the_one()])
        place.still()
