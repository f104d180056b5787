"""The answer to a comparison: each side's value with its own quote, and what comes of the two."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from index.answer.kinds.joined import evidence_of, joined, notes_of, timings_of
from index.text.quantities import figures, in_base
from index.text.terms import query_terms, terms
from index.understand.comparison import Asks, Comparison
from newsdesk.types import CANNOT_ANSWER, Answer, Citation, Note, Question

_YEAR = re.compile(r"\b(1[0-9]\d\d|20\d\d)\b")
_MEASURED_IN = (
    (re.compile(r"^How old\b"), frozenset(("month",))),
    (re.compile(r"^How long\b"), frozenset(("m", "second", "month"))),
    (re.compile(r"^How (?:high|tall|deep|wide|far) is\b"), frozenset(("m",))),
    (re.compile(r"^How (?:heavy is\b|much does .+ weigh)"), frozenset(("kg",))),
    (re.compile(r"^How fast\b"), frozenset(("m/",))),
    (re.compile(r"^(?:How much .+ cost|What is the price)\b"), frozenset(("$", "€", "£", ""))),
)
"""Units, in their base, of what a question asks for; what is counted by "how many" has none."""
_OLDEST = 120
"""Years of somebody whose age is given as a number alone: "Ann Lode, 61"."""
_DAY = "day"
"""What days are measured in; a year stands for its first day."""


@dataclass(frozen=True, slots=True)
class _Value:
    amount: float
    unit: str
    said: str
    of_year: bool = False


def compared(question: Question, comparison: Comparison, ask: Callable[[str], Answer]) -> Answer:
    """What comes of the comparison; `ask` answers a question that asks one thing.

    Where one of the values is missing, the question is asked as it is: somebody may have
    compared them in print. An answer that speaks of one side alone is none, and a note says which value is missing.
    """
    missing: list[str] = []
    """What is not told, in front what would have been enough."""
    for form in comparison.forms:
        answers: list[Answer] = []
        for side, other in (comparison.sides, comparison.sides[::-1]):
            asked = form.format(side)
            answer = ask(asked)
            if _value(answer, form) is None or not _is_about(answer, side, other):
                missing.insert(0 if answers else len(missing), asked)
                break
            answers.append(answer)
        if len(answers) == 2 and (both := _both(question, comparison, form, answers)):
            return both
    return _as_it_is(ask(question.text), comparison, missing)


def _both(question: Question, comparison: Comparison, form: str, answers: Sequence[Answer]) -> Answer | None:
    """The answer from both values, compared where they are of one measure; None when one value was taken for both."""
    one, two = (_value(answer, form) for answer in answers)
    if one is None or two is None or (one == two and _place(answers[0]) == _place(answers[1])):
        return None
    short, told = _result(comparison, form, one, two) if one.unit == two.unit else (None, _incomparable(one, two))
    text, citations = joined([replace(answer, citations=_cited(answer), text=_text(answer)) for answer in answers])
    return Answer(
        question=question.text,
        standalone_question=question.text,
        answerable=True,
        text=text,
        short_answer=short,
        confidence=min(answer.confidence for answer in answers),
        citations=citations,
        evidence=evidence_of(answers, citations, question.top_k),
        notes=(Note("compared", told), *notes_of(answers)),
        timings_ms=timings_of(answers),
    )


def _as_it_is(answer: Answer, comparison: Comparison, missing: Sequence[str]) -> Answer:
    """The answer of the archive's own comparison; refused when it is none."""
    told = " ".join(cited.quote for cited in answer.citations)
    first, second = comparison.sides
    if answer.answerable and _names(told, first, second) and _names(told, second, first):
        return answer
    note = Note("part_not_told", f"The archive does not say: {missing[0]}") if missing else None
    return replace(
        answer,
        answerable=False,
        text=CANNOT_ANSWER,
        short_answer=None,
        when=None,
        citations=(),
        notes=(*([note] if note else []), *answer.notes),
    )


def _value(answer: Answer, form: str) -> _Value | None:
    """The value that the answer gives: a day where one is asked for, else a figure with its unit."""
    said = answer.short_answer
    if not answer.answerable or not said:
        return None
    year = _YEAR.search(said)
    if form.startswith("When"):
        if answer.when is not None:
            return _Value(answer.when.start.toordinal(), _DAY, said, answer.when.start != answer.when.end)
        return _Value(date(int(year[0]), 1, 1).toordinal(), _DAY, said, True) if year else None
    quote = _cited(answer)[-1].quote
    begin = quote.find(said)
    found = [each for each in figures(quote) if begin <= each.start < begin + len(said)] if begin >= 0 else []
    figure = next(iter([each for each in found or figures(said) if each.unit] or found), None)
    if figure is None:
        return None
    amount, unit = in_base(figure)
    if form.startswith("How old") and not unit and amount <= _OLDEST:
        amount, unit = 12 * amount, "month"
    units = next((units for pattern, units in _MEASURED_IN if pattern.match(form)), None)
    return _Value(amount, unit, said) if units is None or unit in units else None


def _cited(answer: Answer) -> tuple[Citation, ...]:
    """The citations up to the first that has the short answer; the first alone when none has."""
    short = answer.short_answer or ""
    holding = next((number for number, cited in enumerate(answer.citations) if short in cited.quote), 0)
    return answer.citations[: holding + 1]


def _is_about(answer: Answer, side: str, other: str) -> bool:
    """Whether what is cited first names this side: of "in March" and "in June" by the month, or by the day of the article."""
    cited = _cited(answer)[-1]
    around = " ".join(f"{item.title} {item.text}" for item in answer.evidence if item.article_id == cited.article_id)
    if re.match(r"(?:in|on|at) ", side) and _YEAR.search(side):  # a time
        months = [term for term in query_terms(side) if term not in terms(other) and not term.isdigit()]
        around = (
            cited.quote
            if months and any(term in terms(cited.quote) for term in (*months, *query_terms(other)))
            else around
        )
        around = f"{around} {cited.published.year if cited.published else ''}"
    return _names(around, side, other)


def _names(text: str, side: str, other: str) -> bool:
    """Whether the text has every word that tells this side from the other."""
    own = [term for term in query_terms(side) if term not in terms(other)]
    return set(own) <= set(terms(text))


def _result(comparison: Comparison, form: str, one: _Value, two: _Value) -> tuple[str, str]:
    """In short, and as a note."""
    first, second = comparison.sides
    if comparison.asks is Asks.TREND:
        short = "unchanged" if one.amount == two.amount else "fell" if two.amount < one.amount else "rose"
        return short, f"It {'was ' if short == 'unchanged' else ''}{short}: {one.said} {first}, {two.said} {second}."
    values = f"{first[:1].upper()}{first[1:]}: {one.said}; {second}: {two.said}"
    if comparison.asks is Asks.BY_HOW_MUCH:
        difference = _difference(one, two)
        return difference, f"The difference is {difference}. {values}."
    if one.amount == two.amount:
        return "the same", f"Both are the same. {values}."
    wants_more = comparison.more != comparison.is_inverse(form)
    first_is = (one.amount > two.amount) == wants_more
    if comparison.asks is Asks.WHETHER:
        return "Yes" if first_is else "No", f"{'Yes' if first_is else 'No'}. {values}."
    winner = first if first_is else second
    return winner, f"{comparison.word.strip().capitalize()}: {winner}. {values}."


def _incomparable(one: _Value, two: _Value) -> str:
    return f"{one.said} and {two.said} are no figures of one measure, and were not compared."


def _difference(one: _Value, two: _Value) -> str:
    amount = round(abs(one.amount - two.amount), 6)
    if one.unit == _DAY:
        return f"{round(amount / 365.25)} years" if one.of_year or two.of_year else f"{amount:g} days"
    if one.unit in ("$", "€", "£"):
        return f"{one.unit}{amount:,g}"
    if one.unit == "month" and amount % 12 == 0:
        return f"{amount / 12:g} years"
    return f"{amount:,g} {'percentage points' if one.unit == '%' else one.unit}".strip()


def _place(answer: Answer) -> tuple[str, int, int, int]:
    cited = _cited(answer)[-1]
    return cited.article_id, cited.paragraph, cited.start, cited.end


def _text(answer: Answer) -> str:
    return " ".join(f"{cited.shown} [{cited.marker}]" for cited in _cited(answer))
