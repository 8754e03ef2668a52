"""The way out, against a real server."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from guiyang_data.outbound.client import fetch
from guiyang_data.outbound.errors import OutboundFailed, OutboundRefused
from tests.outbound.conftest import Server

ANSWER = socket.getaddrinfo


def answering(addresses: list[list[str]], asked: list[str]) -> Any:
    """What the machine's resolver says, look-up after look-up (the last answer stays)."""

    def resolve(host: str, port: int, *args: object, **kwargs: object) -> object:
        if host[0].isdigit():
            return ANSWER(host, port, *args, **kwargs)
        asked.append(host)
        current = addresses[min(len(asked), len(addresses)) - 1]
        return [found for address in current for found in ANSWER(address, port, *args, **kwargs)]

    return resolve


@pytest.mark.usefixtures("permitted")
def test_an_answer_comes_back_with_status_headers_and_body(server: Server) -> None:
    # when
    response = fetch(server.url("/plain?x=1"), allowed_hosts=server.hosts, headers={"X-Purpose": "check"})

    # then
    assert (response.status, response.is_success) == (200, True)
    assert json.loads(response.content) == {"ok": "好"}
    assert response.headers["content-length"] == str(len(response.content))
    headers = {name.lower(): value for name, value in server.asked[0]["headers"].items()}
    assert headers["host"] == f"127.0.0.1:{server.port}"
    assert headers["x-purpose"] == "check"
    assert server.asked[0]["path"] == "/plain?x=1"


@pytest.mark.usefixtures("permitted")
def test_json_and_raw_content_are_sent(server: Server) -> None:
    # when
    fetch(server.url("/plain"), allowed_hosts=server.hosts, method="POST", json={"a": [1, "二"]})
    fetch(server.url("/plain"), allowed_hosts=server.hosts, method="PUT", content=b"raw")

    # then
    assert json.loads(server.asked[0]["body"]) == {"a": [1, "二"]}
    assert (server.asked[1]["method"], server.asked[1]["body"]) == ("PUT", b"raw")


@pytest.mark.usefixtures("permitted")
def test_a_status_that_is_no_success_is_an_answer_like_others(server: Server) -> None:
    # when
    response = fetch(server.url("/missing"), allowed_hosts=server.hosts)

    # then
    assert (response.status, response.is_success, response.content) == (404, False, b"nothing")


@pytest.mark.usefixtures("permitted")
def test_what_somebody_of_the_public_named_never_leads_inside_even_where_the_operator_permits_it(
    server: Server,
) -> None:
    with pytest.raises(OutboundRefused, match="内部或保留地址"):
        fetch(server.url("/plain"), allowed_hosts=server.hosts, public_only=True)
    assert server.asked == []


@pytest.mark.usefixtures("permitted")
def test_a_redirect_is_handed_back_and_not_followed(server: Server) -> None:
    # when
    response = fetch(server.url("/redirect"), allowed_hosts=server.hosts)

    # then
    assert response.status == 302
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "gopher://127.0.0.1/",
        "//127.0.0.1/",
        "/only/a/path",
        "",
        "http://",
        "http://user:secret@{host}/plain",
        "http://other.example/plain",
        "http://127.0.0.1.example/plain",
        "http://127.0.0.1:1/plain",
        "http://{host}\\@other.example/",
        "https://[::1/",
    ],
)
@pytest.mark.usefixtures("permitted")
def test_an_address_outside_the_list_or_of_another_kind_is_refused(server: Server, url: str) -> None:
    # when
    with pytest.raises(OutboundRefused) as refused:
        fetch(url.replace("{host}", f"127.0.0.1:{server.port}"), allowed_hosts=server.hosts)

    # then
    assert not isinstance(refused.value, OutboundFailed)
    assert refused.value.message.startswith("没有连接")
    assert "secret" not in refused.value.message
    assert server.asked == []


@pytest.mark.usefixtures("permitted")
def test_a_host_named_without_port_may_be_asked_on_the_usual_port_only(server: Server) -> None:
    # when
    with pytest.raises(OutboundRefused):
        fetch(server.url("/plain"), allowed_hosts=["127.0.0.1"])

    # then
    assert server.asked == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]"])
def test_this_machine_is_refused_in_every_spelling_unless_the_operator_names_it(server: Server, host: str) -> None:
    # when
    with pytest.raises(OutboundRefused) as refused:
        fetch(server.url("/plain", host), allowed_hosts=[f"{host}:{server.port}"])

    # then
    assert not isinstance(refused.value, OutboundFailed)
    assert server.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.8",
        "172.16.3.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.100.100.200",
        "192.0.0.192",
        "0.0.0.0",  # noqa: S104  an address to refuse, nothing is bound
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:10.0.0.8",
        "::10.0.0.8",
        "64:ff9b::a00:8",
        "2002:a00:8::1",
        "2001:db8::1",
    ],
)
def test_a_name_that_leads_to_an_inner_or_reserved_address_is_refused(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    # given
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, *args, **kwargs: [(0, 0, 0, "", (address, port))])

    # when
    with pytest.raises(OutboundRefused) as refused:
        fetch("http://data.example/plain", allowed_hosts=["data.example"], timeout=2)

    # then
    assert not isinstance(refused.value, OutboundFailed)
    assert "内部或保留地址" in refused.value.message


def test_one_inner_address_among_public_ones_is_enough_to_refuse(
    monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    # given
    monkeypatch.setattr(socket, "getaddrinfo", answering([["1.1.1.1", "127.0.0.1"]], []))

    # when
    with pytest.raises(OutboundRefused) as refused:
        fetch(server.url("/plain", "data.example"), allowed_hosts=[f"data.example:{server.port}"])

    # then
    assert not isinstance(refused.value, OutboundFailed)
    assert server.asked == []


@pytest.mark.usefixtures("permitted")
def test_a_name_is_looked_up_once_and_the_checked_address_is_the_one_connected_to(
    monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    # given: the second look-up would lead elsewhere
    asked: list[str] = []
    monkeypatch.setattr(socket, "getaddrinfo", answering([["127.0.0.1"], ["127.0.0.2"]], asked))

    # when
    response = fetch(server.url("/plain", "data.example"), allowed_hosts=[f"data.example:{server.port}"])

    # then
    assert response.status == 200
    assert asked == ["data.example"]
    headers = {name.lower(): value for name, value in server.asked[0]["headers"].items()}
    assert headers["host"] == f"data.example:{server.port}"


def test_the_next_address_is_tried_where_the_first_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, server: Server, settings: Settings
) -> None:
    # given
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    monkeypatch.setattr(socket, "getaddrinfo", answering([["127.0.0.99", "127.0.0.1"]], []))

    # when
    response = fetch(server.url("/plain", "data.example"), allowed_hosts=[f"data.example:{server.port}"])

    # then
    assert response.status == 200


def test_a_name_nobody_knows_is_a_failure_that_may_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    def unknown(*args: object, **kwargs: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    # then
    with pytest.raises(OutboundFailed, match="找不到主机"):
        fetch("http://data.example/", allowed_hosts=["data.example"])


@pytest.mark.usefixtures("permitted")
def test_a_closed_port_is_a_failure_that_may_pass(server: Server) -> None:
    # given
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

    # then
    with pytest.raises(OutboundFailed, match="没有连上"):
        fetch(f"http://127.0.0.1:{port}/", allowed_hosts=[f"127.0.0.1:{port}"])


@pytest.mark.parametrize("path", ["/large", "/endless"])
@pytest.mark.usefixtures("permitted")
def test_a_body_over_the_limit_is_not_taken_announced_or_not(server: Server, path: str) -> None:
    # then
    with pytest.raises(OutboundRefused, match="4,999"):
        fetch(server.url(path), allowed_hosts=server.hosts, max_bytes=4999)


@pytest.mark.usefixtures("permitted")
def test_a_body_of_exactly_the_limit_is_taken_and_the_head_of_a_larger_one_too(server: Server) -> None:
    # then
    assert len(fetch(server.url("/large"), allowed_hosts=server.hosts, max_bytes=5000).content) == 5000
    head = fetch(server.url("/large"), allowed_hosts=server.hosts, method="HEAD", max_bytes=10)
    assert (head.headers["content-length"], head.content) == ("5000", b"")


@pytest.mark.usefixtures("permitted")
def test_a_packed_body_is_not_taken(server: Server) -> None:
    # then
    with pytest.raises(OutboundRefused, match="压缩"):
        fetch(server.url("/packed"), allowed_hosts=server.hosts)


@pytest.mark.parametrize("path", ["/silent", "/dripping"])
@pytest.mark.usefixtures("permitted")
def test_the_time_is_for_the_whole_request_even_if_bytes_keep_dripping(server: Server, path: str) -> None:
    # then
    with pytest.raises(OutboundFailed, match="规定时间"):
        fetch(server.url(path), allowed_hosts=server.hosts, timeout=0.5)


@pytest.mark.usefixtures("permitted")
def test_an_answer_that_is_no_http_is_a_failure(server: Server) -> None:
    # then
    with pytest.raises(OutboundFailed, match="协议"):
        fetch(server.url("/garbage"), allowed_hosts=server.hosts)


@pytest.mark.usefixtures("permitted")
def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    # given
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    # then
    assert fetch(server.url("/plain"), allowed_hosts=server.hosts).status == 200


@pytest.mark.parametrize("wrong", [{"method": "TRACE"}, {"headers": {"Host": "other.example"}}])
def test_a_call_the_portal_itself_must_not_make_is_a_mistake_of_the_caller(
    server: Server, wrong: dict[str, Any]
) -> None:
    # then
    with pytest.raises(ValueError, match=r"method|host"):
        fetch(server.url("/plain"), allowed_hosts=server.hosts, **wrong)


@pytest.mark.usefixtures("permitted")
class TestCertificates:
    """HTTPS with a certificate for ``localhost``."""

    def test_one_of_a_named_authority_is_accepted_for_its_name(
        self, secure_server: Server, certificate: Path, settings: Settings
    ) -> None:
        # given
        settings.OUTBOUND_CA_FILE = str(certificate)
        settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.1/32", "::1/128"]

        # when
        response = fetch(secure_server.url("/plain", "localhost", "https"), allowed_hosts=secure_server.hosts)

        # then
        assert response.status == 200

    def test_one_for_another_name_is_refused(
        self, secure_server: Server, certificate: Path, settings: Settings
    ) -> None:
        # given
        settings.OUTBOUND_CA_FILE = str(certificate)

        # then
        with pytest.raises(OutboundFailed):
            fetch(secure_server.url("/plain", "127.0.0.1", "https"), allowed_hosts=secure_server.hosts)
        assert secure_server.asked == []

    def test_one_of_an_unknown_authority_is_refused(self, secure_server: Server, settings: Settings) -> None:
        # given
        settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.1/32", "::1/128"]

        # then
        with pytest.raises(OutboundFailed):
            fetch(secure_server.url("/plain", "localhost", "https"), allowed_hosts=secure_server.hosts)
        assert secure_server.asked == []
