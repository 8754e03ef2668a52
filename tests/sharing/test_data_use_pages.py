"""The pages of who used my data: the steps to it, what it shows, the counter, and what staff keeps back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from guiyang_data.tables.query import Filter
from sharing.models import CounterProof, Deferral, Examination
from sharing.reading import read_page
from sharing.tasks import run_examination
from sharing.tracing import examining
from tests.factories import persons as made
from tests.factories import sharing
from tests.factories.accounts import citizen, staff
from tests.factories.persons import ANNA
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]
PAGE = "/me/data-use/"


@pytest.fixture(autouse=True)
def _on_the_third_day() -> Iterator[None]:
    path = Path(settings.TIME_SHIFT_FILE)
    path.write_text(str(int((sharing.later(2) - timezone.now()).total_seconds())), encoding="ascii")
    yield
    path.unlink()


_kept, scene = kept(made.scene)


def client(user: Any) -> Client:
    found = Client()
    found.force_login(user)
    return found


def text(response: Any) -> str:
    return str(response.content.decode())


def by_number(scene: sharing.Scene, grant: Any) -> Any:
    values: dict[str, Any] = {"by": scene.asker, "entry": scene.entry, "access": grant, "at": sharing.later(2)}
    return read_page(**values, filters=[Filter("id_number", "eq", ANNA)], case_number="JZ-7")


def test_the_way_to_it_is_identity_then_counter(scene: sharing.Scene) -> None:
    assert "办理实名核验" in text(client(citizen()).get(PAGE))
    by_number(scene, made.grant(scene))
    mine = client(made.subject(at_counter=False))
    assert "当面核验" in text(mine.get(PAGE))
    # when the code is taken to the counter
    taken = text(mine.post(PAGE))
    code = taken.partition("<strong>")[2].partition("</strong>")[0]
    assert code not in text(mine.get(PAGE))
    assert "JZ-7" not in taken
    sent = {"submission": "1", "code": code.lower(), "id_number": ANNA, "came_in_person": "on"}
    desk = client(made.officer())
    assert desk.post("/desk/sharing/counter/", sent).status_code == 302
    # then it opens
    page = text(mine.get(PAGE))
    assert all(words in page for words in ("JZ-7", scene.requester.name, "按身份证号码查询", "投诉举报"))
    assert scene.asker.display_name not in page


def test_a_wrong_number_at_the_counter_spends_a_try_and_keeps_what_was_typed(scene: sharing.Scene) -> None:
    user = made.subject(at_counter=False)
    code = text(client(user).post(PAGE)).partition("<strong>")[2].partition("</strong>")[0]
    sent = {"submission": "1", "code": code, "id_number": made.BO, "came_in_person": "on"}
    answer = client(made.officer()).post("/desk/sharing/counter/", sent)
    assert answer.status_code == 422
    assert code in text(answer)
    assert CounterProof.objects.get().tries_left == 4


def test_nobody_sees_anothers_and_staff_cannot_probe(scene: sharing.Scene) -> None:
    by_number(scene, made.grant(scene))
    assert "JZ-7" not in text(client(made.subject("柏示例", made.BO)).get(PAGE))
    # an address takes nobody else's number
    other = client(made.subject("蔡示例", made.CAI))
    for query in ("?person=1", f"?id_number={ANNA}", f"?index={made.subject().person.id_number_index}"):
        assert "JZ-7" not in text(other.get(PAGE + query))
    assert "办理实名核验" in text(client(scene.asker).get(PAGE))


def test_long_examinations_are_a_job_with_its_progress(scene: sharing.Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    grant = made.grant(scene)
    values: dict[str, Any] = {"by": scene.asker, "entry": scene.entry, "access": grant, "at": sharing.later(2)}
    read_page(**values)
    mine = client(made.subject())
    monkeypatch.setattr(examining, "AT_ONCE", 0)
    assert "排队中" in text(mine.get(PAGE))
    assert run_examination(Examination.objects.get().pk) == 1
    assert "核对完毕" in text(mine.get(f"{PAGE}progress/"))
    monkeypatch.undo()
    assert "批量查询，您在其中" in text(mine.get(PAGE))
    assert client(made.subject("柏示例", made.BO)).get(f"{PAGE}progress/").status_code == 404


def test_a_deferral_goes_from_the_grant_to_a_second_person(scene: sharing.Scene) -> None:
    grant, second = made.grant(scene), staff(scene.requester, "approver")
    by_number(scene, grant)
    proposing = client(scene.asker)
    address = f"/desk/sharing/grants/{grant.pk}/propose-deferral/"
    assert "延后告知本人" in text(proposing.get(f"/desk/sharing/grants/{grant.pk}/"))
    sent = {"submission": "1", "basis": "办案", "reasons": "妨碍调查。", "until": "2026-12-01"}
    refused = proposing.post(address, sent)
    assert refused.status_code == 422
    assert "妨碍调查。" in text(refused)
    sent |= {"basis": "《中华人民共和国刑事诉讼法》第五十四条", "submission": "2"}
    assert proposing.post(address, sent).status_code == 302
    deferral = Deferral.objects.get()
    page = deferral.get_absolute_url()
    assert "确认延后告知" not in text(proposing.get(page))
    confirming = client(second)
    assert confirming.post(f"{page}confirm-deferral/", {"submission": "3"}).status_code == 302
    mine = client(made.subject())
    # the person sees no trace of it, supervision does
    assert "JZ-7" not in text(mine.get(PAGE))
    assert "没有读取过您的数据的记录" in text(mine.get(PAGE))
    supervisor = client(staff(scene.city.authority, "supervisor"))
    assert "刑事诉讼法" in text(supervisor.get("/desk/sharing/deferrals/"))
    assert "1 次" in text(supervisor.get(page))
    assert client(scene.outsider).get(page).status_code == 404
    # ended before its day, it stands there
    lifted = confirming.post(f"{page}lift-deferral/", {"submission": "4", "reasons": "调查已经结束。"})
    assert lifted.status_code == 302
    assert "JZ-7" in text(mine.get(PAGE))


def test_a_complaint_takes_the_number_of_the_reading_along(scene: sharing.Scene) -> None:
    reading = by_number(scene, made.grant(scene))
    mine = client(made.subject())
    address = f"/complaints/new/?reading={reading.number}&agency={scene.requester.pk}"
    assert address.replace("&", "&amp;") in text(mine.get(PAGE))
    assert str(reading.number) in text(mine.get(address))
    assert "&lt;b&gt;" not in text(mine.get("/complaints/new/?reading=<b>"))
