"""Answers held against a document, which operations are sampled, and both in a process of its own."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from catalog.contracts import apart
from catalog.contracts.apart import compare, describe
from catalog.contracts.conformance import Answer, breaches
from catalog.contracts.parts import Unreadable
from catalog.contracts.sampling import MOST_SAMPLES, count_operations, samples
from tests.catalog.systems.test_contracts import LAUGHS
from tests.factories.systems import STOP, openapi

Change = Callable[[dict[str, Any]], object]


def changed(change: Change, version: str = "3.0.3") -> dict[str, Any]:
    document = copy.deepcopy(openapi(version))
    change(document)
    return document


def get(document: dict[str, Any]) -> dict[str, Any]:
    return document["paths"]["/stops"]["get"]


def stop(document: dict[str, Any]) -> dict[str, Any]:
    return document["components"]["schemas"]["Stop"]


def answer(body: object, *, status: int = 200, kind: str = "application/json; charset=utf-8") -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(path="/stops", status=status, content_type=kind, body=content)


GOOD = [{"id": 1, "name": "火车站"}]


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
class TestConformance:
    """An answer against its document, by both versions."""

    @pytest.mark.parametrize(
        ("given", "rule", "where", "what"),
        [
            (answer([{"id": "张三", "name": "a"}]), "schema", "[].id", "应当是整数。"),
            (answer([{"id": 1}]), "schema", "[]", "缺少「name」。"),
            (answer({"stops": []}), "schema", "", "应当是列表。"),
            (answer(b"{"), "json", "", "答复说是 JSON，但是读不出来。"),
            (answer(b"[" * 100_000), "json", "", "答复说是 JSON，但是读不出来。"),
            (answer([], status=404), "status", "", "答复的状态码是 404，文档没有说明这种答复。"),
            (answer([], status=503), "server-error", "", "系统自身出错（503）。"),
            (
                answer([], status=302),
                "redirect",
                "",
                "答复要求跳转到别处（302）。平台不跟随跳转，请登记最终的地址。",
            ),
            (
                answer(b"<p>", kind="text/html"),
                "content-type",
                "",
                "答复的内容类型是 text/html，文档写的是 application/json。",
            ),
        ],
    )
    def test_what_breaks_the_document_is_named(
        self, version: str, given: Answer, rule: str, where: str, what: str
    ) -> None:
        [found] = breaches(openapi(version), given)
        assert (found.rule, found.where, found.what) == (rule, where, what)

    def test_what_keeps_to_it_is_silent(self, version: str) -> None:
        assert breaches(openapi(version), answer(GOOD)) == []

    def test_the_same_fault_of_many_rows_is_told_once_with_its_number(self, version: str) -> None:
        [found] = breaches(openapi(version), answer([{"id": "x", "name": "a"}] * 40))
        assert found.times == 40

    def test_no_value_of_an_answer_and_no_name_it_made_up_is_told(self, version: str) -> None:
        # given: an item whose names are data, and values that are somebody's
        document = openapi(version)
        stop(document)["properties"]["by_person"] = {"type": "object", "additionalProperties": {"type": "integer"}}
        stop(document)["additionalProperties"] = False
        stop(document)["properties"]["kind"] = {"enum": ["a"]}
        row = {
            "id": "张三",
            "name": "a",
            "by_person": {"520102199001010011": "李四"},
            "kind": "王五",
            "520102": 1,
            "extra": 1,
        }

        # when
        told = " ".join(f"{one.where} {one.what}" for one in breaches(document, answer([row])))

        # then
        assert "[].by_person.*" in told
        assert "（extra）" in told
        assert not any(word in told for word in ("张三", "李四", "王五", "520102"))

    def test_a_range_a_default_and_another_kind_of_content_cover_an_answer(self, version: str) -> None:
        document = openapi(version)
        get(document)["responses"] = {
            "2XX": {"description": "", "content": {"*/*": {}}},
            "default": {"description": "", "content": {"application/problem+json": {"schema": {"type": "object"}}}},
        }
        assert breaches(document, answer(b"a,b", status=206, kind="text/csv")) == []
        assert breaches(document, answer({"code": 1}, status=429, kind="application/problem+json")) == []
        assert breaches(document, answer([], status=429, kind="application/problem+json"))[0].what == "应当是对象。"

    def test_what_is_only_written_need_not_be_read(self, version: str) -> None:
        document = openapi(version)
        stop(document)["required"].append("secret")
        stop(document)["properties"]["secret"] = {"type": "string", "writeOnly": True}
        assert breaches(document, answer(GOOD)) == []

    def test_formats_are_held(self, version: str) -> None:
        document = openapi(version)
        stop(document)["properties"]["on"] = {"type": "string", "format": "date"}
        [found] = breaches(document, answer([{**GOOD[0], "on": "2026-13-01"}]))
        assert (found.where, found.what) == ("[].on", "写法不符合格式 date。")


class TestSampling:
    """Which operations are asked, and how."""

    def test_parameters_take_what_the_document_gives(self) -> None:
        # given
        parameters = [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "example": 7}},
            {"name": "kind", "in": "query", "required": True, "schema": {"enum": ["快线"]}},
            {"name": "tags", "in": "query", "required": True, "example": ["a b", "c"], "schema": {"type": "array"}},
            {"name": "X-Unit", "in": "header", "required": True, "examples": {"a": {"value": "km"}}, "schema": {}},
            {"name": "page", "in": "query", "schema": {"type": "integer", "default": 1}},
        ]
        document = openapi(paths={"/lines/{id}": {"get": {"parameters": parameters, "responses": {"200": {}}}}})

        # when
        [sample] = samples(document)

        # then: what may be left out is left out
        assert sample.target == "/lines/7?kind=%E5%BF%AB%E7%BA%BF&tags=a+b&tags=c"
        assert sample.headers == {"x-unit": "km"}

    @pytest.mark.parametrize(
        "operation",
        [
            {"parameters": [{"name": "id", "in": "query", "required": True, "schema": {"type": "integer"}}]},
            {"parameters": [{"name": "id", "in": "cookie", "required": True, "example": "x", "schema": {}}]},
            {"parameters": [{"name": "X-A", "in": "header", "required": True, "example": "a\r\nb", "schema": {}}]},
            {"x-portal-sample": False},
        ],
    )
    def test_what_cannot_or_must_not_be_asked_is_not(self, operation: dict[str, Any]) -> None:
        document = openapi(paths={"/lines": {"get": {**operation, "responses": {}}, "post": {"responses": {}}}})
        assert samples(document) == []
        assert count_operations(document) == 2

    def test_open_operations_without_parameters_come_first_and_only_some_are_asked(self) -> None:
        # given
        plain = {"get": {"responses": {}}}
        secured = {"get": {"responses": {}, "security": [{"key": []}]}}
        asked_with = {"get": {"responses": {}, "parameters": [{"$ref": "#/components/parameters/Page"}]}}
        page = {"name": "page", "in": "query", "required": True, "schema": {"default": 1}}
        paths = {
            "/secured": secured,
            "/page": asked_with,
            "/a": plain,
            "/b": plain,
            "/either": {"get": {"responses": {}, "security": [{"key": []}, {}]}},
        }
        document = openapi(paths=paths, components={"parameters": {"Page": page}})

        # then
        found = samples(document)
        assert [sample.path for sample in found] == ["/a", "/b", "/either"]
        assert len(found) == MOST_SAMPLES
        del document["paths"]["/a"], document["paths"]["/b"]
        assert [(one.path, one.needs_credentials) for one in samples(document)] == [
            ("/either", False),
            ("/page", False),
            ("/secured", True),
        ]


class TestApart:
    """The same in a process of its own, which may hang or crash."""

    def test_it_tells_what_the_document_says_of_itself(self) -> None:
        # when
        told = describe(json.dumps(openapi()).encode())

        # then
        assert (told.version, told.title, told.own_version, told.operations) == ("3.0.3", "公交站点接口", "1.2", 1)
        assert [sample.target for sample in told.samples] == ["/stops"]
        assert told.faults == []

    def test_it_tells_faults_and_refusals_alike(self) -> None:
        assert [fault.what for fault in describe(json.dumps(changed(lambda d: d.pop("info"))).encode()).faults] == [
            "缺少「info」。"
        ]
        with pytest.raises(Unreadable, match="没有一个接口操作"):
            describe(json.dumps(openapi("3.1.0", paths={})).encode())
        with pytest.raises(Unreadable, match="展开后超过"):
            describe(LAUGHS.encode())

    def test_it_compares_answers(self) -> None:
        given = [answer(GOOD), answer([{"id": "x", "name": "a"}])]
        assert [(one.where, one.what) for one in compare(json.dumps(openapi()).encode(), given)] == [
            ("[].id", "应当是整数。")
        ]

    def test_a_pattern_that_never_ends_is_given_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # given
        monkeypatch.setattr(apart, "ANSWER_SECONDS", 3.0)
        document = changed(lambda d: stop(d)["properties"]["name"].update(pattern="^(a+)+$"))

        # then
        with pytest.raises(Unreadable, match="用时太长"):
            compare(json.dumps(document).encode(), [answer([{"id": 1, "name": "a" * 40 + "!"}])])

    def test_schemas_that_multiply_are_given_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # given: each names the next twice, for the same value
        monkeypatch.setattr(apart, "ANSWER_SECONDS", 3.0)
        steps = {f"S{n}": {"allOf": [{"$ref": f"#/components/schemas/S{n + 1}"}] * 2} for n in range(60)}
        document = openapi()
        document["components"]["schemas"] |= steps | {
            "S60": {"type": "integer"},
            "Stop": {**STOP, "allOf": [{"$ref": "#/components/schemas/S0"}]},
        }

        # then
        with pytest.raises(Unreadable, match="用时太长"):
            compare(json.dumps(document).encode(), [answer(GOOD)])

    def test_signs_that_no_page_can_hold_are_left_out_of_what_is_told(self) -> None:
        document = openapi()
        document["info"]["title"] = "站\u0000点\ud800"
        document["paths"] = {"/a\u0000": document["paths"]["/stops"], "/b": document["paths"]["/stops"]}
        told = describe(json.dumps(document).encode())
        assert told.title == "站点"
        assert [sample.path for sample in told.samples] == ["/b"]

    def test_a_crash_is_a_sentence(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(apart, "PACKAGE", "no.such.package")
        with pytest.raises(Unreadable, match="核对时出错"):
            describe(b"a: 1")
