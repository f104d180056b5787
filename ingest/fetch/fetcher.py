"""Fetches what lies at an address: by the site's rules, from redirect to redirect, tried again when a host is busy."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import httpx

from ingest.fetch import robots
from ingest.fetch.download import Answer, Downloader, Unanswered
from ingest.fetch.guard import Closed
from ingest.fetch.hosts import LONGEST_WAIT, Hosts
from newsdesk.address import callable_address
from newsdesk.errors import NotFetched

MOST_REDIRECTS = 5
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_BUSY = frozenset((429, 500, 502, 503, 504))
_TRIES = 3
_MOST_ADDRESS = 2_000  # characters
_SECONDS = re.compile(r"\d{1,9}", re.ASCII)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_REASONS = {
    401: "asks for a login (401)",
    403: "may not be read by everybody (403)",
    404: "is not there (404)",
    410: "was taken away for good (410); what was taken in from there before stays until it is removed",
    451: "is withheld for legal reasons (451)",
}

Validators = Callable[[str], Mapping[str, str]]
"""An address -> the headers of a request for what has changed there since."""


@dataclass(frozen=True, slots=True)
class Page:
    """What lies at an address."""

    url: str
    """Where it was at last, behind every redirect."""
    unchanged: bool
    """It is as it was when the validators were given; then it has no body."""
    headers: Mapping[str, str]
    body: bytes

    @property
    def charset(self) -> str:
        """The encoding that the headers name, or ""."""
        named = _CHARSET.search(self.headers.get("content-type", ""))
        return named.group(1) if named else ""


class Fetcher:
    """Fetches pages; keeps the robots.txt and the pace of every host, so one of it serves a whole run."""

    def __init__(
        self,
        downloader: Downloader,
        user_agent: str,
        delay: float,
        now: Callable[[], float] = time.time,
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        """`delay`: seconds between two requests to one host."""
        self._downloader = downloader
        self._delay = delay
        self._now = now
        self.hosts = Hosts(delay, now, wait)
        self._robots = robots.Robots(self._rules, user_agent, now)

    def close(self) -> None:
        """Closes the connections."""
        self._downloader.close()

    def fetch(
        self,
        address: str,
        most_bytes: int,
        validators: Validators = lambda address: {},
        is_known: Callable[[str], bool] = lambda address: False,
    ) -> Page:
        """What lies at the address; a redirect to one that `is_known` is not followed, and counts as unchanged.

        Raises NotFetched with the reason, if it cannot or may not be had.
        """
        url, redirected = parsed(address), ""
        for _ in range(MOST_REDIRECTS + 1):
            try:
                self.hosts.check(_place(url))
                self.hosts.slow_down(url.host, self._robots.check(url))
                answer = self._ask(url, validators(str(url)), most_bytes)
            except NotFetched as error:
                if isinstance(error, Closed):
                    self.hosts.failed(_place(url), str(error))
                error.args = (f"{redirected}{error}",)
                raise
            if answer.status in (200, 304):
                return Page(str(url), answer.status == 304, answer.headers, answer.body)
            if answer.status not in _REDIRECTS or "location" not in answer.headers:
                raise NotFetched(redirected + _reason(answer.status), answer.status)
            url = _next(url, answer.headers["location"])
            if is_known(str(url)):
                return Page(str(url), True, {}, b"")
            redirected = f"is redirected to {url}, which "
        raise NotFetched(f"is redirected more than {MOST_REDIRECTS} times")

    def _ask(self, url: httpx.URL, headers: Mapping[str, str], most_bytes: int) -> Answer:
        """An answer that is not "busy". Raises NotFetched; of a host that is busy with the time to try again."""
        for left in reversed(range(_TRIES)):
            self.hosts.turn(url.host)
            pause = max(self._delay, 1.0) * 4 ** (_TRIES - left - 1)
            try:
                answer = self._downloader.get(url, headers, most_bytes)
            except Unanswered:
                if not left:
                    self.hosts.failed(url.host)
                    raise
                self.hosts.leave_alone(url.host, pause, f"{url.host} did not answer")
                continue
            except Closed:
                raise
            except NotFetched as error:
                if not error.status:  # too slow: another try would be, too
                    self.hosts.failed(url.host)
                raise
            self.hosts.answered(url.host)
            if answer.status not in _BUSY:
                return answer
            asked = retry_after(answer.headers.get("retry-after", ""), self._now())
            wait = pause if asked is None else asked
            told = f"{url.host} answered with status {answer.status}"
            if asked is not None:
                told += f" and wants to be left alone for {asked:,.0f} s"
            if asked is not None or answer.status in (429, 503):  # the others concern this page alone
                self.hosts.leave_alone(url.host, wait, told)
            if not left or wait > LONGEST_WAIT:
                raise NotFetched(told, answer.status, self._now() + wait)
        raise AssertionError("the last try ends the loop")

    def _rules(self, url: httpx.URL) -> Answer:
        """The answer to a question for robots.txt, redirects followed, at once. Raises NotFetched."""
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._downloader.get(url, {}, robots.MOST_BYTES)
            if answer.status not in _REDIRECTS or "location" not in answer.headers:
                return answer
            url = _next(url, answer.headers["location"])
        return Answer(404, {})  # RFC 9309: as if there were none


def parsed(address: str) -> httpx.URL:
    """The address, without its fragment. Raises NotFetched if it is none that is fetched."""
    try:
        url = callable_address(address)
    except ValueError as error:
        raise NotFetched(str(error)) from error
    if len(address) > _MOST_ADDRESS:
        raise NotFetched(f"is longer than {_MOST_ADDRESS:,} characters, which no address is")
    return url.copy_with(fragment=None)


def _place(url: httpx.URL) -> str:
    """Host and port: another port of the host may be open."""
    return f"{url.host}:{url.port or url.scheme}"


def _next(url: httpx.URL, location: str) -> httpx.URL:
    """Where a redirect leads; a login in it is dropped. Raises NotFetched if that is no web address."""
    try:
        joined = url.join(location.encode("latin-1").decode("utf-8", "replace"))
    except (httpx.InvalidURL, UnicodeError) as error:
        raise NotFetched("is redirected to what is not a web address") from error
    try:
        return parsed(str(joined.copy_with(userinfo=b"")))
    except NotFetched as error:
        raise NotFetched(f"is redirected to what {error}") from error


def _reason(status: int) -> str:
    return _REASONS.get(status, f"answers with status {status}")


def retry_after(text: str, now: float) -> float | None:
    """Seconds that a Retry-After header asks to wait, written as a number or a date; None if it says neither."""
    text = text.strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (TypeError, ValueError, OverflowError):
        return None
