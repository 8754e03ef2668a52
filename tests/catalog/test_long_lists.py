"""Lists of any length: every row on exactly one page, names found by the index, a number that may be a minute old."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import QuerySet
from django.http import HttpRequest
from django.test import Client, RequestFactory

from catalog import services
from catalog.forms.searching import EntryFilter
from catalog.models import CatalogEntry, EntryRevision
from catalog.naming import named_like
from catalog.policies import Sight
from catalog.selectors import in_rows, municipal_providers, provider_agencies, sharing_catalogue
from catalog.views import lists
from catalog.views.lists import EntryListPage, PublicCataloguePage
from guiyang_data.accounts.roles import Role
from guiyang_data.faces import long_lists
from guiyang_data.faces.kept import Keeper
from guiyang_data.faces.long_lists import LongPaginator, counted
from tests.caching import forget
from tests.factories import accounts
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine(always=True)]

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def city() -> accounts.City:
    forget()
    made = accounts.city()
    make.category()
    return made


def codes(entries: Any) -> list[str]:
    return [entry.resource_code for entry in entries]


@pytest.mark.parametrize("number", [0, 1, 3, 7, 8])
def test_every_row_stands_on_one_page_in_order(number: int, city: accounts.City) -> None:
    # given
    for _ in range(number):
        make.draft_entry(city.provider)
    entries = CatalogEntry.objects.order_by("resource_code")

    # when
    pages = LongPaginator(entries, 3, shown=in_rows(CatalogEntry.objects.all()))
    seen = [entry for page in pages for entry in page]

    # then
    assert codes(seen) == codes(entries)
    assert [len(page) for page in pages] == [
        len(page) for page in [codes(entries)[at : at + 3] for at in (0, 3, 6)][: pages.num_pages]
    ]
    assert all(entry.shown.title for entry in seen)


def test_few_rows_are_counted_anew_and_many_once_a_minute(city: accounts.City, monkeypatch: pytest.MonkeyPatch) -> None:
    make.draft_entry(city.provider)
    assert counted(CatalogEntry.objects.all()) == 1
    make.draft_entry(city.provider)
    assert counted(CatalogEntry.objects.all()) == 2
    monkeypatch.setattr(long_lists, "MANY", 2)
    assert counted(CatalogEntry.objects.all()) == 2
    make.draft_entry(city.provider)
    assert counted(CatalogEntry.objects.all()) == 2
    assert counted(CatalogEntry.objects.filter(provider=city.provider)) == 3
    assert counted(CatalogEntry.objects.none()) == 0


@pytest.mark.parametrize("words", ["线路", "公交", "路信", "公", " 线路信息 ", "公交 信息"])
def test_what_is_in_force_is_found_by_any_part_of_its_name(words: str, city: accounts.City) -> None:
    found = make.entry_in_force(city.provider, title="公交线路信息")
    make.entry_in_force(city.provider, title="停车场")
    assert list(CatalogEntry.objects.filter(named_like(words))) == [found]


@pytest.mark.parametrize("words", ["%", "'", "…", "（）", "&|!"])
def test_signs_without_words_find_what_has_them_and_break_nothing(words: str, city: accounts.City) -> None:
    make.entry_in_force(city.provider, title="公交线路信息")
    other = make.entry_in_force(city.provider, title=f"甲{words}乙")
    assert list(CatalogEntry.objects.filter(named_like(words))) == [other]


def test_an_entry_is_found_by_the_beginning_of_its_code_and_by_digits_in_its_name(city: accounts.City) -> None:
    first = make.entry_in_force(city.provider, title="12345 热线工单")
    second = make.entry_in_force(city.provider, title="停车场")
    assert list(CatalogEntry.objects.filter(named_like(second.resource_code))) == [second]
    assert list(CatalogEntry.objects.filter(named_like("12345"))) == [first]


def test_staff_find_their_drafts_by_name_field_and_sharing(city: accounts.City) -> None:
    # given
    draft = make.draft_entry(city.provider, title="尚未公布的场站", field="medical", sharing_type="conditional").entry
    make.entry_in_force(city.provider, title="已公布的线路")

    # when, then
    for asked in ({"q": "场站"}, {"field": "medical"}, {"sharing": "conditional"}, {"standing": "draft"}):
        assert list(EntryFilter(asked, Sight(whole=True)).qs) == [draft], asked
        assert list(EntryFilter(asked, Sight(agencies=frozenset({city.provider.pk}))).qs) == [draft], asked
        assert not EntryFilter(asked, Sight(agencies=frozenset({city.requester.pk}))).qs, asked


def test_staff_find_what_is_in_force_and_what_is_not_by_the_same_words(city: accounts.City) -> None:
    # given two entries in force, one of them being revised under another name, and the drafts of two agencies
    shown = {"title": "公交站点", "field": "transport"}
    entries = [make.entry_in_force(city.provider, **shown) for _ in range(2)]
    draft = services.revise(entry_id=entries[0].pk, by=make.steward_of(city.provider), at=make.AT)
    EntryRevision.objects.filter(pk=draft.pk).update(title="门诊时间", field="medical")
    drafts = [make.draft_entry(agency, **shown).entry for agency in (city.provider, city.requester)]
    inside = Sight(agencies=frozenset({city.provider.pk}))

    # when, then
    for asked in ({"q": "公交站点"}, {"field": "transport"}, {"q": "站点", "field": "transport"}):
        assert set(EntryFilter(asked, inside).qs) == {*entries, drafts[0]}, asked
        assert set(EntryFilter(asked, Sight(whole=True)).qs) == {*entries, *drafts}, asked
        assert set(EntryFilter(asked, Sight()).qs) == set(entries), asked
    assert not EntryFilter({"field": "medical"}, inside).qs
    assert set(EntryFilter({"standing": "draft"}, inside).qs) == {entries[0], drafts[0]}

    # when a draft is withdrawn
    EntryRevision.objects.filter(entry=drafts[0]).update(status="withdrawn")

    # then
    assert list(EntryFilter({"standing": "withdrawn"}, inside).qs) == [drafts[0]]
    assert not EntryFilter({"standing": "withdrawn"}, Sight()).qs


def test_agencies_to_choose_from_are_those_that_provide_something(city: accounts.City) -> None:
    make.entry_in_force(city.provider)
    make.entry_in_force(city.provider)
    make.draft_entry(city.requester)
    assert list(provider_agencies(sharing_catalogue())) == [city.provider]


@pytest.mark.parametrize("path", ["/desk/catalog/", "/catalog/sharing/", "/catalog/open/", "/api/v1/catalog/entries/"])
def test_a_list_is_narrowed_to_one_of_the_agencies_it_offers(path: str, city: accounts.City) -> None:
    # given
    make.entry_in_force(city.provider, title="停车泊位清单")
    make.entry_in_force(city.requester, title="门诊时间")
    client = Client()
    client.force_login(make.steward_of(city.provider))

    # when
    offered = client.get(path).content.decode()
    narrowed = client.get(path, {"agency": city.requester.pk}).content.decode()

    # then
    assert "/api/" in path or f'<option value="{city.requester.pk}">{city.requester.name}</option>' in offered
    assert ("门诊时间" in narrowed, "停车泊位清单" in narrowed) == (True, False)


@pytest.mark.parametrize("path", ["/catalog/sharing/", "/catalog/open/"])
def test_only_municipal_agencies_with_something_in_force_stand_above_a_public_catalogue(
    path: str, city: accounts.City
) -> None:
    make.entry_in_force(city.provider)
    make.draft_entry(city.requester)
    assert list(municipal_providers()) == [city.provider]
    assert f">{city.requester.name}</option>" not in Client().get(path).content.decode()


def test_the_last_page_of_a_public_catalogue_has_the_last_entries(
    city: accounts.City, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("catalog.views.lists.PER_PAGE", 2)
    made = [make.entry_in_force(city.provider) for _ in range(5)]
    request = RequestFactory().get("/catalog/sharing/?page=3")

    # when
    page = PublicCataloguePage(which="sharing").listed(request, Keeper())["page"]

    # then
    assert codes(page) == codes(made[4:])
    assert Client().get("/catalog/sharing/?page=99").context["page"].number == 3


def test_a_long_public_catalogue_is_written_once_until_anything_happens(
    city: accounts.City, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("catalog.views.lists.MANY", 1)
    first = make.entry_in_force(city.provider)
    written: list[str] = []
    write = PublicCataloguePage.listed

    def counting(page: PublicCataloguePage, request: HttpRequest, keeper: Keeper) -> dict[str, Any]:
        written.append(request.get_full_path())
        return write(page, request, keeper)

    monkeypatch.setattr(PublicCataloguePage, "listed", counting)

    # when
    anyone, signed_in = Client(), Client()
    steward = accounts.staff(city.transport, Role.DATA_STEWARD)
    signed_in.force_login(steward, backend=BACKEND)
    pages = [asked.get("/catalog/sharing/").content.decode() for asked in (anyone, signed_in, anyone)]

    # then
    assert len(written) == 1
    assert all(first.resource_code in page for page in pages)
    assert steward.display_name in pages[1]
    assert steward.display_name not in pages[2]

    # when something happens
    second = make.entry_in_force(city.provider)

    # then
    assert second.resource_code in anyone.get("/catalog/sharing/").content.decode()
    assert second.resource_code not in anyone.get("/catalog/sharing/?q=没有这个名称").content.decode()
    assert len(written) == 3


def test_a_long_list_of_staff_is_kept_for_those_who_see_the_same_alone(
    city: accounts.City, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("catalog.views.lists.MANY", 1)
    make.entry_in_force(city.provider)
    make.draft_entry(city.provider, title="只有本机关看得见的草稿")
    people = {
        "inside": accounts.staff(city.provider, Role.DATA_STEWARD),
        "colleague": accounts.staff(city.provider, Role.DATA_STEWARD),
        "approver": accounts.staff(city.provider, Role.APPROVER),
        "other": accounts.staff(city.requester, Role.DATA_STEWARD),
    }
    clients = {name: Client() for name in people}
    for name, person in people.items():
        clients[name].force_login(person, backend=BACKEND)
    written: list[str] = []
    write = EntryListPage.written

    def counting(page: EntryListPage, request: HttpRequest, *given: Any, **more: Any) -> str:
        written.append(request.user.get_username())
        return write(page, request, *given, **more)

    monkeypatch.setattr(EntryListPage, "written", counting)

    # when
    pages = {name: client.get("/desk/catalog/").content.decode() for name, client in clients.items()}

    # then
    assert [name for name in people if "只有本机关看得见的草稿" in pages[name]] == ["inside", "colleague", "approver"]
    assert written == [people[name].get_username() for name in ("inside", "approver", "other")]
    assert all(people[name].display_name in pages[name] for name in people)
    assert "/desk/catalog/new/" not in pages["approver"]

    # when something happens
    make.draft_entry(city.provider, title="又一份草稿")

    # then
    assert "又一份草稿" in clients["colleague"].get("/desk/catalog/").content.decode()
    assert "又一份草稿" not in clients["other"].get("/desk/catalog/").content.decode()


def test_pages_of_a_long_list_share_their_head_and_what_is_looked_for_makes_another(
    city: accounts.City, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given three pages of entries and a colleague
    monkeypatch.setattr("catalog.views.lists.MANY", 1)
    monkeypatch.setattr("catalog.views.lists.PER_PAGE", 1)
    for field in ("transport", "medical", "transport"):
        make.entry_in_force(city.provider, field=field)
    client = Client()
    client.force_login(accounts.staff(city.provider, Role.DATA_STEWARD), backend=BACKEND)
    heads: list[str] = []
    chips = lists._chips

    def counting(inside: QuerySet[CatalogEntry], current: str) -> list[dict[str, Any]]:
        heads.append(current)
        return chips(inside, current)

    monkeypatch.setattr(lists, "_chips", counting)

    # when
    pages = [client.get(f"/desk/catalog/?{query}").content.decode() for query in ("page=1", "page=2", "page=3")]
    found = client.get("/desk/catalog/?field=medical").content.decode()
    drafts = client.get("/desk/catalog/?standing=draft").content.decode()

    # then
    assert heads == ["", "", "draft"]
    assert all('name="field"' in page for page in (*pages, found, drafts))
    assert 'value="medical" selected' in found
    assert not any('value="medical" selected' in page for page in pages)


def test_a_short_public_catalogue_is_never_kept(city: accounts.City) -> None:
    made = make.entry_in_force(city.provider)
    assert made.resource_code in Client().get("/catalog/sharing/").content.decode()
    CatalogEntry.objects.filter(pk=made.pk).update(in_force=None)
    assert made.resource_code not in Client().get("/catalog/sharing/").content.decode()
