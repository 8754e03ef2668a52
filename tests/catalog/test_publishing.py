"""A catalogue that is not public as of right is published by a decision of two persons, with what it lets out alone."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from catalog import policies, services
from catalog.models import PublicationDecision
from catalog.publishing import agencies_under, entries_of, regions_under
from guiyang_data.accounts.models import User
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.selectors import events_of
from guiyang_data.notices.models import Notice
from tests.factories import accounts
from tests.factories import catalog as make
from tests.factories import publishing as decided

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

DECISIONS = "/desk/catalog/decisions/"


@pytest.fixture(autouse=True)
def tuesday() -> Iterator[None]:
    with time_machine.travel(make.AT + dt.timedelta(hours=1), tick=True):
        yield


@pytest.fixture
def city() -> accounts.City:
    made = accounts.city()
    make.category()
    return made


def signed(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def status_of(decision: PublicationDecision) -> str:
    return PublicationDecision.objects.get(pk=decision.pk).status


class TestDeciding:
    def test_two_persons_publish_it_and_the_ledger_says_what(self, city: accounts.City) -> None:
        # when
        decision = decided.in_force(agency=city.transport)

        # then
        assert decision.status == "in-force"
        assert [event.verb for event in events_of(decision)] == [
            "propose-publication",
            "pass-decision-review",
            "confirm-decision",
        ]
        first, review, last = events_of(decision)
        assert (first.payload["agency"], first.payload["document"]) == (city.transport.code, "筑数发〔2026〕12号")
        assert last.payload["elements"] == ["category", "abstract", "sharing_type"]
        assert first.basis.endswith("第十一条第三款")
        assert review.basis.endswith("第二十四条")
        told = Notice.objects.filter(title__contains="目录已按决定公布")
        assert make.steward_of(city.transport).pk not in told.values_list("recipient", flat=True)

    def test_the_agency_whose_catalogue_it_is_is_told(self, city: accounts.City) -> None:
        # given
        steward = make.steward_of(city.transport)

        # when
        decision = decided.in_force(agency=city.transport)

        # then
        assert Notice.objects.get(recipient=steward, title__contains="目录已按决定公布").path == decision.public_path

    @pytest.mark.parametrize("act", ["review", "confirm"])
    def test_whoever_proposed_neither_reviews_nor_confirms(self, city: accounts.City, act: str) -> None:
        # given
        decision = (
            decided.proposed(agency=city.transport) if act == "review" else decided.reviewed(agency=city.transport)
        )
        proposer, _second = decided.officers(city.authority)
        said: dict[str, Any] = {"decision_id": decision.pk, "by": proposer, "at": make.AT}
        done = services.confirm_decision
        if act == "review":
            done, said = services.pass_decision_review, {**said, "opinion": "没有秘密。"}

        # when, then
        with pytest.raises(NotAllowed, match="提议人不能审查、确认自己的提议"):
            done(**said)
        assert status_of(decision) == decision.status

    def test_without_the_review_nothing_is_confirmed(self, city: accounts.City) -> None:
        # given
        decision = decided.proposed(agency=city.transport)
        _proposer, second = decided.officers(city.authority)

        # when, then
        with pytest.raises(WrongState):
            services.confirm_decision(decision_id=decision.pk, by=second, at=make.AT)
        with pytest.raises(RuleBroken, match="保密审查的意见"):
            services.pass_decision_review(decision_id=decision.pk, opinion=" ", by=second, at=make.AT)
        assert status_of(decision) == "proposed"
        with pytest.raises(IntegrityError), transaction.atomic():
            PublicationDecision.objects.filter(pk=decision.pk).update(status="in-force")

    def test_rejecting_and_revoking_need_reasons_and_end_it(self, city: accounts.City) -> None:
        # given
        proposal, public = decided.reviewed(agency=city.transport), decided.in_force(agency=city.health)
        _proposer, second = decided.officers(city.authority)
        with pytest.raises(RuleBroken, match="理由"):
            services.revoke_decision(decision_id=public.pk, reasons="", by=second, at=make.AT)

        # when
        services.reject_decision(decision_id=proposal.pk, reasons="涉及未公开的职能。", by=second, at=make.AT)
        services.revoke_decision(decision_id=public.pk, reasons="职能调整。", by=second, at=make.AT)

        # then
        assert (status_of(proposal), status_of(public)) == ("rejected", "revoked")
        assert events_of(public).last().payload["reasons"] == "职能调整。"  # type: ignore[union-attr]
        with pytest.raises(WrongState):
            services.confirm_decision(decision_id=proposal.pk, by=second, at=make.AT)

    def test_the_same_catalogue_is_published_by_one_decision(self, city: accounts.City) -> None:
        # given
        decided.in_force(agency=city.transport)
        again = decided.reviewed(agency=city.transport)
        _proposer, second = decided.officers(city.authority)

        # when, then
        with pytest.raises(RuleBroken, match="先撤销那一项"):
            services.confirm_decision(decision_id=again.pk, by=second, at=make.AT)
        assert status_of(again) == "reviewed"

    @pytest.mark.parametrize("catalogue", ["sharing", "open"])
    def test_what_is_public_as_of_right_needs_no_decision(self, city: accounts.City, catalogue: str) -> None:
        with pytest.raises(RuleBroken, match="依法已经公布"):
            decided.proposed(agency=city.transport, catalogue=catalogue)
        assert not PublicationDecision.objects.exists()

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"document": " "}, "document"),
            ({"grounds": ""}, "grounds"),
            ({"decided_on": make.AT.date() + dt.timedelta(days=1)}, "decided_on"),
            ({"elements": ["rows"]}, "elements"),
            ({"item_elements": ["meaning"]}, "item_elements"),
            ({"catalogue": "everything"}, "catalogue"),
        ],
    )
    def test_what_is_wrong_is_named(self, city: accounts.City, changed: dict[str, Any], field: str) -> None:
        with pytest.raises(RuleBroken) as refused:
            decided.proposed(agency=city.transport, **changed)
        assert field in refused.value.fields

    def test_a_township_is_no_region_of_its_own(self, city: accounts.City) -> None:
        with pytest.raises(RuleBroken) as refused:
            decided.proposed(region=city.township.region, catalogue="sharing")
        assert "region" in refused.value.fields

    def test_it_stands_among_the_work_of_the_other_officers_alone(self, city: accounts.City) -> None:
        # given
        proposer, second = decided.officers(city.authority)

        # when
        decision = decided.proposed(agency=city.transport)

        # then
        assert decision.get_absolute_url() in signed(second).get("/desk/").content.decode()
        assert decision.get_absolute_url() not in signed(proposer).get("/desk/").content.decode()

    def test_a_county_catalogue_is_its_authoritys_to_publish(self, city: accounts.City) -> None:
        # given
        county = city.county_government.region
        municipal, _second = decided.officers(city.authority)

        # when
        decision = decided.in_force(region=county, catalogue="sharing")

        # then
        assert decision.authority == city.county_authority
        with pytest.raises(NotAllowed):
            services.propose_publication(facts=decided.facts(region=county, catalogue="open"), by=municipal, at=make.AT)
        assert [region.code for region in regions_under(city.county_authority)] == ["520103"]
        assert [region.code for region in regions_under(city.authority)] == ["520100"]
        assert city.township in agencies_under(city.county_authority)
        assert city.township not in agencies_under(city.authority)

    def test_who_sees_a_proposal(self, city: accounts.City) -> None:
        # given
        decision = decided.proposed(agency=city.transport)
        officer, _second = decided.officers(city.authority)
        county_officer, _other = decided.officers(city.county_authority)
        rows = PublicationDecision.objects.all()

        # when, then
        assert list(policies.visible_decisions(officer, rows)) == [decision]
        assert not policies.visible_decisions(county_officer, rows).exists()
        assert not policies.visible_decisions(make.steward_of(city.transport), rows).exists()


class TestWhatIsPublic:
    def test_the_page_shows_what_the_decision_lets_out_and_nothing_else(self, city: accounts.City) -> None:
        # given
        make.entry_in_force(city.transport, contact_phone="0851-12345678", keywords="公交，秘语")
        make.entry_in_force(city.health, title="医院名录")
        decision = decided.in_force(agency=city.transport)

        # when
        page = Client().get(decision.public_path).content.decode()

        # then
        assert "公交线路信息" in page
        assert "全市公交线路的编号、名称、长度和开通日期。" in page
        assert "线路的编号" in page
        assert "筑数发〔2026〕12号" in page
        for hidden in ("0851-12345678", "秘语", "医院名录", "字符型", "每月", "信息科"):
            assert hidden not in page
        assert decision.title in Client().get("/catalog/decided/").content.decode()

    def test_the_files_have_the_same_columns(self, city: accounts.City) -> None:
        # given
        make.entry_in_force(city.transport, contact_phone="0851-12345678")
        decision = decided.in_force(agency=city.transport)
        address = decision.public_path.rstrip("/")
        expected = ["资源代码", "资源名称", "资源分类", "提供机关", "提供机关代码", "资源摘要", "共享类型", "公布日期"]

        # when
        text = b"".join(Client().get(f"{address}.csv").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        records = json.loads(b"".join(Client().get(f"{address}.json").streaming_content))  # type: ignore[attr-defined]
        book = load_workbook(io.BytesIO(b"".join(Client().get(f"{address}.xlsx").streaming_content)))  # type: ignore[attr-defined]

        # then
        assert next(csv.reader(io.StringIO(text))) == [*expected, "信息项名称", "信息项说明"]
        assert list(records[0]) == [*expected, "信息项"]
        assert list(records[0]["信息项"][0]) == ["信息项名称", "信息项说明"]
        assert [cell.value for cell in book.worksheets[0][1]] == [*expected, "信息项名称", "信息项说明"]
        assert "0851-12345678" not in text

    def test_without_items_in_the_decision_there_are_none(self, city: accounts.City) -> None:
        # given
        make.entry_in_force(city.transport)
        decision = decided.in_force(agency=city.transport, item_elements=[], elements=[])

        # when
        records = json.loads(b"".join(Client().get(f"{decision.public_path.rstrip('/')}.json").streaming_content))  # type: ignore[attr-defined]

        # then
        assert records[0]["信息项"] == []
        assert "线路编号" not in Client().get(decision.public_path).content.decode()

    @pytest.mark.parametrize("state", ["proposed", "reviewed", "rejected", "revoked"])
    def test_without_a_decision_in_force_it_is_as_if_it_were_not_there(self, city: accounts.City, state: str) -> None:
        # given
        made = decided.in_force if state == "revoked" else decided.reviewed if state != "proposed" else decided.proposed
        decision = made(agency=city.transport)
        _proposer, second = decided.officers(city.authority)
        if state == "rejected":
            services.reject_decision(decision_id=decision.pk, reasons="不宜公布。", by=second, at=make.AT)
        if state == "revoked":
            services.revoke_decision(decision_id=decision.pk, reasons="不宜公布。", by=second, at=make.AT)

        # when, then
        for ending in ("/", ".csv", ".xlsx", ".json"):
            there = Client().get(f"/catalog/decided/{decision.pk}{ending}")
            nowhere = Client().get(f"/catalog/decided/99999{ending}")
            assert (there.status_code, nowhere.status_code) == (404, 404)
            assert there.content.replace(str(decision.pk).encode(), b"") != b""
        there = Client().get(f"/api/v1/catalog/decided/{decision.pk}/")
        assert (there.status_code, there.json()) == (404, Client().get("/api/v1/catalog/decided/99999/").json())
        assert "还没有决定公布的其他目录" in Client().get("/catalog/decided/").content.decode()

    def test_withheld_entries_are_left_out_unless_the_decision_names_them(self, city: accounts.City) -> None:
        # given
        make.entry_in_force(city.transport)
        make.entry_in_force(city.transport, title="布控信息", sharing_type="withheld")
        without = decided.in_force(agency=city.transport)
        everything = decided.in_force(region=city.government.region, includes_withheld=True)

        # when, then
        assert entries_of(without).count() == 1
        assert entries_of(everything).count() == 2

    def test_a_region_has_the_entries_of_its_own_agencies(self, city: accounts.City) -> None:
        # given
        make.entry_in_force(city.transport)
        make.entry_in_force(city.county_department, title="云岩区停车场")
        make.entry_in_force(city.township, title="头桥乡便民点", is_open=False, closed_ground=3, closed_basis="含姓名")
        county = city.county_government.region

        # when
        sharing = decided.in_force(region=county, catalogue="sharing")
        opening = decided.in_force(region=county, catalogue="open")
        whole_city = decided.in_force(region=city.government.region)

        # then
        titles = {one.in_force.title for one in entries_of(sharing) if one.in_force}
        assert titles == {"云岩区停车场", "头桥乡便民点"}
        assert [one.in_force.title for one in entries_of(opening) if one.in_force] == ["云岩区停车场"]
        assert [one.in_force.title for one in entries_of(whole_city) if one.in_force] == ["公交线路信息"]

    def test_one_looks_for_titles_alone_and_many_entries_take_as_many_queries(self, city: accounts.City) -> None:
        # given
        make.entry_in_force(city.transport, contact="秘密科")
        decision = decided.in_force(agency=city.transport)
        with CaptureQueriesContext(connection) as one:
            Client().get(decision.public_path)
        for number in range(3):
            make.entry_in_force(city.transport, title=f"线路{number}")

        # when
        with CaptureQueriesContext(connection) as many:
            Client().get(decision.public_path)

        # then
        assert len(many) == len(one)
        assert "没有符合条件的目录条目" in Client().get(f"{decision.public_path}?q=秘密科").content.decode()
        assert "线路2" in Client().get(f"{decision.public_path}?q=路2").content.decode()
