"""Which addresses the portal may connect to: a name is resolved once, and every address it has must be permitted."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as ResolveTimeout

from django.utils.translation import gettext as _

from guiyang_data.outbound.errors import OutboundFailed, OutboundRefused, Why

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
SPECIAL = ipaddress.IPv4Network("192.0.0.0/24")
"""Protocol assignments; the standard library calls part of them global."""
EXAMPLES = ipaddress.IPv6Network("3fff::/20")
"""Set aside for documents (RFC 9637), later than the standard library knows."""
TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
"""NAT64: the last four bytes are an IPv4 address."""
_resolver = ThreadPoolExecutor(max_workers=8, thread_name_prefix="resolve")


def checked(host: str, port: int, *, timeout: float, permitted: Sequence[str]) -> list[Address]:
    """The addresses of a host, all of them public or inside a permitted network; at least one.

    ``permitted``: networks or single addresses (CIDR) that may be reached although they are not public.
    Resolving is given ``timeout`` seconds, since the system's resolver knows no limit of its own.
    """
    networks = [ipaddress.ip_network(network) for network in permitted]
    found = _resolved(host, port, timeout)
    for address in found:
        if not _is_permitted(address, networks):
            raise OutboundRefused(
                _("没有连接：%(host)s 指向内部或保留地址 %(address)s。确需访问的，请管理员把该网段列入允许范围。")
                % {"host": host, "address": address},
                why=Why.ADDRESS,
            )
    return found


def _resolved(host: str, port: int, timeout: float) -> list[Address]:
    asked = _resolver.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    try:
        answers = asked.result(timeout=timeout)
    except ResolveTimeout as error:
        asked.cancel()
        text = _("没有连上：解析 %(host)s 超时。请稍后再试。") % {"host": host}
        raise OutboundFailed(text, why=Why.CONNECTION) from error
    except (OSError, UnicodeError) as error:
        raise _unknown(host) from error
    unique = dict.fromkeys(_plain(ipaddress.ip_address(str(answer[4][0]).partition("%")[0])) for answer in answers)
    if not unique:
        raise _unknown(host)
    return list(unique)


def _unknown(host: str) -> OutboundFailed:
    text = _("没有连上：找不到主机 %(host)s。请核对地址。") % {"host": host}
    return OutboundFailed(text, why=Why.CONNECTION)


def _is_permitted(address: Address, networks: Sequence[Network]) -> bool:
    if any(address in network for network in networks):
        return True
    if isinstance(address, ipaddress.IPv6Address):
        return address in GLOBAL_UNICAST and address.is_global and address not in EXAMPLES
    return address.is_global and not (address.is_multicast or address.is_reserved or address in SPECIAL)


def _plain(address: Address) -> Address:
    """An IPv4 address that is written inside an IPv6 one, as the IPv4 address it leads to."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in TRANSLATED:
        return ipaddress.IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)
