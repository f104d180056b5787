"""What is new is told to feed readers and to webhooks."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from xml.etree.ElementTree import fromstring

import pytest

from desk.feed import atom_feed
from desk.webhooks import SENT_AT, SIGNATURE, WAITS, Webhooks, check_webhook, signature
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.leases import Process
from newsdesk.errors import SavedQuestionNotFound, WrongUse
from newsdesk.saved import Found, SavedQuestion
from tests.support import article, one_each

ATOM = "{http://www.w3.org/2005/Atom}"


class Listener:
    """A program that is told; it answers with `status`."""

    def __init__(self) -> None:
        self.status, self.heard = 204, list[tuple[dict[str, str], bytes]]()
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                listener.heard.append(({name.title(): value for name, value in self.headers.items()}, body))
                self.send_response(listener.status)
                self.send_header("location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A program on this machine."""
    listening = Listener()
    yield listening
    listening.server.shutdown()
    listening.server.server_close()


def keep(catalogue: Catalogue, saved: SavedQuestion, *ids: str, text: str = "The kiln <b>burst</b> & cooled.") -> None:
    """Articles that came and answered."""
    catalogue.put([article(id_, text, title="Kiln \x0c 5 < 6") for id_ in ids], one_each)
    found = [Found(saved.key, id_, 0, 0, len(text), text, "the <kiln>", 0.8) for id_ in ids]
    catalogue.saved.keep(found, catalogue.saved.newest())


def test_a_feed_is_valid_and_its_ids_stay(catalogue: Catalogue) -> None:
    """It holds what RFC 4287 asks for, whatever the texts hold, and an entry has one id for ever, wherever it is fetched."""
    saved = catalogue.saved.add("What burst? <script>")
    keep(catalogue, saved, "a/1", "b?2")
    saved = catalogue.saved.one(saved.key)
    feeds = [
        fromstring(atom_feed(saved, catalogue.saved.findings(saved.key, 9), base, f"{base}/feed"))
        for base in ("http://one.example", "https://two.example/desk")
    ]
    for feed in feeds:
        assert feed.tag == f"{ATOM}feed"
        for part in (feed, *feed.findall(f"{ATOM}entry")):
            assert all(part.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated"))
        assert feed.findtext(f"{ATOM}author/{ATOM}name") == "Newsdesk"
        assert feed.findtext(f"{ATOM}title") == "What burst? <script>"
        assert "The kiln <b>burst</b> & cooled." in str(feed.findtext(f"{ATOM}entry/{ATOM}summary"))
    ids = [[entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")] for feed in feeds]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2
    keep(catalogue, saved, "c")
    longer = fromstring(atom_feed(saved, catalogue.saved.findings(saved.key, 9), "http://one.example", "x"))
    assert [entry.findtext(f"{ATOM}id") for entry in longer.findall(f"{ATOM}entry")][1:] == ids[0]


def test_a_webhook_is_told_once_and_can_tell_who_tells_it(catalogue: Catalogue, listener: Listener) -> None:
    """Each finding goes out as JSON with its citation, signed with the question's own secret over time and body."""
    saved = catalogue.saved.add("What burst?", listener.url)
    keep(catalogue, saved, "a", "b")
    hooks = Webhooks(catalogue.saved, (), "https://news.example")
    assert [hooks.tell(), hooks.tell()] == [2, 0]
    headers, body = listener.heard[0]
    assert headers[SIGNATURE.title()] == signature(saved.secret, headers[SENT_AT.title()], body)
    assert headers[SIGNATURE.title()] != signature("guessed", headers[SENT_AT.title()], body)
    told = json.loads(body)
    assert told["citation"]["permalink"].startswith("https://news.example/article/a?mark=0-0-")
    assert told["citation"]["quote"] == "The kiln <b>burst</b> & cooled."
    assert len(listener.heard) == 2


def test_of_several_services_one_tells(catalogue: Catalogue, listener: Listener) -> None:
    """While another process has the work nobody else does it; when it has given it back, what is left is told."""
    keep(catalogue, catalogue.saved.add("What burst?", listener.url), "a")
    hooks, other = Webhooks(catalogue.saved, leases=catalogue.leases), Process("db-2.example", 77)
    assert catalogue.leases.take("webhooks", other)
    assert hooks.tell() == 0
    assert not listener.heard
    catalogue.leases.give_back("webhooks", other)
    assert [hooks.tell(), hooks.tell()] == [1, 0]
    assert catalogue.leases.take("webhooks", other), "and it gives the work back"


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_webhook_that_fails_is_told_again_later_and_given_up_in_the_end(
    catalogue: Catalogue, listener: Listener, status: int
) -> None:
    """Not at once again, a redirect is not followed, and after the last wait it is left alone."""
    saved = catalogue.saved.add("What burst?", listener.url)
    keep(catalogue, saved, "a")
    listener.status = status
    hooks = Webhooks(catalogue.saved)
    assert [hooks.tell(), hooks.tell()] == [0, 0]
    assert len(listener.heard) == 1
    [finding] = catalogue.saved.findings(saved.key, 9)
    for _ in WAITS:
        catalogue.saved.not_told(finding.number, -1)
    hooks.tell()
    hooks.tell()
    assert len(listener.heard) == 2
    assert not list(catalogue.saved.due(9))


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/x", "https://hook.example/x", "file:///etc/passwd", "http://me:pw@127.0.0.1/", "http://", "127.0.0.1", "http://127.0.0.1.evil.example/"]
)  # fmt: skip
def test_a_webhook_leads_to_this_machine_or_where_the_settings_say(url: str) -> None:
    """Nobody makes the service call whatever address they like."""
    with pytest.raises(WrongUse, match="webhook"):
        check_webhook(url, ())


@pytest.mark.parametrize("url", ["http://xn--/", "http://127.0.0.1:70000/", "http://127.0.0.1:9999999999999999999999/"])
def test_an_address_that_leads_nowhere_is_no_webhook(url: str) -> None:
    """It is told when it is saved, and cannot hold up the webhooks of others."""
    with pytest.raises(WrongUse, match="webhook"):
        check_webhook(url, ())


def test_one_webhook_that_cannot_be_called_holds_up_no_other(catalogue: Catalogue, listener: Listener) -> None:
    """An address from before it was checked is as one that does not answer."""
    for hook in ("http://127.0.0.1:9999999999999999999999/", listener.url):
        keep(catalogue, catalogue.saved.add("What burst?", hook), f"a{len(hook)}")
    assert Webhooks(catalogue.saved).tell() == 1


def test_the_settings_can_allow_a_host() -> None:
    """A host by name, and no other."""
    assert check_webhook("https://hook.example/x", ("hook.example",)) == "https://hook.example/x"
    assert check_webhook("http://[::1]:80/x", ()) == check_webhook("http://[::1]/x", ())
    with pytest.raises(WrongUse):
        check_webhook("https://other.example/x", ("hook.example",))


def test_a_host_that_is_no_longer_allowed_is_not_called(catalogue: Catalogue, caplog: pytest.LogCaptureFixture) -> None:
    """Also when the question was saved while it was."""
    saved = catalogue.saved.add("What burst?", "https://hook.example/x")
    keep(catalogue, saved, "a")
    assert Webhooks(catalogue.saved).tell() == 0
    assert "not this machine" in caplog.text


def test_a_removed_question_takes_all_along(catalogue: Catalogue) -> None:
    """Its findings go with it, and asking for it says that there is none."""
    saved = catalogue.saved.add("What burst?", "http://127.0.0.1:1/")
    keep(catalogue, saved, "a")
    catalogue.saved.remove(saved.key)
    assert not list(catalogue.saved.due(9))
    for call in (catalogue.saved.one, catalogue.saved.remove):
        with pytest.raises(SavedQuestionNotFound, match="no saved question"):
            call(saved.key)
