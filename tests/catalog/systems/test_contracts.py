"""Documents and answers as the library sees them: what it refuses and why, what of an answer breaks its document."""

from __future__ import annotations

import copy
import json
import socket
from collections.abc import Callable
from typing import Any

import pytest

from catalog.contracts.faults import faults_of, version_of
from catalog.contracts.parts import Unreadable
from catalog.contracts.reading import DEEPEST, MOST_PARTS, read
from catalog.contracts.references import NoSuchPlace, broken_references, followed, resolve
from tests.factories.systems import openapi

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
        assert not faults_of(changed(lambda d: None))  # reads the schemas of the standard, once for a process
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
