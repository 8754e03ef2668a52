"""What the OpenAPI document of sharing shows by example is what its calls take."""

from __future__ import annotations

from typing import Any

import pytest

from sharing.api import applying_serializers, examples, serializers, standing_serializers

SENT = [
    *((applying_serializers.SharingApplySerializer, one) for one in examples.APPLY),
    *((applying_serializers.SharingApplyTogetherSerializer, one) for one in examples.APPLY_TOGETHER),
    *((serializers.SharingReplySerializer, one) for one in examples.REPLY),
    *((standing_serializers.ChangeAuthorisationSerializer, one) for one in examples.CHANGE_AUTHORISATION),
    *((serializers.SharingDeclareTakingSerializer, one) for one in examples.DECLARE),
    *((serializers.SharingCoordinationOpinionSerializer, one) for one in examples.OPINION),
]


@pytest.mark.parametrize(("body", "example"), SENT, ids=lambda part: getattr(part, "name", ""))
def test_every_example_is_taken_as_it_stands(body: Any, example: Any) -> None:
    sent = body(data=example.value)
    assert sent.is_valid(), sent.errors
    assert set(example.value) <= set(sent.fields)


def test_a_page_of_rows_has_the_fields_of_the_answer() -> None:
    (shown,) = examples.ROWS
    assert set(shown.value) == set(serializers.SharingRowsSerializer().fields)
