"""The only way out: every request the portal makes to another host goes through ``fetch``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import httpcore
import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from guiyang_data.outbound import addresses
from guiyang_data.outbound.errors import OutboundFailed, OutboundRefused, Why
from guiyang_data.outbound.transport import Deadline, GuardedTransport

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
PORTS = {"http": 80, "https": 443}
LAST_PORT = 65_535


@dataclass(frozen=True, kw_only=True)
class Response:
    """What the other side answered. ``headers``: names in small letters. A redirect stands here as it came (3xx)."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def is_success(self) -> bool:
        """Whether the status is one of 200-299."""
        return 200 <= self.status <= 299


def fetch(
    url: str,
    *,
    allowed_hosts: Collection[str],
    method: str = "GET",
    json: object | None = None,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = 10,
    max_bytes: int = 10_000_000,
    public_only: bool = False,
) -> Response:
    """Ask another host, under guard.

    ``allowed_hosts``: ``"host"`` for the usual ports (80, 443) or ``"host:port"``. ``timeout``: seconds for the whole
    request, from resolving the name to the last byte. ``max_bytes``: the longest body taken. No redirect is followed,
    no proxy of the environment is used, and an address inside the portal's own networks is refused unless
    ``OUTBOUND_ALLOWED_NETWORKS`` names it; with ``public_only`` it is refused even then, because somebody of the
    public named the address. Raises ``OutboundRefused``; ``OutboundFailed`` where trying again may help.
    """
    target = _permitted(url, allowed_hosts)
    if method not in METHODS:
        raise ValueError(f"method {method!r}")
    sent = {"accept-encoding": "identity"} | {name.lower(): value for name, value in (headers or {}).items()}
    if "host" in sent:
        raise ValueError("the host header follows from the address")
    transport = GuardedTransport(Deadline(timeout), permitted=() if public_only else settings.OUTBOUND_ALLOWED_NETWORKS)
    try:
        with httpx.Client(transport=transport, trust_env=False, follow_redirects=False) as client:
            asked: dict[str, Any] = {"headers": sent, "content": content}
            with client.stream(method, target, **asked | ({"json": json} if json is not None else {})) as answer:
                body = _limited(answer, max_bytes)
                return Response(status=answer.status_code, headers=dict(answer.headers), content=body)
    except (httpcore.TimeoutException, httpx.TimeoutException) as error:
        raise OutboundFailed(_("对方没有在规定时间内答复，已停止等待。请稍后再试。"), why=Why.TIME) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpx.TransportError) as error:
        raise OutboundFailed(
            _("与 %(host)s 的连接中断，或对方的答复不符合协议。请稍后再试。") % {"host": target.host}, why=Why.PROTOCOL
        ) from error


def reachable(url: str, *, public_only: bool, timeout: float = 3) -> str:
    """``host:port`` of an address that the portal would connect to now, for ``allowed_hosts``; nothing is sent.

    Raises ``OutboundRefused`` where it never would, ``OutboundFailed`` where the name is not found.
    """
    target, _host, port = _parsed(url)
    permitted = () if public_only else settings.OUTBOUND_ALLOWED_NETWORKS
    addresses.checked(target.host, port, timeout=timeout, permitted=permitted)
    return destination(url)


def destination(url: str) -> str:
    """``host:port`` of an address, for ``allowed_hosts``, by its letters alone. Raises ``OutboundRefused``."""
    _target, host, port = _parsed(url)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _permitted(url: str, allowed_hosts: Collection[str]) -> httpx.URL:
    target, host, port = _parsed(url)
    names = {f"{host}:{port}", f"[{host}]:{port}"}
    if port == PORTS[target.scheme]:
        names |= {host, target.host.lower().rstrip(".")}
    if names.isdisjoint(name.lower().rstrip(".") for name in allowed_hosts):
        raise OutboundRefused(
            _("没有连接：%(host)s:%(port)d 不在允许访问的主机名单内。请核对地址，或先登记该主机和端口。")
            % {"host": target.host, "port": port},
            why=Why.ADDRESS,
        )
    return target


def _parsed(url: str) -> tuple[httpx.URL, str, int]:
    """The address, its host in small letters of ASCII, and its port."""
    try:
        target = httpx.URL(url)
        # a name that is none in its other writing is found out only here
        named = bool(target.host)
    except (httpx.InvalidURL, TypeError, UnicodeError) as error:
        text = _("没有连接：地址写法不对。请写完整地址，例如 https://例子.cn/接口。")
        raise OutboundRefused(text, why=Why.ADDRESS) from error
    if target.scheme not in PORTS or not named:
        raise OutboundRefused(_("没有连接：只能访问以 http:// 或 https:// 开头的完整地址。"), why=Why.ADDRESS)
    if target.port is not None and not 0 < target.port <= LAST_PORT:
        raise OutboundRefused(_("没有连接：端口应当在 1 到 65535 之间。请核对地址。"), why=Why.ADDRESS)
    if target.userinfo:
        raise OutboundRefused(_("没有连接：地址里不能带用户名或密码。请把凭据填在凭据栏。"), why=Why.ADDRESS)
    return target, target.raw_host.decode("ascii").lower().rstrip("."), target.port or PORTS[target.scheme]


def _limited(answer: httpx.Response, max_bytes: int) -> bytes:
    """The body as sent. A packed body is refused: a few packed bytes can unpack to more than memory holds."""
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        raise OutboundRefused(_("没有接收：对方用了压缩传输。请对方按请求头直接返回原文。"), why=Why.PACKED)
    too_large = OutboundRefused(
        _("没有接收：答复超过 %(limit)s 字节的上限。请缩小请求范围，分次获取。") % {"limit": f"{max_bytes:,}"},
        why=Why.SIZE,
    )
    announced = answer.headers.get("content-length", "0")
    if answer.request.method != "HEAD" and announced.isdecimal() and int(announced) > max_bytes:
        raise too_large
    body = bytearray()
    for chunk in answer.iter_raw():
        body += chunk
        if len(body) > max_bytes:
            raise too_large
    return bytes(body)
