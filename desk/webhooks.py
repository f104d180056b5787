"""Telling other programs of what is new: signed messages to the addresses of saved questions, tried again when they fail."""

from __future__ import annotations

import hmac
import json
import logging
import time
from collections.abc import Callable, Collection
from hashlib import sha256
from typing import Any

import httpx

from newsdesk.address import callable_address
from newsdesk.catalogue.leases import Leases, Process
from newsdesk.catalogue.saved.store import SavedQuestions
from newsdesk.errors import WrongUse
from newsdesk.remote_service import is_this_machine
from newsdesk.saved import Finding, SavedQuestion
from newsdesk.types import Span
from newsdesk.wording.links import article_link
from newsdesk.wording.quoted import quoted

logger = logging.getLogger("newsdesk.desk")

WAITS = (10.0, 60.0, 300.0, 1_800.0, 7_200.0, 21_600.0, 86_400.0)
"""Seconds until a webhook that did not answer is told again; after the last of them it is given up."""

SIGNATURE, SENT_AT = "Newsdesk-Signature", "Newsdesk-Timestamp"
"""Headers: "sha256=" with the HMAC of time, full stop and body under the question's secret; and that time."""

_TIMEOUT = 10.0
_AT_ONCE = 10  # told within a lease, however slowly they answer
_WORK = "webhooks"


def check_webhook(url: str, hosts: Collection[str]) -> str:
    """The address, fit to be called: on this machine, or at one of the `hosts` of the settings. Raises WrongUse."""
    try:
        address = callable_address(url)
    except ValueError as error:
        raise WrongUse(f"The webhook {quoted(url)} {error}. Write it as http://127.0.0.1:9000/path.") from error
    if not is_this_machine(address.host) and address.host not in hosts:
        raise WrongUse(
            f"The webhook leads to {quoted(address.host)}, which is not this machine. If it is to be told, add the name to the "
            f"setting webhook_hosts (NEWSDESK_WEBHOOK_HOSTS='[\"{address.host}\"]')."
        )
    return str(address)


class Webhooks:
    """Tells the webhooks of one archive's saved questions. Nothing else waits for them."""

    def __init__(
        self, store: SavedQuestions, hosts: Collection[str] = (), public_url: str = "", leases: Leases | None = None
    ) -> None:
        """With `leases`, of several services on one archive only one tells at a time."""
        self._store = store
        self._leases = leases
        self._hosts = hosts
        self._public_url = public_url

    def tell(self, keep_going: Callable[[], bool] = lambda: True) -> int:
        """Sends what is due; how many messages were taken. What was not is due again later."""
        if self._leases is None:
            return self._tell(keep_going)
        if next(self._store.due(1), None) is None or not self._leases.take(_WORK, Process.current()):
            return 0
        try:
            return self._tell(keep_going)  # asked for again: another service may have told of it just now
        finally:
            self._leases.give_back(_WORK, Process.current())

    def _tell(self, keep_going: Callable[[], bool]) -> int:
        count = 0
        for saved, finding in self._store.due(_AT_ONCE):
            if not keep_going():
                break
            if self._is_taken(saved, finding):
                self._store.told(finding.number)
                count += 1
            elif finding.tries < len(WAITS):
                self._store.not_told(finding.number, WAITS[finding.tries])
            else:
                logger.error(
                    "The webhook of the saved question %s is given up for finding %d.", saved.key, finding.number
                )
                self._store.told(finding.number)
        return count

    def _client(self, host: str) -> httpx.Client:
        return httpx.Client(timeout=_TIMEOUT, follow_redirects=False, trust_env=not is_this_machine(host))

    def _is_taken(self, saved: SavedQuestion, finding: Finding) -> bool:
        try:
            url = httpx.URL(check_webhook(saved.webhook, self._hosts))  # the settings may have changed
            body = json.dumps(message(saved, finding, self._public_url), ensure_ascii=False).encode()
            headers = _headers(saved.secret, finding, body)
            with (
                self._client(url.host) as client,
                client.stream("POST", url, content=body, headers=headers) as response,
            ):
                if response.is_success:
                    return True  # what it says is not read
            reason = f"it answered {response.status_code}"
        except (httpx.HTTPError, WrongUse, OSError, ValueError, OverflowError) as error:
            # Whatever is wrong with one address, the others are told.
            reason = str(error) or type(error).__name__
        logger.warning(
            "The webhook of the saved question %s was not told of finding %d: %s", saved.key, finding.number, reason
        )
        return False


def message(saved: SavedQuestion, finding: Finding, public_url: str = "") -> dict[str, Any]:
    """What is said of a finding, to webhooks and by the API."""
    found = finding.found
    mark = Span(found.paragraph, found.start, found.end)
    return {
        "finding": finding.number,
        "saved_question": saved.key,
        "question": saved.question,
        "short_answer": found.short_answer,
        "confidence": round(found.confidence, 4),
        "found_at": finding.found_at,
        "citation": {
            "article_id": found.article_id,
            "title": finding.title,
            "source": finding.source,
            "published": finding.published.isoformat() if finding.published else None,
            "url": finding.url,
            "permalink": public_url + article_link(found.article_id, mark=mark),
            "paragraph": found.paragraph,
            "start": found.start,
            "end": found.end,
            "quote": found.quote,
        },
    }


def signature(secret: str, sent_at: str, body: bytes) -> str:
    """What the header says: who knows the secret can tell that the body is ours and when it was sent."""
    return "sha256=" + hmac.new(secret.encode(), f"{sent_at}.".encode() + body, sha256).hexdigest()


def _headers(secret: str, finding: Finding, body: bytes) -> dict[str, str]:
    sent_at = str(int(time.time()))
    return {
        "Content-Type": "application/json",
        "User-Agent": "Newsdesk",
        "Newsdesk-Finding": str(finding.number),
        SENT_AT: sent_at,
        SIGNATURE: signature(secret, sent_at, body),
    }
