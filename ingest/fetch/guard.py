"""Which machines may be connected to: those of the internet, and of one's own network only what was allowed.

The address that is checked here is the one that is then connected to, so a name that leads elsewhere a moment later
leads nowhere.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from newsdesk.errors import NotFetched

Resolve = Callable[[str, int], list[str]]
"""Host and port -> the addresses that the name stands for, in the order in which to try them; raises OSError."""

_THIS_NETWORK = ip_network("0.0.0.0/8")
_SHARED = ip_network("100.64.0.0/10")  # of providers behind one public address (CGNAT)
_NAT64 = ip_network("64:ff9b::/96")
# Where clouds hand out a machine's secrets, outside 169.254.0.0/16: Amazon, Google, Alibaba, Oracle, Azure.
_METADATA = frozenset(
    map(ip_address, ("fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "192.0.0.192", "168.63.129.16"))
)


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, by the system. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Closed(NotFetched):
    """A host that is not connected to: its name is not known, or it is one that nobody opened."""


class Guard:
    """Says to which addresses of a host a connection may be made."""

    def __init__(self, private: bool = False, allowed: Collection[str] = (), resolve: Resolve = resolve) -> None:
        """`private` opens one's own machine and network, though never link-local addresses and those of metadata;
        `allowed` opens single places ("HOST:PORT"), whatever they are."""
        self._private = private
        self._allowed = frozenset(place.lower() for place in allowed)
        self._resolve = resolve

    def addresses(self, host: str, port: int) -> list[str]:
        """Those that may be connected to, at least one. Raises Closed."""
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise Closed(f"the name {host} is not known ({error.args[-1]}); check its spelling") from error
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        if place.lower() in self._allowed:
            return found
        refused = {address: kind_of(address) for address in found}
        if open_ := [address for address, kind in refused.items() if not kind or (self._private and kind in _PRIVATE)]:
            return open_
        address, kind = next(iter(refused.items()), (host, "no address"))
        setting = f"{OPENS_PRIVATE}, or setting" if kind in _PRIVATE else "setting"
        is_what = f"is {kind}" if address == host else f"is at {address}, {kind}"
        raise Closed(
            f'{host} {is_what}, and is not asked unless that is allowed ({setting} fetch_allowed = ["{place}"])'
        )


OPENS_PRIVATE = "setting fetch_allow_private"
"""The setting that the reason names where it would help."""
_PRIVATE = ("an address of this machine", "an address of a private network")


def kind_of(address: str) -> str:
    """What an IP address is, where it is not one of a machine on the internet; "" where it is."""
    ip = _meant(ip_address(address.partition("%")[0]))
    if ip in _METADATA or ip.is_link_local:
        return "a link-local address, where a cloud keeps its machines' secrets"
    if ip.is_unspecified or ip.is_multicast or ip in _THIS_NETWORK:
        return "no address of a single machine"
    if ip.is_loopback:
        return _PRIVATE[0]
    if ip.is_reserved or (isinstance(ip, IPv6Address) and ip.is_site_local):
        return "an address that is reserved"
    return "" if ip.is_global and ip not in _SHARED else _PRIVATE[1]


def _meant(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The address of version 4 that some of version 6 stand for."""
    if isinstance(ip, IPv6Address):
        if ip in _NAT64:
            return IPv4Address(int(ip) & 0xFFFFFFFF)
        return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None) or ip
    return ip
