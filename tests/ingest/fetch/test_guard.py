"""Which machines are never connected to, whatever they are called."""

from __future__ import annotations

import pytest

from ingest.fetch.guard import Closed, Guard, kind_of
from newsdesk.errors import NotFetched
from tests.ingest.fetch.site import Site, fetcher, html

CLOSED = """127.0.0.1 127.9.9.9 10.1.2.3 172.20.0.1 192.168.178.1 169.254.169.254 100.64.7.7 224.0.0.251 255.255.255.255
0.0.0.0 0.1.2.3 192.0.0.192 198.18.0.1 168.63.129.16 100.100.100.200 240.0.0.1 ::1 :: fe80::1 fe80::1%eth0 fd00:ec2::254
fc00::9 ff02::1 fec0::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 64:ff9b::7f00:1 64:ff9b::a00:1
2002:7f00:1::1 2002:a00:1::1 ::127.0.0.1 2001:db8::1""".split()
OPEN = "93.184.216.34 8.8.8.8 2606:2800:220:1:248:1893:25c8:1946 ::ffff:8.8.8.8 64:ff9b::808:808".split()


@pytest.mark.parametrize("address", CLOSED)
def test_no_address_that_is_not_of_the_internet_is_open(address: str) -> None:
    """This machine, private networks, the secrets of clouds; also where another form of the address stands for them."""
    assert kind_of(address)
    with pytest.raises(Closed, match="is not asked unless"):
        Guard(resolve=lambda host, port: [address]).addresses("news.example", 80)


@pytest.mark.parametrize("address", OPEN)
def test_addresses_of_the_internet_are_open(address: str) -> None:
    """Of both versions."""
    assert Guard(resolve=lambda host, port: [address]).addresses("news.example", 80) == [address]


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "fd00:ec2::254", "0.0.0.0"]
)
def test_private_does_not_mean_the_secrets_of_a_cloud(address: str) -> None:
    """`--allow-private` opens one's own network, not what hands out credentials there."""
    with pytest.raises(Closed):
        Guard(private=True, resolve=lambda host, port: [address]).addresses("intranet.example", 80)
    assert Guard(private=True, resolve=lambda host, port: ["10.0.0.9"]).addresses("intranet.example", 80)


def test_one_place_is_opened_and_no_other() -> None:
    """A host and a port; the same host on another port stays closed."""
    guard = Guard(allowed=["Intranet.example:8080"], resolve=lambda host, port: ["10.0.0.9"])
    assert guard.addresses("intranet.example", 8080) == ["10.0.0.9"]
    with pytest.raises(Closed, match="fetch_allow_private"):
        guard.addresses("intranet.example", 80)


def test_of_a_name_with_several_addresses_only_the_open_ones_are_tried() -> None:
    """A name that stands for a private address too leads to the other one."""
    guard = Guard(resolve=lambda host, port: ["10.0.0.9", "8.8.8.8"])
    assert guard.addresses("news.example", 80) == ["8.8.8.8"]


def test_a_name_that_changes_its_address_leads_nowhere_else() -> None:
    """The address that was checked is connected to: a name that is this machine's the second time reaches it never."""
    with Site() as site:
        site.pages["/secret"] = html("The vault stands open at night.")
        port = int(site.place.rpartition(":")[2])
        answers = [["192.0.2.1"], ["127.0.0.1"], ["127.0.0.1"]]
        guard = Guard(resolve=lambda host, port: answers.pop(0) if answers else ["127.0.0.1"])
        with pytest.raises(Closed):
            fetcher(guard=guard).fetch(f"http://rebinding.example:{port}/secret", 10**6)
        with pytest.raises(Closed):
            fetcher(guard=guard).fetch(f"http://rebinding.example:{port}/secret", 10**6)
        assert not site.requests


def test_a_host_that_is_closed_is_not_looked_up_for_each_of_its_pages() -> None:
    """A sitemap of thousands costs three look-ups, and each message says why."""
    asked: list[str] = []

    def unknown(host: str, port: int) -> list[str]:
        asked.append(host)
        raise OSError(-2, "Name or service not known")

    one = fetcher(guard=Guard(resolve=unknown))
    for number in range(20):
        with pytest.raises(NotFetched, match=r"the name gone.example is not known"):
            one.fetch(f"http://gone.example/{number}", 10**6)
    assert len(asked) == 3


def test_closed_ports_do_not_close_the_others() -> None:
    """What a feed names on another port of an intranet host is refused, and the host goes on being asked."""
    with Site() as site:
        site.pages["/"] = html("The weir is dry.")
        one = fetcher(site)
        for number in range(5):
            with pytest.raises(NotFetched, match="unless that is allowed"):
                one.fetch(f"http://127.0.0.1:9/{number}", 10**6)
        assert one.fetch(site.url + "/", 10**6).body


def test_the_host_keeps_its_name() -> None:
    """What is connected to is an address; what is asked for is the name."""
    with Site() as site:
        site.pages["/"] = html("The weir is dry.")
        port = int(site.place.rpartition(":")[2])
        guard = Guard(allowed=[f"weir.example:{port}"], resolve=lambda host, port: ["127.0.0.1"])
        fetcher(guard=guard).fetch(f"http://weir.example:{port}/", 10**6)
        assert {request.headers["host"] for request in site.requests} == {f"weir.example:{port}"}
