"""Feeds, sitemaps and single addresses into the catalogue: each page once, and again only where it changed."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingest.fetch.follow import Follower, own_address
from ingest.fetch.guard import Guard
from ingest.pipeline import Summary, ingest
from ingest.sources import read_sources
from ingest.worker import Worker
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.types import Rejected
from tests.ingest.fetch.site import Site, Time, fetcher, html, rss, story, validated, xml
from tests.scripted_server import Reply
from tests.support import article, day

HOUR = 3_600


@pytest.fixture
def site() -> Iterator[Site]:
    """A site without pages."""
    with Site() as site:
        yield site


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    """The process that reads pages."""
    worker = Worker()
    yield worker
    worker.close()


class Desk:
    """Takes in what lies at addresses of a site, each time as a run of its own."""

    def __init__(self, site: Site, catalogue: Catalogue, worker: Worker) -> None:
        self.site, self.catalogue, self.worker = site, catalogue, worker
        self.time = Time()
        self.counts: dict[str, int] = {}

    def take(
        self,
        *paths: str,
        follow: bool = True,
        files: list[Path] | None = None,
        stopping: Callable[[], bool] = lambda: False,
        mapping: dict[str, str] | None = None,
    ) -> Summary:
        """What became of a run; paths are those of the site."""
        one = fetcher(self.site, self.time)
        follower = Follower(one, self.catalogue.fetched, self.worker, follow, mapping, stopping, self.time.now)
        addresses = [path if "://" in path else self.site.url + path for path in paths]
        summary = ingest(self.catalogue, follower.read(addresses, read_sources(files or [])))
        self.counts = dict(follower.counts)
        return summary

    def rejects(self) -> dict[str, str]:
        """Origin without the site -> the newest reason."""
        listed = reversed(list(self.catalogue.rejects.every()))
        return {item.origin.removeprefix(self.site.url): item.reason for item in listed}

    def texts(self) -> list[str]:
        """The first paragraph of every article."""
        return sorted(item.paragraphs[0] for item in self.catalogue.every_article())


@pytest.fixture
def desk(site: Site, catalogue: Catalogue, worker: Worker) -> Desk:
    """One with an empty catalogue."""
    return Desk(site, catalogue, worker)


def links(site: Site, *paths: str) -> list[str]:
    """Full addresses."""
    return [site.url + path for path in paths]


# ---------------------------------------------------------------------------- one address


def test_an_address_is_an_article(site: Site, desk: Desk) -> None:
    """Under its address, with its story; asked again it costs a 304, or a comparison where a site has no ETag."""
    site.pages["/gate"] = validated(html("The gate at Orrin was closed on Monday."), '"1"')
    site.pages["/gate?utm_source=x"] = site.pages["/gate"]
    assert desk.take("/gate?utm_source=x", follow=False).outcomes == {"added": 1}
    [stored] = desk.catalogue.every_article()
    assert stored.id == stored.url == site.url + "/gate"
    assert stored.paragraphs[0] == "The gate at Orrin was closed on Monday."
    site.pages["/plain"] = html("The weir at Orrin was closed on Monday.")
    assert desk.take("/gate", "/plain", "/plain#top", "/plain/").outcomes == {"added": 1}
    assert desk.counts == {"fetched": 2, "not changed": 1}
    assert desk.take("/gate", "/plain").read == 0
    assert desk.counts == {"fetched": 2, "not changed": 2}
    site.pages["/plain"] = html("The weir at Orrin was opened on Tuesday.")
    assert desk.take("/plain").outcomes == {"updated": 1}


def test_an_article_that_was_removed_can_be_named_again(site: Site, desk: Desk) -> None:
    """It is fetched whole, though its page has not changed."""
    site.pages["/gate"] = validated(html("The gate at Orrin was closed on Monday."), '"1"')
    desk.take("/gate")
    desk.catalogue.remove([site.url + "/gate"])
    assert desk.take("/gate").outcomes == {"added": 1}


def test_what_is_gone_is_a_reject_and_deletes_nothing(site: Site, desk: Desk) -> None:
    """410 says so; the article stays, and the reject leaves the list when the page is back."""
    site.pages["/gate"] = html("The gate at Orrin was closed on Monday.")
    desk.take("/gate")
    site.pages["/gate"] = Reply(b"", 410)
    assert desk.take("/gate").rejected == 1
    assert "for good" in desk.rejects()["/gate"]
    assert len(desk.texts()) == 1
    site.pages["/gate"] = html("The gate at Orrin was opened on Tuesday.")
    assert desk.take("/gate").outcomes == {"updated": 1}
    assert desk.rejects() == {}


def test_a_page_without_a_story_is_fetched_whole_again(site: Site, desk: Desk) -> None:
    """A reject has nothing that could be "not changed"."""
    site.pages["/gate"] = validated(
        Reply(b"<html><body><p>Menu</p></body></html>", headers={"content-type": "text/html"}), '"1"'
    )
    assert desk.take("/gate").rejected == 1
    assert "no story" in desk.rejects()["/gate"]
    assert desk.take("/gate").rejected == 1
    assert [request.headers.get("if-none-match") for request in site.requests if request.path == "/gate"] == [
        None,
        None,
    ]


def test_a_page_in_windows_1256_is_read_by_its_header(site: Site, desk: Desk) -> None:
    """Arabic as it was written."""
    text = "أعلنت الشركة يوم الجمعة أنها ستغلق البوابة القديمة في الربيع المقبل بعد واحد وثلاثين عاما من العمل."
    page = f"<html><head><title>البوابة</title></head><body><article><h1>البوابة</h1><p>{text}</p><p>{text} {text}</p></article></body></html>"
    site.pages["/ar"] = Reply(page.encode("cp1256"), headers={"content-type": "text/html; charset=windows-1256"})
    assert desk.take("/ar").outcomes == {"added": 1}
    assert desk.texts() == [text]


def test_other_formats_are_read_where_they_were_named(site: Site, desk: Desk) -> None:
    """Records, with the names of their fields; behind an entry only pages are read."""
    lines = json.dumps({"id": "7", "lede": "The gate is shut.", "headline": "Gate"}).encode()
    site.pages["/export.jsonl"] = Reply(lines, headers={"content-type": "application/x-ndjson"})
    assert desk.take("/export.jsonl", mapping={"text": "lede"}).outcomes == {"added": 1}
    site.pages["/feed"] = rss(site.url + "/other.jsonl")
    site.pages["/other.jsonl"] = Reply(lines, headers={"content-type": "application/x-ndjson"})
    assert desk.take("/feed").rejected == 1
    assert "no web page" in desk.rejects()["/other.jsonl"]


def test_a_page_cannot_take_the_place_of_another_outlets_article() -> None:
    """What it claims as its address counts on its own site alone."""
    claimed = article("https://gazette.example/scoop", "Text.", url="https://gazette.example/scoop")
    assert own_address(claimed, "https://www.gazette.example/scoop?page=1") is claimed
    for other in ("https://copycat.example.org/x", "http://127.0.0.1/x", "https://gazette.example.com/scoop"):
        assert (own_address(claimed, other).id, own_address(claimed, other).url) == (other, other)
    british = article("https://a.co.uk/x", "Text.", url="https://a.co.uk/x")
    assert own_address(british, "https://b.co.uk/y").id == "https://b.co.uk/y"


# ---------------------------------------------------------------------------- feeds


def test_a_summary_is_not_the_article(site: Site, desk: Desk) -> None:
    """Without --follow it is a reject that says where the article is; with it, it is the page."""
    site.pages |= {"/feed": rss(*links(site, "/a", "/b"))} | {
        path: html(f"The {name} at Orrin was closed on Monday.") for path, name in (("/a", "gate"), ("/b", "weir"))
    }
    assert desk.take("/feed", follow=False).rejected == 2
    assert site.asked() == {"/feed": 1}
    assert f"that is at {site.url}/a" in desk.rejects()["/feed:1"]
    assert desk.take("/feed").outcomes == {"added": 2}
    assert desk.texts() == ["The gate at Orrin was closed on Monday.", "The weir at Orrin was closed on Monday."]
    assert {item.published for item in desk.catalogue.every_article()} == {day("2024-05-03")}, (
        "the entry's, for want of one"
    )


def test_a_feed_that_carries_its_stories_is_not_followed(site: Site, desk: Desk) -> None:
    """There is nothing to fetch."""
    body = f"<![CDATA[{story('The gate at Orrin was closed on Monday.') * 2}]]>"
    site.pages["/feed"] = rss(*links(site, "/a"), body=body)
    assert desk.take("/feed").outcomes == {"added": 1}
    assert site.asked() == {"/feed": 1}


def test_nothing_is_fetched_twice(site: Site, desk: Desk) -> None:
    """Not in one run, however often and under whatever spelling it is named; not soon again in the next."""
    names = links(site, "/a", "/a#x", "/a/", "/a?utm_medium=rss", "/moved")
    site.pages |= {
        "/feed": validated(rss(*names), '"f"'),
        "/again": rss(*names),
        "/a": html("The gate at Orrin was closed on Monday."),
        "/moved": Reply(b"", 301, {"location": "/a"}),
    }
    assert desk.take("/feed", "/again").outcomes == {"added": 1}
    assert site.asked() == {"/feed": 1, "/again": 1, "/a": 1, "/moved": 1}
    before = site.asked()
    assert desk.take("/feed").read == 0
    assert site.asked() - before == {"/feed": 1}, "304: nothing to do"
    assert desk.take("/again").read == 0
    assert site.asked()["/a"] == before["/a"], "within the hour"
    desk.time.moment += 2 * HOUR
    site.pages["/again"] = rss(*names, body="Another teaser of what happened.")
    site.pages["/a"] = html("The gate at Orrin was opened on Tuesday.")
    assert desk.take("/again").outcomes == {"updated": 1}


def test_a_run_that_was_stopped_goes_on_where_it_was(site: Site, desk: Desk) -> None:
    """The feed has not changed, yet its other pages are fetched; those that were had are not."""
    paths = [f"/{number}" for number in range(6)]
    site.pages |= {path: html(f"The gate number {path[1:]} was closed on Monday.") for path in paths}
    site.pages["/feed"] = validated(rss(*links(site, *paths)), '"f"')
    stop_after = lambda: sum(site.asked().values()) >= 4  # noqa: E731
    assert desk.take("/feed", stopping=stop_after).outcomes == {"added": 3}
    assert desk.take("/feed").outcomes == {"added": 3}
    assert all(site.asked()[path] == 1 for path in paths)
    assert desk.take("/feed").read == 0
    assert desk.counts == {"fetched": 1, "not changed": 1}


def test_a_page_that_failed_is_asked_for_later_though_the_feed_is_the_same(site: Site, desk: Desk) -> None:
    """Not at once; a page that is not there is not asked for again within the day, nor does it keep the feed open."""
    site.pages |= {
        "/feed": validated(rss(*links(site, "/busy", "/none")), '"f"'),
        "/busy": Reply(b"", 429, {"retry-after": "600"}),
    }
    assert desk.take("/feed").rejected == 2
    assert "left alone for 600 s" in desk.rejects()["/busy"]
    assert site.asked() == {"/feed": 1, "/busy": 1}, "the host wants to be left alone"
    desk.time.moment += 700
    site.pages["/busy"] = html("The gate at Orrin was closed on Monday.")
    assert desk.take("/feed").outcomes == {"added": 1}
    assert "not there" in desk.rejects()["/none"]
    assert "/busy" not in desk.rejects()
    assert desk.take("/feed").read == 0
    assert site.asked() == {"/feed": 3, "/busy": 2, "/none": 1}


def test_a_named_address_waits_as_long_as_its_host_asked(site: Site, desk: Desk) -> None:
    """In another run too, and it is said until when."""
    site.pages["/busy"] = Reply(b"", 503, {"retry-after": "6000"})
    desk.take("/busy")
    assert desk.take("/busy").rejected == 1
    assert "wants to be left alone; not before 2023-11-14 23:53:21 UTC" in desk.rejects()["/busy"]
    assert desk.take("/other").rejected == 1, "it is the host that asked for it"
    assert site.asked() == {"/busy": 1}


def test_the_pages_of_a_host_that_wants_to_be_left_alone_are_one_reject(site: Site, desk: Desk) -> None:
    """Not thousands; when it may be asked again, the same command fetches them."""
    paths = [f"/{number}" for number in range(20)]
    site.pages |= {path: html(f"The gate number {path[1:]} was closed on Monday.") for path in paths[1:]}
    site.pages |= {"/0": Reply(b"", 429, {"retry-after": "6000"}), "/feed": validated(rss(*links(site, *paths)), '"f"')}
    assert desk.take("/feed").rejected == 2
    assert "18 other pages wait for it too" in desk.rejects()["/1"]
    desk.time.moment += 6_001
    site.pages["/0"] = html("The gate number 0 was closed on Monday.")
    assert desk.take("/feed").outcomes == {"added": 20}
    assert desk.rejects() == {}


@pytest.mark.parametrize(
    "link",
    [
        "http://10.9.8.7/x",
        "http://127.0.0.1:9/x",
        "http://localhost:9/",
        "http://169.254.169.254/latest/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://xn--/",
        "http://xn--/a",
        "http://site.example:70000/",
    ],
)
def test_nothing_private_is_reached(site: Site, desk: Desk, link: str) -> None:
    """Whatever a feed names: it is a reject with its reason."""
    site.pages["/feed"] = rss(link)
    assert desk.take("/feed").rejected == 1
    assert site.asked() == {"/feed": 1}
    [reason] = desk.rejects().values()
    assert "unless that is allowed" in reason or "is not a web address" in reason or "has the port" in reason


def test_a_password_is_nowhere(site: Site, desk: Desk) -> None:
    """Not of an address that was named, nor of one in a feed: the page is fetched without it."""
    site.pages |= {
        "/feed": rss(f"http://me:hush@{site.place}/a"),
        "/a": html("The gate at Orrin was closed on Monday."),
    }
    assert desk.take("/feed", follow=False).rejected == 1
    assert desk.take("/feed", f"http://me:hush@{site.place}/b").outcomes == {"added": 1}
    assert "user name or a password" in desk.rejects()["/b"]
    assert not any("authorization" in request.headers for request in site.requests)
    desk.catalogue.close()
    assert b"hush" not in b"".join(file.read_bytes() for file in desk.catalogue.file.parent.glob("catalogue*"))


def test_feeds_in_files_are_followed(site: Site, desk: Desk, tmp_path: Path) -> None:
    """RSS and JSON Feed; without --follow nothing is asked of anybody."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "feed.xml").write_bytes(rss(*links(site, "/a")).body)
    items = [{"id": "1", "url": site.url + "/b", "summary": "A teaser."}]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Canal News", "items": items}
    (tmp_path / "in" / "feed.json").write_text(json.dumps(feed))
    site.pages |= {path: html(f"The gate {path} was closed on Monday.") for path in ("/a", "/b")}
    assert desk.take(files=[tmp_path / "in"], follow=False).rejected == 2
    assert not site.requests
    assert desk.take(files=[tmp_path / "in"]).outcomes == {"added": 2}


# ---------------------------------------------------------------------------- sitemaps


def sitemap(*pages: tuple[str, str]) -> Reply:
    """A news sitemap of addresses and the days of their last change."""
    entries = "".join(
        f"<url><image:image><image:loc>http://10.0.0.1/p.jpg</image:loc></image:image><loc>{address}</loc>"
        f"<lastmod>{changed}</lastmod><news:news><news:publication_date>2024-05-03</news:publication_date></news:news></url>"
        for address, changed in pages
    )
    names = (
        'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
        'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
    )
    return xml(f'<?xml version="1.0" encoding="UTF-8"?><urlset {names}>{entries}</urlset>')


def test_a_list_of_sitemaps_leads_to_all_pages(site: Site, desk: Desk) -> None:
    """Two sitemaps, one packed: every page once, with the day that the sitemap gives; without --follow one reject."""
    packed = sitemap((site.url + "/c", ""))
    site.pages |= {
        "/index.xml": xml(
            "<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
            + "".join(f"<sitemap><loc>{site.url}{path}</loc></sitemap>" for path in ("/one.xml", "/two.xml.gz"))
            + "</sitemapindex>"
        ),
        "/one.xml": sitemap((site.url + "/a", "2023-11-14T00:00:00Z"), (site.url + "/b", "")),
        "/two.xml.gz": Reply(gzip.compress(packed.body), headers={"content-type": "application/gzip"}),
    }
    site.pages |= {path: html(f"The gate {path} was closed on Monday.") for path in ("/a", "/b", "/c")}
    assert desk.take("/index.xml", follow=False).rejected == 1
    assert "names 2 sitemaps" in desk.rejects()["/index.xml"]
    assert desk.take("/index.xml").outcomes == {"added": 3}
    assert {item.published for item in desk.catalogue.every_article()} == {day("2024-05-03")}
    assert all(site.asked()[path] == 1 for path in ("/a", "/b", "/c", "/one.xml", "/two.xml.gz"))
    desk.time.moment += 2 * HOUR
    before = site.asked()
    assert desk.take("/one.xml", "/two.xml.gz").read == 0, "none has changed"
    assert site.asked()["/a"] == before["/a"]


def test_a_page_whose_sitemap_says_that_it_is_as_it_was_is_not_asked(site: Site, desk: Desk) -> None:
    """And one that changed since it was fetched is, at once."""
    site.pages |= {path: html(f"The gate {path} was closed on Monday.") for path in ("/a", "/b")}
    site.pages["/map"] = sitemap((site.url + "/a", "2023-11-14T00:00:00Z"), (site.url + "/b", "2023-11-14T00:00:00Z"))
    desk.take("/map")
    site.pages["/map"] = sitemap((site.url + "/a", "2023-11-14T00:00:00Z"), (site.url + "/b", "2023-11-15T00:00:00Z"))
    desk.time.moment += 2 * HOUR
    assert desk.take("/map").read == 0
    assert site.asked() == {"/map": 2, "/a": 1, "/b": 2}


def test_a_sitemap_opens_no_file_and_grows_no_entities(site: Site, desk: Desk) -> None:
    """What is not well-formed, or only a bomb, is a reject."""
    bomb = (
        '<!DOCTYPE urlset [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "'
        + "&a;" * 1000
        + '"><!ENTITY c "'
        + "&b;" * 1000
        + '"><!ENTITY d SYSTEM "file:///etc/passwd">]>'
    )
    site.pages |= {
        "/bomb": xml(f"{bomb}<urlset><url><loc>{site.url}/&c;</loc></url></urlset>"),
        "/file": xml(f"{bomb}<urlset><url><loc>{site.url}/&d;</loc></url></urlset>"),
        "/cut": xml("<urlset><url><loc>http"),
    }
    assert desk.take("/bomb", "/file", "/cut").rejected >= 2
    assert not any("root:" in request.path for request in site.requests)


def test_the_loop_of_two_lists_ends(site: Site, desk: Desk) -> None:
    """Sitemaps that name each other are read once."""
    for one, other in (("/x", "/y"), ("/y", "/x")):
        site.pages[one] = xml(f"<sitemapindex><sitemap><loc>{site.url}{other}</loc></sitemap></sitemapindex>")
    assert desk.take("/x").read == 0
    assert desk.take("/x").read == 0


def test_hosts_are_asked_in_turn(site: Site, desk: Desk, worker: Worker) -> None:
    """While one rests the other is asked, so two hosts take the time of one."""
    with Site() as other:
        other_url = other.url.replace("127.0.0.1", "localhost")
        for each in (site, other):
            each.pages |= {
                path: html(f"The gate {path} of {each.place} was closed on Monday.") for path in ("/a", "/b", "/c")
            }
        site.pages["/feed"] = rss(*links(site, "/a", "/b", "/c"), *(other_url + path for path in ("/a", "/b", "/c")))
        time = Time()
        one = fetcher(time=time, guard=Guard(private=True))
        follower = Follower(one, desk.catalogue.fetched, worker, follow=True, now=time.now)
        items = list(follower.read([site.url + "/feed"]))
        assert not [item for item in items if isinstance(item, Rejected)]
        assert sum(time.waits) <= 4, "the feed and three pages of the one host; the other in between"
