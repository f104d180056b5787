"""Everything that the desk does for one archive, in one place: what the API, the pages and the commands call."""

from __future__ import annotations

import threading
from collections.abc import Collection
from pathlib import Path

from desk.batch import Ask
from desk.batches import Batches
from desk.drafts import Checked, Checker
from desk.feed import atom_feed
from desk.follow import Follower
from desk.webhooks import Webhooks, check_webhook
from index.engine import Engine
from index.find.keyword import KeywordIndex
from index.read.judge import Judge
from index.understand.question import check
from newsdesk.saved import Finding, SavedQuestion

IN_FEED = 100
"""Findings in a feed, and on the page of a question."""


class Desk:
    """The desk of an opened archive. Safe to use from many threads."""

    def __init__(
        self,
        data: Path,
        engine: Engine,
        keyword: KeywordIndex,
        judge: Judge | None,
        ask: Ask,
        webhook_hosts: Collection[str] = (),
        public_url: str = "",
    ) -> None:
        """`ask` answers a question of a batch; `webhook_hosts` may be told of findings, beside this machine."""
        self.batches = Batches(data, ask)
        self.store = engine.catalogue.saved
        self.follower = Follower(engine, keyword)
        self.webhooks = Webhooks(self.store, webhook_hosts, public_url, engine.catalogue.leases)
        self.public_url = public_url
        self._checker = Checker(engine, keyword, judge)
        self._hosts = webhook_hosts
        self._one_draft = threading.Lock()  # each takes a second or two a page: questions must go on beside it

    def save(self, question: str, webhook: str = "") -> SavedQuestion:
        """Saves a question, which new articles are tried against. Raises WrongUse and QuestionError."""
        check(question)
        return self.store.add(
            " ".join(question.split()), check_webhook(webhook, self._hosts) if webhook.strip() else ""
        )

    def findings(self, key: str) -> tuple[SavedQuestion, list[Finding]]:
        """A saved question with the newest of what was found for it. Raises SavedQuestionNotFound."""
        return self.store.one(key), self.store.findings(key, IN_FEED)

    def feed(self, key: str, reached_at: str) -> bytes:
        """The Atom feed of a saved question; `reached_at` is where the service was reached. Raises SavedQuestionNotFound."""
        saved, findings = self.findings(key)
        base = self.public_url or reached_at
        return atom_feed(saved, findings, base, f"{base}/api/questions/{key}/feed.atom")

    def check_draft(self, text: str) -> list[Checked]:
        """Each sentence of a draft and what the archive says of it. Raises WrongUse."""
        with self._one_draft:
            return self._checker.check(text)
