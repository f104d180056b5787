"""What lies at web addresses, as articles: those that the user named, and those that feeds and sitemaps name."""

from __future__ import annotations

import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from ingest.fetch.fetcher import Fetcher, Page
from ingest.fetch.guard import Closed
from ingest.fetch.hosts import Interrupted, NotNow
from ingest.formats.feeds.sitemap import MOST_SITEMAP_BYTES
from ingest.formats.html import decoded_page
from ingest.formats.registry import read_as
from ingest.formats.sniff import SNIFFED_BYTES, format_of
from ingest.parts.language import with_language
from ingest.parts.limits import MAX_BYTES
from ingest.worker import Worker
from newsdesk.address import canonical_url, without_login
from newsdesk.catalogue.runs.fetched import Fetched, FetchLog
from newsdesk.catalogue.runs.sources import Source
from newsdesk.errors import NotFetched, Unreadable
from newsdesk.types import Article, Elsewhere, Place, Rejected
from newsdesk.wording.quoted import quoted

Item = Article | Rejected | Source | Fetched

MOST_PAGES = 100_000
"""Places that may wait in one run; a list of sitemaps can name billions."""
_AGAIN = 3_600
"""Seconds before a page behind an entry is asked again for what changed, and before one that failed is tried again."""
_AGAIN_CHANGED = 600
"""The same where a sitemap says that it changed: some say so always."""
_AGAIN_REFUSED = 86_400
"""The same where it is not there or may not be had; and the longest of the others."""
_FOR_GOOD = frozenset((200, 401, 403, 404, 410, 451))  # 200: what came is no page, or too large for one
_BUSY = frozenset((429, 503))
_HOST = "//"
"""In front of a host's name it is the address under which is kept until when that wants to be left alone."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    place: Place
    given: bool = False
    """The user named it."""
    named_by: str = ""
    """The canonical address of the feed or the sitemap that names it."""

    @property
    def key(self) -> str:
        return canonical_url(self.place.address)


class Follower:
    """Turns what readers yield into what can be stored: what is elsewhere is fetched, each address once."""

    def __init__(
        self,
        fetcher: Fetcher,
        log: FetchLog,
        worker: Worker,
        follow: bool = False,
        mapping: Mapping[str, str] | None = None,
        stopping: Callable[[], bool] = lambda: False,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`follow` fetches what entries name; without it only the addresses given to `read` are.

        Pages are read by `worker`, records by `mapping`. Once `stopping` says so, nothing more is begun.
        """
        self._fetcher, self._log, self._worker = fetcher, log, worker
        self._follow, self._mapping = follow, mapping
        self._stopping, self._now = stopping, now
        self._waiting: dict[str, deque[_Wanted]] = {}  # by host and port
        self._seen: set[str] = set()
        self._recalled: set[str] = set()
        self._lists: dict[str, tuple[str, Fetched]] = {}
        self._unfinished: set[str] = set()
        self.counts: Counter[str] = Counter()
        """"fetched", "not changed", "passed over" -> addresses."""

    def read(self, addresses: Iterable[str], items: Iterable[Article | Rejected | Source] = ()) -> Iterator[Item]:
        """What lies at the addresses, and what readers found elsewhere, with the pages that it names.

        What an address answered is yielded behind what came of it, and the answer of a feed or a sitemap behind all
        that it names: whoever is stopped in between begins there again.
        """
        for address in addresses:
            yield from self._add(_Wanted(Place(address, holds_more=True), given=True))
        for item in items:
            yield from self._sorted(item)
            if self._stopping():
                break
        while self._waiting and not self._stopping():
            yield from self._take(self._next())
        self._unfinished.update(wanted.named_by for queue in self._waiting.values() for wanted in queue)
        yield from self._answers_of_lists()

    # ---------------------------------------------------------------------------- what waits

    def _sorted(
        self, item: Article | Rejected | Source, named_by: str = "", base: str = ""
    ) -> Iterator[Article | Rejected | Source]:
        """Puts what is elsewhere into the queue, and gives back the rest."""
        if not isinstance(item, Elsewhere):
            yield item
        elif not self._follow:
            self._unfinished.add(named_by)
            yield item
        else:
            for place in item.places:
                address = without_login(urljoin(base, place.address))
                yield from self._add(_Wanted(replace(place, address=address), named_by=named_by), item)

    def _add(self, wanted: _Wanted, named: Rejected | None = None) -> Iterator[Rejected]:
        address = without_login(wanted.place.address)
        origin = named.origin if named else address
        if not wanted.key or address != wanted.place.address:
            why = "holds a user name or a password" if wanted.key else "is not a web address"
            yield Rejected(
                origin, named.id if named else "", f"names {quoted(address, 300)}, which {why}" if named else why
            )
        elif wanted.key in self._seen:
            return
        elif len(self._seen) >= MOST_PAGES:
            self._unfinished.add(wanted.named_by)
            yield Rejected(
                wanted.named_by or origin, "", f"more than {MOST_PAGES:,} pages; the rest waits for another run"
            )
        else:
            self._seen.add(wanted.key)
            self._recall(_host(address))
            self._waiting.setdefault(urlsplit(wanted.key).netloc, deque()).append(wanted)

    def _recall(self, host: str) -> None:
        """Leaves a host alone that asked for it in an earlier run."""
        if host not in self._recalled:
            self._recalled.add(host)
            busy = self._log.get(_HOST + host)
            if busy is not None and busy.next_at > self._now():
                why = f"{host} answered with status {busy.status} and wants to be left alone"
                self._fetcher.hosts.leave_alone(host, busy.next_at - self._now(), why)

    def _next(self) -> _Wanted:
        """Of the host that may be asked first, so that no host is waited for while another could be asked."""
        place = min(self._waiting, key=lambda place: self._fetcher.hosts.free_at(_host(f"//{place}")))
        wanted = self._waiting[place].popleft()
        if not self._waiting[place]:
            del self._waiting[place]
        return wanted

    # ---------------------------------------------------------------------------- one address

    def _take(self, wanted: _Wanted) -> Iterator[Item]:
        before = self._log.get(wanted.key)
        if before is not None and self._is_too_soon(wanted, before):
            self.counts["passed over"] += 1
            if not before.content_hash and (before.status in (0, 429) or before.status >= 500):
                self._unfinished.add(wanted.named_by)
            return
        try:
            most = MOST_SITEMAP_BYTES if wanted.place.holds_more else MAX_BYTES
            page = self._fetcher.fetch(
                wanted.place.address,
                most,
                lambda address: self._validators(address, wanted),
                lambda address: canonical_url(address) != wanted.key and canonical_url(address) in self._seen,
            )
        except Interrupted:
            self._unfinished.add(wanted.named_by)
            return
        except NotNow as error:
            yield self._left_for_later(wanted, error)
            return
        except NotFetched as error:
            yield Rejected(wanted.key, "", str(error))
            yield from self._failed(wanted, before, error)
            return
        self.counts["fetched"] += 1
        yield from self._read(wanted, page)

    def _is_too_soon(self, wanted: _Wanted, before: Fetched) -> bool:
        """Whether there is nothing to ask: not yet, or nothing has changed there by what its sitemap says."""
        if wanted.given or wanted.place.holds_more:
            return False
        changed = wanted.place.changed
        if changed is not None and before.content_hash:
            return changed.timestamp() < before.fetched_at or self._now() < before.fetched_at + _AGAIN_CHANGED
        return before.next_at > self._now()

    def _left_for_later(self, wanted: _Wanted, error: NotNow) -> Rejected:
        """One reject for all that waits for the host: a sitemap can name thousands."""
        others = self._waiting.pop(urlsplit(wanted.key).netloc, deque())
        self._unfinished.update(other.named_by for other in (wanted, *others))
        more = f"; {len(others):,} other pages wait for it too: run the same command again then" if others else ""
        return Rejected(wanted.key, "", f"{error}{more}")

    def _failed(self, wanted: _Wanted, before: Fetched | None, error: NotFetched) -> Iterator[Fetched]:
        if error.status not in _FOR_GOOD:
            self._unfinished.add(wanted.named_by)
        if isinstance(error, Closed):  # to be asked as soon as that is mended
            return
        now = int(self._now())
        wait = _AGAIN_REFUSED if error.status in _FOR_GOOD else _AGAIN
        if before is not None and not before.content_hash:  # not for the first time
            wait = min(max(wait, 2 * (before.next_at - before.fetched_at)), _AGAIN_REFUSED)
        next_at = int(error.again_at) + 1 if error.again_at else now + wait
        yield Fetched(wanted.key, error.status, now, next_at)
        if error.status in _BUSY:
            yield Fetched(_HOST + _host(wanted.place.address), error.status, now, next_at)

    def _validators(self, address: str, wanted: _Wanted) -> dict[str, str]:
        known = self._known(canonical_url(address), wanted)
        if known is None:
            return {}
        headers = {"if-none-match": known.etag, "if-modified-since": known.last_modified}
        return {name: value for name, value in headers.items() if value}

    def _known(self, key: str, wanted: _Wanted) -> Fetched | None:
        """What was taken in from there before. A page that the user names is taken in again if its article is gone."""
        known = self._log.get(key)
        if known is None or not known.content_hash:
            return None
        return None if wanted.given and known.article and not self._log.holds(known.article) else known

    def _read(self, wanted: _Wanted, page: Page) -> Iterator[Item]:
        """What a page holds that was not read before, and what it answered."""
        key = canonical_url(page.url)
        if key != wanted.key:
            if key in self._seen:  # another address of a page that was read, or will be
                yield Fetched(wanted.key, 301, int(self._now()), int(self._now()) + _AGAIN)
                return
            self._seen.add(key)
        known = self._known(key, wanted)
        answer = self._answer(key, page, known)
        if known is not None and (page.unchanged or answer.content_hash == known.content_hash):
            self.counts["not changed"] += 1
            answer = replace(answer, content_hash=known.content_hash, article=known.article)
        else:
            answer = yield from self._take_in(wanted, page, answer)
        if key != wanted.key:
            yield Fetched(
                wanted.key, 301, answer.fetched_at, answer.next_at, "", "", answer.content_hash, answer.article
            )
        if answer.article or not answer.content_hash:
            yield answer
        else:
            self._lists[key] = wanted.named_by, answer

    def _answer(self, key: str, page: Page, known: Fetched | None) -> Fetched:
        now = int(self._now())
        return Fetched(
            address=key,
            status=304 if page.unchanged else 200,
            fetched_at=now,
            next_at=now + _AGAIN,
            etag=page.headers.get("etag", known.etag if known and page.unchanged else ""),
            last_modified=page.headers.get("last-modified", known.last_modified if known and page.unchanged else ""),
            content_hash=sha256(page.body).hexdigest()[:32],
        )

    def _take_in(self, wanted: _Wanted, page: Page, answer: Fetched) -> Generator[Item, None, Fetched]:
        """Yields what the page holds; gives back the answer, without what would keep it from being read again if it
        held nothing."""
        taken, articles = 0, []
        try:
            for item in self._items(wanted, page, answer.address):
                if isinstance(item, Elsewhere):
                    taken += 1
                    yield from self._sorted(item, answer.address, page.url)
                    continue
                if isinstance(item, Article):
                    item = replace(item, published=item.published or wanted.place.published)
                    articles.append(item.id)
                yield item
        except (Unreadable, OSError) as error:
            yield Rejected(wanted.key, "", str(error))
        if len(articles) == 1 and not taken:
            return replace(answer, article=articles[0])
        if taken or articles:
            return answer
        next_at = answer.fetched_at + _AGAIN_REFUSED
        return replace(answer, next_at=next_at, content_hash="", etag="", last_modified="")

    def _items(self, wanted: _Wanted, page: Page, key: str) -> Iterator[Article | Rejected]:
        """The articles on a page, and what else it names. Raises Unreadable and OSError."""
        if not page.body:
            raise Unreadable("is empty")
        kind = format_of(page.body[:SNIFFED_BYTES], urlsplit(page.url).path)
        unsure = not kind or " " in kind or kind in ("text", "markdown", "csv")
        if kind == "html" or (unsure and "html" in page.headers.get("content-type", "").lower()):
            article = self._worker.read("page", decoded_page(page.body, page.charset), key)
            yield with_language(own_address(article, key))
        elif not wanted.place.holds_more:
            raise Unreadable("is no web page, and only these are read behind an entry; name it, if it is to be read")
        else:
            with tempfile.NamedTemporaryFile(prefix="newsdesk-") as file:
                file.write(page.body)
                file.flush()
                # As read_file has it: a name that ends as the address does says what the content leaves open.
                yield from read_as(Path(file.name), key, self._worker, self._mapping)

    def _answers_of_lists(self) -> Iterator[Fetched]:
        """What feeds and sitemaps answered; without validators where something that they name is still to be had."""
        for key in list(self._unfinished):
            while key in self._lists:  # a list of sitemaps is unfinished with each of them
                self._unfinished.add(key)
                key = self._lists[key][0]
                if key in self._unfinished:
                    break
        for key, (_, answer) in self._lists.items():
            unfinished = key in self._unfinished
            yield replace(answer, etag="", last_modified="", content_hash="") if unfinished else answer


def own_address(article: Article, fetched_from: str) -> Article:
    """The article, under the address it was fetched from if the one that it claims is another site's.

    A page says itself what its canonical address is; one that names another outlet's would take that one's place.
    """
    if not article.url or _site(article.url) == _site(fetched_from):
        return article
    return replace(article, id=fetched_from, url=fetched_from)


def _site(url: str) -> str:
    """The name under which somebody's hosts lie, nearly: two labels, three where the second last is one as in "co.uk"."""
    labels = _host(url).split(".")
    if labels[-1].isdigit():
        return _host(url)
    short = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3 if short else -2 :])


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
