"""What a site's robots.txt allows (RFC 9309)."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
from protego import Protego

from ingest.fetch.download import Answer
from ingest.fetch.guard import Closed
from newsdesk.errors import NotFetched

MOST_BYTES = 512 * 1024
_KEPT = 86_400.0  # seconds; RFC 9309 asks for no more than a day
_KEPT_UNREACHED = 600.0


class Robots:
    """The rules of each site, fetched when they are first needed."""

    def __init__(self, get: Callable[[httpx.URL], Answer], user_agent: str, now: Callable[[], float]) -> None:
        """`get` fetches an address, redirects followed; raises NotFetched."""
        self._get, self._now = get, now
        named = re.match(r"[A-Za-z_-]+", user_agent)
        self._shown = named.group() if named else user_agent
        self._name = user_agent  # rules are looked for under each word of it
        self._sites: dict[str, tuple[float, Protego | str]] = {}

    def check(self, url: httpx.URL) -> float:
        """The seconds that the site wants between two requests, 0 if it says nothing.

        Raises NotFetched if the address may not be fetched, or if nobody knows because robots.txt cannot be had.
        """
        rules = self._rules(url)
        site = url.netloc.decode("ascii")
        if isinstance(rules, str):
            raise NotFetched(
                f"was not asked for, because {site}/robots.txt {rules}", again_at=self._now() + _KEPT_UNREACHED
            )
        if not rules.can_fetch(str(url), self._name):
            raise NotFetched(f"may not be fetched: {site}/robots.txt closes it to {self._shown}", 403)
        rate = rules.request_rate(self._name)
        return max(
            rules.crawl_delay(self._name) or 0.0, rate.seconds / rate.requests if rate and rate.requests else 0.0
        )

    def _rules(self, url: httpx.URL) -> Protego | str:
        """The rules, or why there are none."""
        site = f"{url.scheme}://{url.netloc.decode('ascii')}"
        until, rules = self._sites.get(site, (0.0, ""))
        if until <= self._now():
            rules = self._read(url.copy_with(path="/robots.txt", query=None, fragment=None))
            self._sites[site] = self._now() + (_KEPT_UNREACHED if isinstance(rules, str) else _KEPT), rules
        return rules

    def _read(self, url: httpx.URL) -> Protego | str:
        try:
            answer = self._get(url)
        except Closed:
            raise
        except NotFetched as error:
            return str(error)
        if answer.status == 200:
            return Protego.parse(answer.body.decode("utf-8", "replace"))
        if answer.status >= 500 or answer.status == 429:
            return f"answers with status {answer.status}"
        return Protego.parse("")  # there is none, so nothing is closed
