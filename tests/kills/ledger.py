"""What may be true of an archive whose writers were killed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ingest.passages import split_passages
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.types import Article, Filters
from tests.support import ENOUGH

State = Article | None
"""What an article is: this, or not there."""
Changes = Mapping[str, State]


class Ledger:
    """Of every article the states it may be in: one after an acknowledgement, more after an interruption."""

    def __init__(self) -> None:
        self.may: dict[str, set[State]] = {}
        self.wanted: dict[str, State] = {}
        """The last thing that was asked for, done or not."""

    def attempt(self, changes: Changes) -> None:
        """This may happen from now on."""
        for id_, state in changes.items():
            self.may.setdefault(id_, {None}).add(state)
            self.wanted[id_] = state

    def acknowledge(self, changes: Changes) -> None:
        """This has happened."""
        for id_, state in changes.items():
            self.may[id_] = {state}

    def present(self) -> list[str]:
        """Articles that are certainly there."""
        return [id_ for id_, states in self.may.items() if None not in states]

    def differences(self, at: Path | str) -> list[str]:
        """Where the catalogue is in a state that it cannot be in.

        What was seen once is as good as acknowledged, so each article has one state afterwards.
        """
        catalogue = Catalogue(at, create=False)
        try:
            stored, double = stored_articles(catalogue)
            passages = catalogue.passages(catalogue.passage_numbers(Filters()))
        finally:
            catalogue.close()
        found = [f"{id_} is stored twice" for id_ in double]
        split: dict[str, list[str]] = {}
        for passage in passages.values():
            split.setdefault(passage.article.id, []).append(passage.id)
        for id_ in sorted(self.may.keys() | stored.keys()):
            state, may = stored.get(id_), self.may.get(id_, {None})
            if state not in may:
                found.append(f"{id_} is {_said(state)}, but was to be {' or '.join(map(_said, may))}")
            if sorted(split.get(id_, [])) != sorted(_passage_ids(state)):
                found.append(f"{id_} has other passages than its text")
            self.may[id_] = {state}
        return found


def stored_articles(catalogue: Catalogue) -> tuple[dict[str, Article], list[str]]:
    """All articles by id, and ids that are there more than once."""
    _, heads = catalogue.articles(Filters(), limit=ENOUGH, offset=0)
    ids = [head.id for head in heads]
    return {id_: catalogue.article(id_) for id_ in ids}, [id_ for id_ in set(ids) if ids.count(id_) > 1]


def _said(state: State) -> str:
    return "absent" if state is None else f"{state.title!r} ending in {state.paragraphs[-1][-60:]!r}"


@cache
def _passage_ids(state: State) -> tuple[str, ...]:
    return tuple(passage.id for passage in split_passages(state)) if state else ()
