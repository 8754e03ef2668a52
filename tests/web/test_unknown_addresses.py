"""An address that leads nowhere answers in the shape its caller reads."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def test_a_program_gets_the_apis_shape_of_error(client: Client) -> None:
    answer = client.get("/api/v1/nowhere/")
    assert answer.status_code == 404
    assert set(answer.json()) == {"code", "message", "basis"}


def test_a_person_gets_a_page_that_says_what_to_do(client: Client) -> None:
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert "text/html" in answer["Content-Type"]
    assert "没有找到" in answer.content.decode()
