"""One address from first request to last redirect: what is had, what is refused, and how often a host is asked."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import zlib
from collections.abc import Generator, Iterator
from contextlib import suppress
from email.utils import formatdate

import pytest

from ingest.fetch.download import Downloader
from ingest.fetch.fetcher import Fetcher, retry_after
from ingest.fetch.guard import Guard
from ingest.fetch.hosts import Interrupted
from newsdesk.errors import NotFetched
from tests.ingest.fetch.site import AGENT, MADE, Site, Time, fetcher, html
from tests.scripted_server import Hangup, Reply, Request

MOST = 2**20


@pytest.fixture
def site() -> Iterator[Site]:
    """A site without pages."""
    with Site() as site:
        yield site


def refused(site: Site, path: str = "/page", time: Time | None = None, seconds: float = 20) -> NotFetched:
    """Why the page is not had."""
    with pytest.raises(NotFetched) as caught:
        fetcher(site, time, seconds=seconds).fetch(site.url + path, MOST)
    return caught.value


def test_a_page_is_had_and_who_asks_says_so(site: Site) -> None:
    """With the name that the settings give, no cookies, and its bytes as they are."""
    site.pages["/page"] = html("The lock is open.", {"set-cookie": "a=b", "etag": '"1"'})
    one = fetcher(site)
    page = one.fetch(site.url + "/page", MOST)
    assert b"The lock is open." in page.body
    assert page.charset == "utf-8"
    assert not page.unchanged
    one.fetch(site.url + "/page", MOST)
    assert all(request.headers["user-agent"] == AGENT for request in site.requests)
    assert not any("cookie" in request.headers for request in site.requests)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(site: Site, status: int) -> None:
    """Relative or not, and the page knows where it was found."""
    site.pages |= {"/a": Reply(b"", status, {"location": "b?x=1#top"}), "/b?x=1": html("The lock is open.")}
    assert fetcher(site).fetch(site.url + "/a", MOST).url == site.url + "/b?x=1"


def test_redirects_without_end_are_refused(site: Site) -> None:
    """After five."""
    site.pages["/page"] = Reply(b"", 302, {"location": "/page"})
    assert "more than 5 times" in str(refused(site))
    assert site.asked()["/page"] == 6


@pytest.mark.parametrize(
    ("location", "told"),
    [
        ("http://127.0.0.1:9/x", "an address of this machine"),
        ("http://localhost:9/", "an address of this machine"),
        ("http://[::1]:9/", "an address of this machine"),
        ("http://[::ffff:127.0.0.1]:9/", "an address of this machine"),
        ("http://2130706433:9/", "an address of this machine"),
        ("http://10.11.12.13/", "an address of a private network"),
        ("http://169.254.169.254/latest/meta-data/", "secrets"),
        ("//10.11.12.13/", "an address of a private network"),
        ("file:///etc/passwd", "not an address with http or https"),
        ("ftp://canal.example/", "not an address with http or https"),
    ],
)
def test_no_redirect_leads_to_where_nobody_may_go(site: Site, location: str, told: str) -> None:
    """Each is checked as if it had been named; the message says where it would have led."""
    site.pages["/page"] = Reply(b"", 302, {"location": location})
    error = refused(site)
    assert "is redirected to" in str(error)
    assert told in str(error)


def test_another_port_of_the_allowed_machine_is_closed(site: Site) -> None:
    """What was allowed is one place."""
    with Site() as other:
        other.pages["/x"] = html("The vault is open.")
        site.pages["/page"] = Reply(b"", 302, {"location": other.url + "/x"})
        assert "an address of this machine" in str(refused(site))
        assert not other.requests


@pytest.mark.parametrize(("status", "told"), [(404, "is not there"), (410, "for good"), (401, "login"), (418, "418")])
def test_a_status_is_said_in_words(site: Site, status: int, told: str) -> None:
    """Once asked, once answered."""
    site.pages["/page"] = Reply(b"", status)
    error = refused(site)
    assert told in str(error)
    assert error.status == status
    assert site.asked()["/page"] == 1


def test_a_busy_host_is_given_the_time_that_it_asks_for(site: Site) -> None:
    """429 with Retry-After: the next try comes behind it, and is the only one."""
    answers = [Reply(b"", 429, {"retry-after": "17"}), html("The lock is open.")]
    site.pages["/page"] = lambda request: answers.pop(0)
    time = Time()
    assert fetcher(site, time).fetch(site.url + "/page", MOST).body
    assert 17 <= sum(time.waits) < 19
    assert site.asked()["/page"] == 2


def test_retry_after_can_be_a_date(site: Site) -> None:
    """As RFC 9110 allows; one in the past is now, and what is neither is nothing."""
    time = Time()
    answers = [Reply(b"", 503, {"retry-after": formatdate(time.now() + 40, usegmt=True)}), html("The lock is open.")]
    site.pages["/page"] = lambda request: answers.pop(0)
    assert fetcher(site, time).fetch(site.url + "/page", MOST).body
    assert 39 <= sum(time.waits) < 42
    assert retry_after(formatdate(5, usegmt=True), 1_000) == 0
    assert retry_after("soon", 0) is None
    assert retry_after("-3", 0) is None


def test_a_host_that_wants_to_be_left_alone_long_is_left_alone(site: Site) -> None:
    """All of it, at once, and it is said until when."""
    site.pages |= {"/page": Reply(b"", 429, {"retry-after": "86400"}), "/other": html("The lock is open.")}
    time = Time()
    one = fetcher(site, time)
    for path in ("/page", "/other"):
        with pytest.raises(NotFetched, match=r"429.*left alone for 86,400 s") as caught:
            one.fetch(site.url + path, MOST)
        assert caught.value.again_at == pytest.approx(time.now() + 86_400, abs=2)
    assert site.asked() == {"/page": 1}
    assert not time.waits or max(time.waits) < 5


def test_a_host_that_fails_is_tried_thrice_and_then_left_alone(site: Site) -> None:
    """With longer and longer pauses; a sitemap of a dead host does not cost a thousand waits."""

    def hang_up(request: Request) -> Reply:
        if request.path == "/robots.txt":
            return Reply(b"", 404)
        raise Hangup

    for number in range(9):
        site.pages[f"/{number}"] = hang_up
    time = Time()
    one = fetcher(site, time)
    told = []
    for number in range(9):
        with pytest.raises(NotFetched) as caught:
            one.fetch(f"{site.url}/{number}", MOST)
        told.append(str(caught.value))
    assert site.asked() == {"/0": 3, "/1": 3, "/2": 3}
    assert "cannot be reached" in told[0]
    assert "did not answer 3 times; not before" in told[-1]
    assert time.waits[:2] == [1, 4]


def test_two_requests_to_a_host_have_a_pause_between_them(site: Site) -> None:
    """A second, or what robots.txt asks for."""
    site.pages |= {"/a": html("The lock is open."), "/b": html("The lock is shut.")}
    time = Time()
    one = fetcher(site, time)
    one.fetch(site.url + "/a", MOST)
    one.fetch(site.url + "/b", MOST)
    assert time.waits == [1.0]
    site.pages["/robots.txt"] = Reply(b"User-agent: *\nCrawl-delay: 7", headers={"content-type": "text/plain"})
    time = Time()
    one = fetcher(site, time)
    one.fetch(site.url + "/a", MOST)
    one.fetch(site.url + "/b", MOST)
    assert time.waits == [7.0]


def test_robots_txt_is_kept_to(site: Site) -> None:
    """By the rules for Newsdesk, with their wildcards; asked once; what is closed is never asked for."""
    rules = b"User-agent: *\nDisallow: /\n\nUser-agent: newsdesk\nDisallow: /closed/\nDisallow: /*?print\nAllow: /closed/open$\n"
    site.pages["/robots.txt"] = Reply(rules, headers={"content-type": "text/plain"})
    site.pages |= {path: html("The lock is open.") for path in ("/a", "/closed/open", "/closed/a", "/a?print")}
    one = fetcher(site)
    for path in ("/a", "/closed/open"):
        assert one.fetch(site.url + path, MOST).body
    for path in ("/closed/a", "/a?print"):
        with pytest.raises(NotFetched, match=r"robots.txt closes it to Newsdesk"):
            one.fetch(site.url + path, MOST)
    assert site.asked() == {"/a": 1, "/closed/open": 1}
    assert [request.path for request in site.requests].count("/robots.txt") == 1


def test_without_robots_txt_all_is_open_and_with_a_broken_one_nothing(site: Site) -> None:
    """RFC 9309: 4xx closes nothing, 5xx everything, until it can be read."""
    site.pages |= {"/page": html("The lock is open."), "/robots.txt": Reply(b"", 403)}
    assert fetcher(site).fetch(site.url + "/page", MOST).body
    site.pages["/robots.txt"] = Reply(b"", 500)
    assert "robots.txt answers with status 500" in str(refused(site))
    assert site.asked()["/page"] == 1


def test_a_redirect_is_asked_of_the_other_sites_robots(site: Site) -> None:
    """Whoever closes his pages has them closed behind redirects too."""
    with Site() as other:
        other.pages |= {"/robots.txt": Reply(b"User-agent: *\nDisallow: /"), "/x": html("The vault is open.")}
        site.pages["/page"] = Reply(b"", 302, {"location": other.url + "/x"})
        with pytest.raises(NotFetched, match=r"is redirected to .*robots.txt closes it"):
            fetcher(guard=Guard(allowed=[site.place, other.place])).fetch(site.url + "/page", MOST)
        assert not other.asked()


def endless(piece: bytes, let_go: threading.Event, pause: float = 0) -> Generator[bytes, None, None]:
    """Pieces until nobody wants them, or `let_go` is set."""
    while not let_go.wait(pause):
        yield piece


def test_a_page_that_trickles_is_given_up(site: Site) -> None:
    """The limit is for the whole request: a byte now and then does not keep it going."""
    let_go = threading.Event()
    site.pages["/page"] = lambda request: Reply(endless(b"a", let_go, 0.05), headers={"content-type": "text/html"})
    assert "within 0.5 s" in str(refused(site, seconds=0.5))
    let_go.set()
    assert site.asked()["/page"] == 1, "what was too slow once is not asked again at once"


def test_a_page_without_end_is_given_up(site: Site) -> None:
    """At the limit of size, whatever it says about its length."""
    let_go = threading.Event()
    site.pages["/page"] = lambda request: Reply(endless(b"a" * 2**16, let_go), headers={"content-type": "text/html"})
    assert "larger than 1 MiB" in str(refused(site))
    let_go.set()
    site.pages["/page"] = Reply(b"a" * (MOST + 1), headers={"content-type": "text/html"})
    assert "larger than 1 MiB" in str(refused(site))


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_is_given_up_unpacked_little_by_little(site: Site, encoding: str) -> None:
    """100 MB in 100 kB: it is refused at the first MiB."""
    bomb = gzip.compress(b"\0" * 100_000_000, 1) if encoding == "gzip" else zlib.compress(b"\0" * 100_000_000, 1)
    site.pages["/page"] = Reply(bomb, headers={"content-type": "text/html", "content-encoding": encoding})
    assert "larger than 1 MiB" in str(refused(site))


def test_packed_pages_are_unpacked(site: Site) -> None:
    """Gzip, of several members too, and deflate with and without its header; what breaks off is no page."""
    text = b"The lock is open." * 50
    bare = zlib.compressobj(wbits=-15)
    packed = {
        "gzip": [gzip.compress(text), gzip.compress(text[:100]) + gzip.compress(text[100:])],
        "deflate": [zlib.compress(text), bare.compress(text) + bare.flush()],
    }
    for encoding, bodies in packed.items():
        for body in bodies:
            site.pages["/page"] = Reply(body, headers={"content-type": "text/html", "content-encoding": encoding})
            assert fetcher(site).fetch(site.url + "/page", MOST).body == text
    site.pages["/page"] = Reply(packed["gzip"][0][:-12], headers={"content-encoding": "gzip"})
    assert "is damaged" in str(refused(site))
    site.pages["/page"] = Reply(b"x", headers={"content-encoding": "zstd"})
    assert "packed as “zstd”" in str(refused(site))


def test_pictures_are_not_read(site: Site) -> None:
    """What can hold no article by its type is refused before it is read."""
    site.pages["/page"] = Reply(b"x" * 100, headers={"content-type": "video/mp4"})
    assert "of type video/mp4" in str(refused(site))


@pytest.mark.parametrize("address", ["http://me:secret@{}/page", "http://me@{}/page"])
def test_an_address_with_a_login_is_not_asked(site: Site, address: str) -> None:
    """Nor is the password in the message."""
    with pytest.raises(NotFetched, match="user name or a password") as caught:
        fetcher(site).fetch(address.format(site.place), MOST)
    assert "secret" not in str(caught.value)
    assert not site.requests


def test_a_server_of_many_sites_is_told_which_one_is_meant() -> None:
    """TLS names the site (SNI), though an address is connected to."""
    named: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)  # without a certificate: it hears the name, and hangs up
    context.sni_callback = lambda connection, name, own: named.append(name)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def serve() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                context.wrap_socket(connection, server_side=True)

        thread = threading.Thread(target=serve)
        thread.start()
        guard = Guard(allowed=[f"canal.example:{port}"], resolve=lambda host, port: ["127.0.0.1"])
        with pytest.raises(NotFetched, match="cannot be reached"):
            fetcher(guard=guard, seconds=5).fetch(f"https://canal.example:{port}/", MOST)
        thread.join()
    assert named == ["canal.example"]


def test_a_wait_that_is_ended_asks_nobody(site: Site) -> None:
    """Whoever is told to stop does not ask sooner than the host allows."""
    site.pages |= {"/a": html("The lock is open."), "/b": html("The lock is shut.")}
    stop = threading.Event()
    stop.set()
    one = Fetcher(Downloader(Guard(allowed=[site.place]), AGENT, 20), AGENT, 60, wait=stop.wait)
    MADE.append(one)
    assert one.fetch(site.url + "/a", MOST).body
    with pytest.raises(Interrupted):
        one.fetch(site.url + "/b", MOST)
    assert site.asked() == {"/a": 1}


def test_proxies_of_the_environment_are_not_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the one in the settings is."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    site.pages["/page"] = html("The lock is open.")
    assert fetcher(site).fetch(site.url + "/page", MOST).body


def test_the_proxy_of_the_settings_is_used(site: Site) -> None:
    """It is asked for the whole address, and finds the host itself."""
    site.pages["http://canal.example/page"] = html("The lock is open.")
    one = Fetcher(Downloader(Guard(), AGENT, 20, site.url), AGENT, 0, Time().now, Time().wait)
    MADE.append(one)
    assert b"The lock is open." in one.fetch("http://canal.example/page", MOST).body
    for address in (
        "http://127.0.0.1:9/",
        "http://127.1/",
        "http://[::1]/",
        "http://localhost/",
        "http://169.254.169.254/",
    ):
        with pytest.raises(NotFetched, match="unless that is allowed"):
            one.fetch(address, MOST)
