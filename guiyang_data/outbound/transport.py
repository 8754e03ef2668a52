"""The connection itself: only to checked addresses, and never longer than its time."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import httpcore
import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from guiyang_data.outbound import addresses
from guiyang_data.outbound.errors import OutboundFailed, Why


class Deadline:
    """One limit for all steps of a request together, in seconds from its making."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left; past the end it is an ``OutboundFailed``."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise OutboundFailed(_("对方没有在规定时间内答复，已停止等待。请稍后再试。"), why=Why.TIME)
        return left


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to the address that was checked, not to the name again: between two look-ups a name can change."""

    def __init__(self, deadline: Deadline, permitted: Sequence[str]) -> None:
        self._deadline = deadline
        self._permitted = permitted
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        found = addresses.checked(host, port, timeout=self._deadline.left(), permitted=self._permitted)
        failure: httpcore.NetworkError | httpcore.TimeoutException | None = None
        for place, address in enumerate(found):
            share = self._deadline.left() / (len(found) - place)
            try:
                stream = self._backend.connect_tcp(str(address), port, timeout=share, socket_options=socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return TimedStream(stream, self._deadline)
        text = _("没有连上 %(host)s。请核对地址和端口，或稍后再试。") % {"host": host}
        raise OutboundFailed(text, why=Why.CONNECTION) from failure


class TimedStream(httpcore.NetworkStream):
    """A stream whose every step has only what is left of the whole time, so that dripping bytes gain none."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, timeout=self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout=self._deadline.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, timeout=self._deadline.left())
        return TimedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class GuardedTransport(httpx.BaseTransport):
    """The transport of one request: one connection, no proxy, the certificate checked against the asked name.

    ``permitted``: networks (CIDR) that may be reached although they are not public.
    """

    def __init__(self, deadline: Deadline, permitted: Sequence[str]) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trust(settings.OUTBOUND_CA_FILE),
            max_connections=1,
            network_backend=GuardedBackend(deadline, permitted),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        answer = self._pool.handle_request(
            httpcore.Request(request.method, url, headers=request.headers.raw, content=request.stream)
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=AnswerStream(answer))

    def close(self) -> None:
        self._pool.close()


class AnswerStream(httpx.SyncByteStream):
    """The body of an answer as it arrives."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


@lru_cache(maxsize=4)
def _trust(ca_file: str) -> ssl.SSLContext:
    """Who is trusted: the usual authorities, and the city's own where the operator names its certificate."""
    context = httpx.create_ssl_context()
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    return context
