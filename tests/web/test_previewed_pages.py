"""Acts whose effect is shown before they are confirmed, on a page with a list of agencies."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django import forms
from django.http import HttpRequest
from django.test import Client
from django.urls import path

from guiyang_data import urls
from guiyang_data.accounts.models import Agency
from guiyang_data.faces.agencies import AgencyField
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.pages import PreviewedActPage
from tests.factories import accounts

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

THERE = "/tried-here/"
WHY = "由其办理更为便利。"


class _ChoosingForm(ActForm):
    agency = AgencyField(label="机关")
    reasons = forms.CharField(label="理由")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose_from(agency=Agency.objects.order_by("code"))


class _PreviewedPage(PreviewedActPage):
    form_class = _ChoosingForm
    title = "选择机关"

    def look(self, request: HttpRequest, form: Any) -> Any:
        return form.cleaned_data["agency"].name

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {"lead": f"将由{self.previewed}办理" if self.previewed else ""}

    def perform(self, request: HttpRequest, form: Any) -> str:
        return f"/done/{form.cleaned_data['agency'].pk}/"


urlpatterns = [path(THERE.removeprefix("/"), _PreviewedPage.as_view()), *urls.urlpatterns]
handler404 = urls.handler404


def test_an_agency_is_looked_for_without_scripts_before_anything_is_previewed() -> None:
    # given
    city = accounts.city()
    client = Client()

    # when
    answer = client.post(THERE, {"agency_find": "卫生", "look": "1", "reasons": WHY, "preview": "1"})

    # then what was typed stays, nothing is refused and nothing shown that was not asked for
    page = answer.content.decode()
    assert answer.status_code == 200
    assert f'value="{city.health.pk}"' in page
    assert f'value="{city.authority.pk}"' not in page
    assert WHY in page
    assert "field--wrong" not in page
    assert "办理</p>" not in page

    # when one is chosen, it is previewed, and done only then
    chosen = {"agency": str(city.health.pk), "reasons": WHY}
    seen = client.post(THERE, chosen | {"preview": "1"}).content.decode()
    assert f"将由{city.health.name}办理" in seen
    kept = client.post(THERE, chosen | {"agency_find": "没有这样的", "look": "1"}).content.decode()
    assert re.search(rf'value="{city.health.pk}" checked', kept)
    assert client.post(THERE, chosen).headers["Location"] == f"/done/{city.health.pk}/"


def test_a_township_stands_under_its_county_in_the_list() -> None:
    city = accounts.city()
    page = Client().get(THERE).content.decode()
    places = re.findall(r"<h3>([^<]+)</h3>", page)
    assert (places.count("市级机关"), places.count(city.county_department.region.name)) == (1, 1)
    assert city.township.region.name not in places
