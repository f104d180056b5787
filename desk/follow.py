"""Every new article is tried against the saved questions, once, when it can be searched."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from desk.stories import is_told, same_story
from index.engine import Engine
from index.find.keyword import KeywordIndex
from index.passage import FoundPassage, found_passage
from index.understand.question import UnderstoodQuestion
from index.understand.worth import coverage
from newsdesk.catalogue.leases import Process
from newsdesk.errors import QuestionError
from newsdesk.saved import Found, NewPassages, SavedQuestion
from newsdesk.types import Answer, Question

logger = logging.getLogger("newsdesk.desk")

SURE = 0.6
"""An article answers a saved question when its confidence, read alone, is at least this (docs/why.md)."""
HOLDS = 0.7
"""It is read only when one of its passages holds so much of the question's weighted words."""

_WORK = "saved questions"
_AT_ONCE = 200  # passages read from the catalogue at a time: some 15 articles


@dataclass(frozen=True, slots=True)
class _Asked:
    saved: SavedQuestion
    understood: UnderstoodQuestion


class Follower:
    """Tries new articles. One at a time works; how far it came is in the catalogue, with what it found."""

    def __init__(self, engine: Engine, keyword: KeywordIndex, sure: float = SURE, holds: float = HOLDS) -> None:
        self._engine = engine
        self._catalogue = engine.catalogue
        self._keyword = keyword
        self._sure, self._holds = sure, holds

    def catch_up(self, keep_going: Callable[[], bool] = lambda: True) -> int:
        """Tries what came since the last time; how many findings were kept.

        Whatever stops it, the next time goes on behind the last article whose findings were kept. Raises DataFolderError
        and its kinds.
        """
        store, leases = self._catalogue.saved, self._catalogue.leases
        newest = store.newest()
        every = store.every()
        if not every or not store.untried(newest, 1) or not self._keyword.catch_up(keep_going):
            return 0
        if not leases.take(_WORK, Process.current()):
            return 0  # another service on the same catalogue is at it
        try:
            return self._try(self._asked(every), newest, keep_going)
        finally:
            leases.give_back(_WORK, Process.current())

    def _try(self, asked: Sequence[_Asked], newest: int, keep_going: Callable[[], bool]) -> int:
        store, count = self._catalogue.saved, 0
        while keep_going() and (new := store.untried(newest, _AT_ONCE)):
            self._catalogue.leases.take(_WORK, Process.current())  # and so is nobody else, however long it takes
            for article in new:
                if not keep_going():
                    return count
                found = self._found(asked, article)
                if found:
                    store.keep(found, article.numbers[-1])
                    count += len(found)
            store.keep((), new[-1].numbers[-1])
        return count

    def _asked(self, every: Sequence[SavedQuestion]) -> list[_Asked]:
        """The saved questions as they are understood today: an archive that grew knows more names."""
        asked = []
        for saved in every:
            try:
                asked.append(_Asked(saved, self._engine.as_fact(Question(saved.question))))
            except QuestionError as error:
                logger.warning("The saved question %s cannot be asked: %s", saved.key, error)
        return asked

    def _found(self, asked: Sequence[_Asked], article: NewPassages) -> list[Found]:
        stored = self._catalogue.passages(article.numbers)
        passages = {number: found_passage(stored[number], 1.0) for number in article.numbers if number in stored}
        found = []
        for each in asked:
            new = [passage for number, passage in passages.items() if number > each.saved.since]
            answer = self._answer(each.understood, new)
            if answer is not None and not self._is_old(each.saved, answer):
                found.append(_finding(each.saved, answer))
        return found

    def _answer(self, asked: UnderstoodQuestion, passages: Sequence[FoundPassage]) -> Answer | None:
        """What the passages answer; None when that is not sure enough."""
        holding = max((coverage(asked.worth, each.terms.with_title) for each in passages), default=0.0)
        if holding < self._holds:
            return None
        answer = self._engine.told_by(asked, passages)
        return answer if answer.answerable and answer.confidence >= self._sure else None

    def _is_old(self, saved: SavedQuestion, answer: Answer) -> bool:
        cited = answer.citations[0]
        story = same_story(self._catalogue, cited)
        return is_told(self._catalogue, saved, cited.article_id, sorted(story))


def _finding(saved: SavedQuestion, answer: Answer) -> Found:
    cited = answer.citations[0]
    return Found(
        saved=saved.key,
        article_id=cited.article_id,
        paragraph=cited.paragraph,
        start=cited.start,
        end=cited.end,
        quote=cited.quote,
        short_answer=answer.short_answer or "",
        confidence=answer.confidence,
    )
