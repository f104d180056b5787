"""Questions that an archive is known to answer, made of its own newest articles: what a reader may begin with.

A sentence becomes a question by leaving out what it begins with: "38 families were evacuated from Lower Tarrick" asks
"How many families were evacuated from Lower Tarrick?", "Marta Lind resigned as ..." asks "Who resigned as ...?", and of
somebody's words it is asked who said them. No language model is needed, because the engine is asked each of them and
only those are kept that it answers with high confidence from that very article, with that very beginning.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from index.engine import Engine
from index.text.terms import is_stop_word, terms
from newsdesk.catalogue.changes import START, Position
from newsdesk.errors import ArticleNotFound, QuestionError
from newsdesk.types import Article, Filters, Question

SHOWN = 4
TRIED = 60
"""Questions that the engine is asked at most: 60 take some ten seconds, once for a state of the archive."""
NEWEST = 120
"""Articles that are looked at, the newest."""
SURE = 0.85
"""Confidence from which the page says "high"."""
QUIET = 600.0
"""Seconds between two makings while articles come in: examples may be that old, but lead to no article that has left."""

_FIRST_PARAGRAPHS = 4
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9“\"])")
_LEAST, _MOST = 4, 14  # words of what is asked
_NAME = r"[A-Z][\w’'-]+"
_PERSON = re.compile(
    rf"((?:{_NAME} ){{0,3}}{_NAME} {_NAME}) ((?:(?:was|is) [a-z]+(?:ed|en|ing)|has|had|will|[a-z]+ed) (?!not ).+)"
)
_MANY = re.compile(
    r"(?:(?:About|Around|At least|More than|Nearly|Almost|Some|Up to|Over) )?"
    r"(\d+(?:,\d{3})*|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten|Eleven|Twelve|Dozens|Hundreds|Thousands)"
    r"((?: (?!the |and |of |a |an )[a-z-]+){1,3} (?:were|have|had|are|will|died|[a-z]+ed) .+)"
)
_SAID = re.compile(rf"[“\"]([^”\"]{{20,110}}?)[,.]?[”\"],? (?:said|says) ((?:[\w’'-]+ ){{0,6}}?{_NAME} {_NAME})\b.*")
_LEANS = re.compile(
    r"\b(?:he|she|it|they|him|her|his|its|their|them|this|that|these|those|here|yesterday|today|tomorrow|tonight|ago|last|next|"
    r"(?:him|her|it|them)sel(?:f|ves)|earlier|later|also|however|same|i|we|you|our|my|us|there|such|both|said|who|which)\b|[“”\"()]|\bon \w+day\b",
    re.IGNORECASE,
)
"""Words that lean on what stands around the sentence: a question with one would not stand alone."""
_ABBREVIATED = re.compile(r"^(?:[A-Z][a-z]{0,2}|[a-z]{1,2}|\d{1,2})$|\.")
"""The sentence may have been cut behind a title: "a claim made by Rep."."""
_CLAUSE = re.compile(r"[,;:–—]| - | (?:after|while|because|but|as|and said|saying|when|since|before|amid|despite) ")
_NO_UNIT = re.compile(
    r" (?:per cent|percent|million|billion|thousand|hundred|years?|days?|months?|weeks?|hours?|minutes?)\b"
)


@dataclass(frozen=True, slots=True)
class _Candidate:
    question: str
    expected: str
    """What the sentence begins with, which the answer has to hold."""
    article: Article


class Starters:
    """The questions of an archive as it is now. Safe to use from many threads; one makes them."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._clock = clock
        self._made_at: Position | None = None
        self._made = -QUIET
        self._questions: tuple[_Candidate, ...] = ()

    def questions(self) -> tuple[str, ...]:
        """What is offered now: none that stands on an article which has left."""
        return tuple(each.question for each in self._questions if self._is_there(each.article))

    def make(self, stop: threading.Event) -> None:
        """Makes the questions anew if the archive has changed since, and not again within QUIET seconds."""
        last = self._engine.catalogue.changes.last(("text", "gone"))
        if last in (START, self._made_at) or (self._questions and self._clock() - self._made < QUIET):
            return
        kept: list[_Candidate] = []
        # Who said what comes last: four of that kind would say little about what can be asked.
        candidates = chain(self._candidates(questions_of), self._candidates(quotations_of))
        for number, candidate in enumerate(candidates):
            if stop.is_set():
                return
            if number >= TRIED or len(kept) >= SHOWN:
                break
            if candidate.question not in {each.question for each in kept} and self._is_answered(candidate):
                kept.append(candidate)
        self._questions, self._made_at, self._made = tuple(kept), last, self._clock()

    def _candidates(self, make: Callable[[Article], Iterator[_Candidate]]) -> Iterator[_Candidate]:
        """One question of an article, those of different outlets in turn, the newest first."""
        catalogue = self._engine.catalogue
        by_outlet: dict[str, list[Article]] = {}
        for head in catalogue.articles(Filters(), NEWEST, 0)[1]:
            by_outlet.setdefault(head.source, []).append(head)
        while by_outlet:
            for outlet in list(by_outlet):
                head = by_outlet[outlet].pop(0)
                if not by_outlet[outlet]:
                    del by_outlet[outlet]
                try:
                    article = catalogue.article(head.id)
                except ArticleNotFound:
                    continue
                yield from islice(make(article), 1)

    def _is_answered(self, candidate: _Candidate) -> bool:
        """Whether the engine answers it surely, from this article or a copy of it, with what the sentence begins with."""
        try:
            answer = self._engine.ask(Question(candidate.question, mode="extractive"))
        except QuestionError:
            return False
        if not answer.answerable or answer.confidence < SURE or not answer.citations:
            return False
        cited = answer.citations[0]
        told = {cited.article_id, *(copy.article_id for copy in cited.also_in)}
        asked_for = set(terms(candidate.expected)) & set(terms(answer.short_answer or ""))
        return candidate.article.id in told and candidate.expected in cited.quote and bool(asked_for)

    def _is_there(self, article: Article) -> bool:
        try:
            self._engine.catalogue.revision(article.id)
        except ArticleNotFound:
            return False
        return True


def questions_of(article: Article) -> Iterator[_Candidate]:
    """The questions that the first sentences of an article can be made into."""
    for paragraph in article.paragraphs[:_FIRST_PARAGRAPHS]:
        for sentence in _SENTENCE.split(paragraph):
            made = question_of(sentence.strip())
            if made and (not made[0].startswith("Who") or _is_proper(made[1], article)):
                yield _Candidate(made[0], made[1], article)


def quotations_of(article: Article) -> Iterator[_Candidate]:
    """Who said what an article quotes."""
    for paragraph in article.paragraphs:
        for match in _SAID.finditer(paragraph):
            if _LEAST <= len(match[1].split()) <= _MOST:
                yield _Candidate(f"Who said “{match[1]}”?", match[2].split()[-1], article)


def question_of(sentence: str) -> tuple[str, str] | None:
    """The question that asks for what a sentence begins with, and that beginning; None where none can be made."""
    for form, asks in ((_MANY, "How many"), (_PERSON, "Who")):
        match = form.fullmatch(sentence.rstrip(". "))
        if match is None:
            continue
        rest = _CLAUSE.split(match[2].strip())[0].strip()
        words = rest.split()
        if not _LEAST <= len(words) <= _MOST or _LEANS.search(rest) or _NO_UNIT.search(f" {' '.join(words[:2])}"):
            continue
        if _ABBREVIATED.search(words[-1]) or (asks == "Who" and _is_small_word(match[1].split()[0])):
            continue
        if not any(word[0].isupper() for word in words[1:]):  # nothing that says which matter is meant
            continue
        return f"{asks} {rest}?", match[1]
    return None


def _is_proper(name: str, article: Article) -> bool:
    """Whether no word of the name is an ordinary one in the article: a hurricane, a council or a road is asked "what"."""
    ordinary = set(re.findall(r"\b[a-z][\w’'-]+", " ".join(article.paragraphs)))
    return not any(word.lower() in ordinary for word in name.split())


def _is_small_word(word: str) -> bool:
    """Such as "When", "Though" or "The": what begins so is no person's name."""
    return any(is_stop_word(term) for term in terms(word)) or word.lower() in ("though", "although", "well", "yet")
