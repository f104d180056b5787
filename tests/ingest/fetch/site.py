"""A news site on the loopback for tests of fetching, and time that passes only where somebody waits for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from ingest.fetch.download import Downloader
from ingest.fetch.fetcher import Fetcher
from ingest.fetch.guard import Guard
from tests.scripted_server import Reply, Request, ScriptedServer

Page = Reply | Callable[[Request], Reply]

AGENT = "Newsdesk/test (desk@canal.example)"
MADE: list[Fetcher] = []
"""Closed when a test is over."""
NO_ROBOTS = Reply(b"", 404)


def html(text: str, headers: Mapping[str, str] = {}, **about: str) -> Reply:  # only read
    """A page with one story."""
    title = about.get("title", "Lock keeper retires")
    body = (
        f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{story(text)}</article></body></html>"
    )
    return Reply(body.encode(), headers={"content-type": "text/html; charset=utf-8", **headers})


def story(text: str) -> str:
    """Paragraphs that are plainly a story, this text in one of them."""
    return (
        f"<p>{text}</p><p>The keeper had worked the gates at Orrin Lock for thirty-one years, and knew every barge that "
        "came through them by the sound of its engine.</p><p>The canal company said on Friday that it would look for a "
        "successor in the spring, when the season begins again.</p>"
    )


def xml(text: str, headers: Mapping[str, str] = {}) -> Reply:
    """A feed or a sitemap."""
    return Reply(text.encode(), headers={"content-type": "application/xml", **headers})


def rss(*links: str, body: str = "A short teaser of what happened.", headers: Mapping[str, str] = {}) -> Reply:
    """A feed whose entries carry summaries."""
    items = "".join(
        f"<item><guid>{link}</guid><title>Entry {number}</title><link>{link}</link><description>{body}</description>"
        "<pubDate>Fri, 03 May 2024 09:00:00 GMT</pubDate></item>"
        for number, link in enumerate(links)
    )
    return xml(f'<rss version="2.0"><channel><title>Canal News</title>{items}</channel></rss>', headers)


class Site(ScriptedServer):
    """`with Site() as site: site.pages["/a"] = html("...")`; what is not among the pages is 404."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        super().__init__(self._answer)

    def _answer(self, request: Request) -> Reply:
        page = self.pages.get(request.path, NO_ROBOTS)
        return page if isinstance(page, Reply) else page(request)

    @property
    def place(self) -> str:
        """HOST:PORT."""
        return self.url.removeprefix("http://")

    def asked(self) -> Counter[str]:
        """Path -> how often it was asked for; robots.txt apart."""
        return Counter(request.path for request in self.requests if request.path != "/robots.txt")


class Time:
    """A clock that goes on by what is waited, at once."""

    def __init__(self) -> None:
        self.moment = 1_700_000_000.0
        self.waits: list[float] = []

    def now(self) -> float:
        """Seconds since 1970."""
        return self.moment

    def wait(self, seconds: float) -> None:
        """Lets them pass."""
        self.waits.append(seconds)
        self.moment += seconds


def validated(page: Reply, etag: str) -> Callable[[Request], Reply]:
    """The page with an ETag, or 304 to who has it."""
    given = Reply(page.body, page.status, {**page.headers, "etag": etag})
    return lambda request: Reply(b"", 304, {"etag": etag}) if request.headers.get("if-none-match") == etag else given


def fetcher(
    site: Site | None = None, time: Time | None = None, guard: Guard | None = None, seconds: float = 20
) -> Fetcher:
    """One that may ask this site, and nothing else of this machine."""
    guard = guard or Guard(allowed=[site.place] if site else ())
    time = time or Time()
    MADE.append(Fetcher(Downloader(guard, AGENT, seconds), AGENT, 1.0, time.now, time.wait))
    return MADE[-1]
