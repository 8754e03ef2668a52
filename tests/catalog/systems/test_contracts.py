"""Documents and answers as the library sees them: what it refuses and why, what of an answer breaks its document."""

from __future__ import annotations

import copy
import json
import socket
from collections.abc import Callable
from typing import Any

import pytest

from catalog.contracts import apart
from catalog.contracts.apart import compare, describe
from catalog.contracts.conformance import Answer, breaches
from catalog.contracts.faults import faults_of, version_of
from catalog.contracts.parts import Unreadable
from catalog.contracts.reading import DEEPEST, MOST_PARTS, read
from catalog.contracts.references import NoSuchPlace, broken_references, followed, resolve
from catalog.contracts.sampling import MOST_SAMPLES, count_operations, samples
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


def texts(document: dict[str, Any]) -> list[str]:
    return [fault.text for fault in faults_of(document)]


ITEMS = "paths → /stops → get → responses → 200 → content → application/json → schema → items"
LAUGHS = "a: &a [1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{name}: &{name} [{','.join(f'*{before}' for _turn in range(9))}]\n"
    for name, before in zip("bcdefghi", "abcdefgh", strict=True)
)
MERGES = "a: &a {x: 1, y: 2}\n" + "".join(
    f"{name}: &{name} {{<<: [*{before}, *{before}], k{name}: 1}}\n"
    for name, before in zip("bcdefghijklmnopqrstu", "abcdefghijklmnopqrst", strict=True)
)


class TestReading:
    """Bytes become plain values, or a sentence that says what to do."""

    def test_json_and_yaml_give_the_same(self) -> None:
        # given
        plain = "openapi: 3.0.3\ninfo: {title: 站点, version: 2020-01-01}\npaths: {/a: {get: {responses: {200: {}}}}}\n"
        paths = {"/a": {"get": {"responses": {"200": {}}}}}
        said = {"openapi": "3.0.3", "info": {"title": "站点", "version": "2020-01-01"}, "paths": paths}
        written = json.dumps(said, ensure_ascii=False)

        # then: no dates, and numbers as keys are texts
        assert read(plain.encode()) == read(written.encode()) == read(b"\xef\xbb\xbf" + written.encode())

    def test_words_that_are_truth_values_elsewhere_stay_words(self) -> None:
        said = read(b"a: no\nb: on\nc: true\nd: ~\ne: 0o17\nf: 1.5\ng: '200'\nh: 0x1f\ni:\n")
        assert said == {"a": "no", "b": "on", "c": True, "d": None, "e": 15, "f": 1.5, "g": "200", "h": 31, "i": None}

    def test_aliases_and_merge_keys_unfold(self) -> None:
        said = read(b"a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: [*a, *a]\n")
        assert said["b"] == {"x": 1, "y": 3}
        assert said["c"] == [{"x": 1, "y": 2}, {"x": 1, "y": 2}]

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "空文件"),
            (b" \n", "空文件"),
            (b"\xff\xfe\x00", "UTF-8"),
            (b"x" * 20_000_000, "20.0 MB，超过 2 MB 的上限"),
            (b"[1, 2]", "最外层"),
            (b"<html><body>hi</body></html>", "最外层"),
            (b"a:\n\tb: 1", "第 2 行第 1 列附近不是正确的 YAML"),
            (b"a: 1\n---\nb: 2", "不是正确的 YAML"),
            (b"a: \x00", "字符"),
            (b'{"a": 1,}', "第 1 行第 9 列附近不是正确的 JSON"),
            (b"a: 1\na: 2", "第 2 行：「a」在同一个对象里出现了两次"),
            (b'{"a": 1, "a": 2}', "「a」在同一个对象里出现了两次"),
            (b'{"a": NaN}', "NaN"),
            (b'{"a": 1e999}', "1e999"),
            (b"a: 1.0e999", "数字太大"),
            (b'{"a": ' + b"9" * 5000 + b"}", "读不出来的数字"),
            (b"a: !!python/name:os.system x", "标签"),
            (b"? [a]\n: 1", "键不是文字"),
            (b"a: {<<: 1}", "<<"),
        ],
    )
    def test_what_cannot_be_read_is_refused_in_words(self, content: bytes, words: str) -> None:
        with pytest.raises(Unreadable, match=words):
            read(content)

    @pytest.mark.parametrize("bomb", [LAUGHS, MERGES], ids=["laughs", "merges"])
    def test_a_few_lines_that_unfold_without_measure_are_refused(self, bomb: str) -> None:
        with pytest.raises(Unreadable, match=f"{MOST_PARTS:,}"):
            read(bomb.encode())

    def test_an_alias_of_itself_is_refused(self) -> None:
        with pytest.raises(Unreadable, match="指回它自己"):
            read(b"a: &a [*a]")

    @pytest.mark.parametrize(
        "content",
        [
            "a: " + "[" * 300_000,
            "a: " + "{b: " * 100_000,
            '{"a":' * 5_000,
            '{"a":' * (DEEPEST + 1) + "1" + "}" * (DEEPEST + 1),
        ],
        ids=["lists", "mappings", "json", "just too deep"],
    )
    def test_what_nests_too_deep_is_refused_before_it_is_built(self, content: str) -> None:
        with pytest.raises(Unreadable, match=f"嵌套超过 {DEEPEST} 层|不是正确的 JSON"):
            read(content.encode())

    def test_too_many_values_are_refused(self) -> None:
        with pytest.raises(Unreadable, match=f"{MOST_PARTS:,}"):
            read(json.dumps({"a": [0] * (MOST_PARTS + 1)}).encode())


class TestFaults:
    """What is wrong by the rules of OpenAPI, with the place and what to do."""

    @pytest.mark.parametrize("version", ["3.0.0", "3.0.3", "3.1.0", "3.1.1"])
    def test_a_document_that_holds_has_none(self, version: str) -> None:
        assert texts(openapi(version)) == []

    @pytest.mark.parametrize(
        ("said", "words"),
        [
            ({"swagger": "2.0"}, "Swagger 2.0"),
            ({"info": {}}, "没有 openapi 一项"),
            ({"openapi": "3.2.0"}, "「3.2.0」"),
            ({"openapi": 3.1}, "「3.1」"),
            ({"openapi": "3.0"}, "「3.0」"),
        ],
    )
    def test_another_standard_or_version_is_refused(self, said: dict[str, Any], words: str) -> None:
        with pytest.raises(Unreadable, match=words):
            version_of(said)

    @pytest.mark.parametrize(
        ("change", "wanted"),
        [
            (lambda d: d.pop("info"), "缺少「info」。"),
            (lambda d: d["info"].pop("version"), "info：缺少「version」。"),
            (lambda d: get(d).pop("responses"), "paths → /stops → get：缺少「responses」。"),
            (
                lambda d: get(d)["responses"]["200"].pop("description"),
                "paths → /stops → get → responses → 200：缺少「description」。",
            ),
            (
                lambda d: get(d).update(respones={}),
                "paths → /stops → get：有不认识的内容「respones」。请核对拼写和位置。",
            ),
            (lambda d: d["paths"].update({"stops": {}}), "paths：有不认识的内容「stops」。请核对拼写和位置。"),
            (lambda d: d.update(paths=None), "paths：应当是对象。"),
            (lambda d: d.update(servers=[{}]), "servers → 0：缺少「url」。"),
            (
                lambda d: stop(d)["properties"].update(id={"type": "int"}),
                "components → schemas → Stop → properties → id → type："
                "应当是 array、boolean、integer、number、object、string 之一。",
            ),
            (
                lambda d: get(d).update(parameters=[{"name": "a", "in": "body", "schema": {}}]),
                "paths → /stops → get → parameters → 0 → in：应当是 path、query、header、cookie 之一。",
            ),
            (
                lambda d: d["paths"].update({"/s/{id}": d["paths"]["/stops"]}),
                "paths → /s/{id} → get：路径里的「id」没有对应的参数说明。请在 parameters 里补上（in: path）。",
            ),
            (
                lambda d: (get(d).update(operationId="x"), d["paths"].update({"/b": d["paths"]["/stops"]})),
                "paths → /b → get：operationId「x」用了两次。每个操作要有自己的编号。",
            ),
            (
                lambda d: d["components"]["schemas"].update(Line={"allOf": [{"type": "object"}], "required": ["zz"]}),
                "components → schemas → Line："
                "required 里的「zz」在 properties 里没有写明。请补上，或者从 required 里去掉。",
            ),
            (
                lambda d: stop(d)["properties"]["id"].update(default="x"),
                f"{ITEMS} → properties → id → default：应当是整数。",
            ),
        ],
    )
    def test_each_is_named_with_its_place(self, change: Change, wanted: str) -> None:
        assert texts(changed(change)) == [wanted]

    def test_what_only_one_version_allows(self) -> None:
        def nullable(document: dict[str, Any]) -> None:
            stop(document)["properties"]["id"]["type"] = ["integer", "null"]

        assert texts(changed(nullable, "3.1.0")) == []
        assert texts(changed(nullable)) == ["components → schemas → Stop → properties → id → type：应当是文字。"]

    def test_another_dialect_of_schemas_is_refused(self) -> None:
        document = changed(lambda d: d.update(jsonSchemaDialect="https://dialect.example/x"), "3.1.0")
        assert "方言" in texts(document)[0]


class TestReferences:
    """Nothing is fetched; every reference leads somewhere, and none round in a circle."""

    @pytest.mark.parametrize(
        "address",
        ["https://dialect.example/x.json", "file:///etc/passwd", "other.yaml#/a", "//host.example/x", "ftp://x"],
    )
    @pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
    def test_one_that_leads_outside_is_refused_and_not_followed(
        self, address: str, version: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # given
        def never(*given: object, **more: object) -> None:
            raise AssertionError(given)

        monkeypatch.setattr(socket, "getaddrinfo", never)
        monkeypatch.setattr("urllib.request.OpenerDirector.open", never)
        document = changed(lambda d: d["components"]["schemas"].update(X={"$ref": address}), version)

        # then
        assert texts(document) == [
            f"components → schemas → X：引用了文档以外的「{address}」。"
            "平台不会去取外部文件，请把它的内容合并到这份文档里。"
        ]

    def test_even_one_that_the_look_through_missed_is_not_followed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # given: a document whose outer references nobody looked for beforehand
        monkeypatch.setattr("catalog.contracts.faults.broken_references", lambda document: [])
        monkeypatch.setattr("urllib.request.OpenerDirector.open", lambda *given, **more: 1 / 0)
        document = changed(lambda d: stop(d)["properties"].update(id={"$ref": "https://dialect.example/x.json"}))

        # then
        with pytest.raises(Unreadable, match="文档以外"):
            faults_of(document)

    def test_one_that_leads_nowhere_is_named(self) -> None:
        document = changed(lambda d: stop(d)["properties"].update(x={"$ref": "#/components/schemas/Line"}))
        assert "「#/components/schemas/Line」在文档里找不到" in texts(document)[0]

    def test_a_circle_without_a_value_between_is_refused(self) -> None:
        circle = {"A": {"$ref": "#/components/schemas/B"}, "B": {"allOf": [{"$ref": "#/components/schemas/A"}]}}
        document = changed(lambda d: d["components"]["schemas"].update(circle))
        assert "绕成了一圈（A → B → A）" in texts(document)[0]

    def test_a_tree_that_names_itself_for_its_branches_holds(self) -> None:
        branches = {"type": "array", "items": {"$ref": "#/components/schemas/Region"}}
        tree = {"Region": {"type": "object", "properties": {"below": branches}}}
        assert texts(changed(lambda d: d["components"]["schemas"].update(tree))) == []

    def test_a_property_called_so_is_no_reference_and_neither_is_a_value(self) -> None:
        document = changed(lambda d: stop(d)["properties"].update({"$ref": {"type": "string"}}))
        stop(document)["example"] = {"$ref": "https://dialect.example/x"}
        assert broken_references(document) == []

    @pytest.mark.parametrize("keyword", ["$id", "$dynamicRef"])
    def test_ways_to_point_elsewhere_that_are_not_supported_are_named(self, keyword: str) -> None:
        document = changed(lambda d: stop(d).update({keyword: "https://dialect.example/x"}), "3.1.0")
        assert f"不支持 {keyword}" in texts(document)[0]

    def test_a_place_is_found_by_its_escaped_name(self) -> None:
        document = {"paths": {"/a/{b}": [{"x": 1}]}, "a~b": 2}
        assert resolve(document, "#/paths/~1a~1%7Bb%7D/0/x") == 1
        assert resolve(document, "#/a~0b") == 2
        for nowhere in ("#/paths/~1a~1{b}/1", "#/paths/x", "#paths", "#/paths/~1a~1{b}/²"):
            with pytest.raises(NoSuchPlace):
                resolve(document, nowhere)

    def test_following_ends(self) -> None:
        document = {"a": {"$ref": "#/a"}}
        with pytest.raises(NoSuchPlace):
            followed(document, document["a"])


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
