"""A question as the engine understands it: standing alone, of which days, for a fact or for a list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from index.find.dense import DenseSearch
from index.find.keyword import KeywordIndex
from index.text.names import names_of, without_possessive
from index.text.terms import terms
from index.understand.bylines import Named, names_of_makers, same_name
from index.understand.conversation import Standalone, standalone, written_out
from index.understand.days.window import TimeWindow, time_window
from index.understand.list_form import SurveyKind, survey_kind, survey_subject
from index.understand.list_head import packaged_head
from index.understand.quotation import without_quotations, words_asked_about
from index.understand.spelling import Names, Respelt, other_spellings, with_variants
from index.understand.worth import term_worth
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.errors import QuestionError
from newsdesk.types import MAX_QUESTION, Filters, Question
from newsdesk.wording.dateline import CALENDAR

STALE_AFTER = timedelta(30)
"""An archive whose newest article is older than this is asked as of that article's day: its "last week" is not ours."""


_AHEAD = timedelta(730)
"""Days to come that a question may name: what newspapers announce."""


@dataclass(frozen=True, slots=True)
class UnderstoodQuestion:
    """A question with what is known of what it asks for."""

    as_put: str
    """As the user put it."""
    text: str
    """As it stands alone."""
    alone: Standalone
    """What is searched for: of a list, its subject."""
    worth: dict[str, float]
    """What each of its terms counts."""
    window: TimeWindow | None
    list_of: SurveyKind | None
    """None when it asks for a fact."""
    unknown: tuple[str, ...]
    """Names that stand nowhere in the archive."""
    day: date
    """On which it is asked: "last week" is counted from it."""
    outlets: tuple[str, ...] = ()
    """Whose articles alone are asked about; empty for all."""
    authors: tuple[str, ...] = ()
    """The same of authors."""
    days: TimeWindow | None = None
    """The days that it names and is about, to come as well; "lately" names none."""
    words: str | None = None
    """Somebody's words, where the question asks who said them."""
    as_fact: UnderstoodQuestion | None = None
    """Of what was learnt to be a question for a list: what it asks for when nothing can be listed."""

    @property
    def names_days(self) -> bool:
        """Whether it names days that it is about; "lately" names none."""
        return self.window is not None and not self.window.is_deictic


class Understanding:
    """Understands questions about one archive, which knows what words and days there are."""

    def __init__(
        self, catalogue: Catalogue, keyword: KeywordIndex, dense: DenseSearch, aliases: Sequence[Names] = ()
    ) -> None:
        """`aliases` are other spellings of names (index.understand.spelling)."""
        self._catalogue = catalogue
        self._keyword = keyword
        self._dense = dense
        self._aliases = aliases

    def of(self, question: Question, *, as_fact: bool = False) -> UnderstoodQuestion:
        """What the question asks for, `as_fact` whatever its form. Raises QuestionError for a text that cannot be asked."""
        check(question.text)
        maker, outlets, authors = (None, (), ()) if question.filters.sources else self._maker(question.text)
        said = question.text if maker is None else maker.rest
        day = self.asked_on(question)
        alone = _alone(said, question)
        window = time_window(alone.text, day)  # not of what is searched: an earlier answer's day is not asked about
        words = words_asked_about(said)
        fact = UnderstoodQuestion(
            as_put=said,
            text=alone.text if maker is None else question.text,
            alone=alone,
            worth=self.worth(alone),
            window=window,
            days=named_days(alone.text, window, day),
            list_of=None,
            unknown=tuple(self._unknown_names(without_quotations(said) if words else said)),
            day=day,
            outlets=outlets,
            authors=authors,
            words=words,
        )
        if as_fact:
            return fact
        kind = SurveyKind.EVENTS if maker and maker.writes else survey_kind(said, window)
        learnt = kind is None and maker is None and words is None and self._is_like_a_list(alone, said, window)
        filters = replace(question.filters, sources=outlets) if outlets else question.filters
        if not (kind or learnt) or (window and not self._catalogue.leads(within(filters, window), 1)):
            return fact  # of days of which nothing was printed, what was printed later may tell
        subject = _alone(survey_subject(said, window), question)
        return replace(
            fact, alone=subject, worth=self.worth(subject), list_of=kind or SurveyKind.EVENTS,
            as_fact=fact if learnt else None,
        )  # fmt: skip

    def _maker(self, text: str) -> tuple[Named | None, tuple[str, ...], tuple[str, ...]]:
        """The outlet or author that the question names, if the archive has one of that name, with all who bear it."""
        candidates = names_of_makers(text)
        known = self._catalogue.outlets() if candidates else []
        if len(_outlets_in(text, known)) > 1:
            return None, (), ()  # two outlets are compared
        for named in candidates:
            outlets = tuple(outlet for outlet in known if same_name(outlet, named.name))
            authors = tuple(self._catalogue.authors_named(named.name)) if named.may_be_author and not outlets else ()
            if outlets or authors:
                return named, outlets, authors
        return None, (), ()

    def _is_like_a_list(self, alone: Standalone, text: str, window: TimeWindow | None) -> bool:
        """Whether a question that has no list's form asks for one as far as was learnt; never without its vector."""
        head = packaged_head()
        if alone.text != text or self._dense.model_key != head.model:
            return False
        vector = self._dense.encode_question(alone.searched)
        return vector is not None and head.asks_for_list(text, vector, dated=window is not None)

    def search_terms(self, alone: Standalone) -> dict[str, float]:
        """The terms to search for with what each counts, those of other spellings included."""
        return with_variants(alone.weights, alone.searched, self._aliases, self._keyword.holds)

    def respelt(self, alone: Standalone) -> list[Respelt]:
        """How else what is asked for is spelt."""
        return other_spellings(alone.weights, alone.searched, self._aliases, self._keyword.holds)

    def worth(self, alone: Standalone) -> dict[str, float]:
        """What each term counts in this archive."""
        return term_worth(self._keyword, alone)

    def asked_on(self, question: Question) -> date:
        """The day that "last week" is counted from: the question's, today, or in an archive that has come to its end its last."""
        if question.as_of:
            return question.as_of
        newest, today = self._catalogue.newest_day(), date.today()
        return newest if newest and today - newest > STALE_AFTER else today

    def _unknown_names(self, text: str) -> list[str]:
        """Names of the question that stand nowhere in the archive, in no spelling; days, numbers and years are none."""
        unknown = []
        for name in map(without_possessive, names_of(text)):
            if name[0].isdigit() or name in CALENDAR:
                continue
            weights = with_variants(dict.fromkeys(terms(name), 1.0), name, self._aliases, self._keyword.holds)
            if not any(self._keyword.holds(term, near=True) for term in weights):
                unknown.append(name)
        return unknown


def _alone(text: str, question: Question) -> Standalone:
    """What of a question is searched, as it stands alone after the conversation."""
    return (written_out if question.written_out else standalone)(text, question.history)


def named_days(text: str, window: TimeWindow | None, day: date) -> TimeWindow | None:
    """The days that a question asked on `day` names: its window, or days to come that it names with their year."""
    if window is None:
        ahead = time_window(text, day + _AHEAD) if day < date.max - _AHEAD else None
        return ahead if ahead and not ahead.is_deictic and re.search(r"\d{4}", ahead.text) else None
    return None if window.is_deictic else window


def _outlets_in(text: str, known: Sequence[str]) -> set[str]:
    """The outlets that a text names, each once: of "New York Times" neither "Times" nor "The Times" is another."""
    names = {outlet.casefold().removeprefix("the ") for outlet in known}
    named = {name for name in names if re.search(rf"\b{re.escape(name)}\b", text.casefold())}
    return {name for name in named if not any(name != other and name in other for other in named)}


def within(filters: Filters, window: TimeWindow) -> Filters:
    """The filters narrowed to the days of the window; of a day or two, also to the day after, when it is printed."""
    last = window.last
    if window.last - window.first <= timedelta(1) and last < date.max:
        last += timedelta(1)
    return replace(
        filters,
        published_from=max(filter(None, (filters.published_from, window.first))),
        published_to=min(filter(None, (filters.published_to, last))),
    )


def check(text: str) -> None:
    """Raises QuestionError for a text that cannot be asked."""
    if not text.strip():
        raise QuestionError("The question is empty. Ask something, such as: Who conducted the joint strike on al-Bab?")
    _check_length(text, "The question")


def check_searched(text: str) -> None:
    """Raises QuestionError for a text that cannot be searched for."""
    if not text.strip():
        raise QuestionError("Nothing was given to search for. Give a word or more, such as: joint strike al-Bab")
    _check_length(text, "What is searched for")


def _check_length(text: str, name: str) -> None:
    if len(text) > MAX_QUESTION:
        raise QuestionError(f"{name} has {len(text):,} characters, {MAX_QUESTION:,} are the most. Shorten it.")
