"""Answers of a few words: the spans that the reader found, and what else speaks for each.

Agreement counts: the same answer in stories of their own is likelier right than one mention. Copies of one story count
once, however many there are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace

from index.answer.of_type import counts_dead, is_only_a_time, offers
from index.order.by_reading import bounded
from index.order.newness import newness_of
from index.passage import FoundPassage, same_story
from index.read.fit import ChoiceFit
from index.text.odds import probability
from index.text.places import located
from index.text.quantities import Figure, figures, same_measure
from index.understand.answer_type import POSTS, AnswerType, asks_for_dead
from newsdesk.types import Evidence, Span
from newsdesk.wording.dateline import CALENDAR
from newsdesk.wording.sentences import CAPITALS

MOST_AGREEING = 3
"""Mentions that count: three stories of their own are as good as ten."""

# How what speaks for a span is weighed lies beside the reader (index.read.fit), learnt by `newsdesk eval fit` (docs/why.md).
_UNIT_WITHIN = 3  # words after a figure in which what it counts may stand: "14 elderly people died"
_NO_PART = re.compile(
    r"^(?:[\s,;:.!?“”\"'‘’()\[\]–—]|-(?![\d$€£]))+|(?:[\s,;:!?“”\"'‘’()\[\]–—-]|(?<![A-Z])\.)+$"  # "U.S." keeps its full stop
)
_BEGINS_AS_PLACE = re.compile(
    r"(?:(?i:in|at|on|near|outside|inside|off|the|an?|around|just|about|\d[^\s-]*|km|kilomet\w+|miles?|north|south|east|west|\w+ern|of|from|to|"
    rf"town|city|village|state|province|island|port|district|region|country|capital)[ -])*[{CAPITALS}]"
)
_OPENS = {")": "(", "]": "[", "”": "“"}
_NAME = rf"([{CAPITALS}][\w’'-]*[a-zß-ÿ])"
_MORE_OF_NAME = re.compile(rf" {_NAME}(?![’']s?\b)")
_BEGIN_OF_NAME = re.compile(rf"(?<![\w’'-]){_NAME} $")
_IN_QUESTION = re.compile(r"[^.!?\n]*\?")  # from the span to the end of its sentence: what is asked answers nothing
_BEGINS = re.compile(r"(?:^|[.!?\n]|[.!?]”)[\s“\"‘(]*$")  # where a sentence begins
_ARTICLES = frozenset(("the", "a", "an"))
_SIGNS = frozenset("$€£%")
_SIGN_WORDS = frozenset(
    ("dollar", "dollars", "euro", "euros", "pound", "pounds", "percent")
)  # said by the sign already


@dataclass(frozen=True, slots=True)
class AnswerSpan:
    """A few words that may be the answer."""

    passage: FoundPassage
    span: Span
    text: str
    read: float
    """Log-odds against "no answer here", by the reader."""
    found: float
    """The passage's score against the best one's, 0..1."""
    of_type: float
    """How plainly it is the type of thing asked for: 0, 0.5 or 1."""
    newness: float
    """1 for the newest article read, less for older ones."""
    score: float = 0.0
    """All of it together, as log-odds of a scale of its own."""

    @property
    def evidence(self) -> Evidence:
        """Its passage, as an answer shows it."""
        return self.passage.evidence


@dataclass(frozen=True, slots=True)
class FoundAnswer:
    """One answer, however often it was found."""

    spans: tuple[AnswerSpan, ...]
    """Its mentions, best first, one a story."""
    score: float
    """Of the best mention, with what the others add."""

    @property
    def best(self) -> AnswerSpan:
        """The mention that is shown."""
        return self.spans[0]

    @property
    def agreement(self) -> float:
        """What other stories add, in mentions that the reader is sure of."""
        sure = (probability(each.read) for each in self.spans[1:])
        return sum(sorted(sure, reverse=True)[:MOST_AGREEING])


def found_answers(spans: Sequence[AnswerSpan], agreement: float) -> list[FoundAnswer]:
    """The different answers among the spans, best first.

    `agreement` is what a mention of the same answer in another story adds to its score, times the reader's probability of
    that mention (index.read.fit.ChoiceFit).
    """
    groups: list[tuple[frozenset[str], Figure | None, list[AnswerSpan]]] = []
    for span in sorted(spans, key=lambda each: -each.score):
        words, figure = answer_words(span.text), _only_figure(span.text)
        group = next(
            (
                group
                for said, other, group in groups
                if same_answer(words, said) or (figure and other and _in_other_units(figure, other))
            ),
            None,
        )
        if group is None:
            groups.append((words, figure, [span]))
        elif not any(same_story(span.passage, other.passage) for other in group):
            group.append(span)
    answers = [FoundAnswer(tuple(group), 0.0) for _, _, group in groups]
    answers = [replace(each, score=each.best.score + agreement * each.agreement) for each in answers]
    return sorted(answers, key=lambda each: -each.score)


def answer_spans(question: str, kind: AnswerType, passages: Sequence[FoundPassage], fit: ChoiceFit) -> list[AnswerSpan]:
    """Every span that was read in the passages and stands in one paragraph, in the order of the passages.

    What was not read has no say: neither a span, nor in which of the articles is the newest.
    """
    read = [passage for passage in passages if passage.reading]
    newness = newness_of(passage.evidence for passage in read)
    best = max((passage.found for passage in read), default=0.0) or 1.0
    found = []
    for passage in read:
        item = passage.evidence
        for span in passage.reading.spans if passage.reading else ():
            start, end = _trimmed(item.text, span.start, span.end)
            if kind is AnswerType.PERSON:
                start, end = _whole_name(item.text, start, end)
            place = located(item, start, end) if start < end else None
            if place is None or _IN_QUESTION.match(item.text, end):
                continue
            text = item.text[start:end]
            if kind in (AnswerType.PERSON, AnswerType.PLACE) and is_only_a_time(text):
                continue
            measured = AnswerSpan(
                passage=passage,
                span=place,
                text=text,
                read=span.score,
                found=passage.found / best,
                of_type=_of_type(kind, item.text, start, end, question),
                newness=newness[item.article_id],
            )
            found.append(measured)
    weights = astuple(fit)
    return [replace(span, score=_score(span, weights)) for span in found]


def choice_measures(span: AnswerSpan, agreement: float = 0.0) -> tuple[float, ...]:
    """What speaks for a span as the answer, in the order of the weights of a `ChoiceFit`; its score is their weighted sum.

    `agreement` is that of the answer which it is a mention of.
    """
    read = bounded(span.read)
    return read, span.found, span.of_type, span.newness, agreement


def _score(span: AnswerSpan, weights: Sequence[float]) -> float:
    return sum(weight * measure for weight, measure in zip(weights, choice_measures(span), strict=True))


def _of_type(kind: AnswerType, text: str, start: int, end: int, question: str) -> float:
    """As `offers`, of a span: its first word may be a name though nothing of the span stands before it.

    Where a sentence begins with it, it is a name when it stands with a capital elsewhere in the passage.
    """
    span = text[start:end]
    value = offers(kind, f"{'in' if kind is AnswerType.PLACE else 'is'} {span}", question)
    if kind is AnswerType.PLACE and not _BEGINS_AS_PLACE.match(span):  # "harbour master of Hallowby"
        return 0.5 * value
    if kind is AnswerType.NUMBER and value and asks_for_dead(question):
        return 1.0 if counts_dead(text[:start], text[end:]) else 0.5
    if kind is AnswerType.NUMBER and value:
        behind = re.split(r"[.;!?\n]", text[end:])[0].split()[:_UNIT_WITHIN]
        return offers(kind, " ".join([span, *behind]), question)
    if value == offers(kind, span, question) or not _BEGINS.search(text, 0, start):
        return value
    first = re.escape(span.split()[0])
    return value if re.search(rf"[\w,;:] {first}\b", text) else 0.5 * value


def answer_words(text: str) -> frozenset[str]:
    """What of an answer counts when it is compared: words without accents, articles, case and punctuation; figures as numbers.

    "£2bn" is {"2000000000", "£"}, "twelve ships" {"12", "ships"}.
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    words, end = [], 0
    for figure in figures(plain):
        words += re.findall(r"\w+", plain[end : figure.start])
        words.append(f"{figure.value:.10g}")
        words += [figure.unit] * (figure.unit in _SIGNS or figure.unit == "lb")
        end = figure.end
    words += [word for word in re.findall(r"\w+", plain[end:]) if word not in _SIGN_WORDS]
    return frozenset(words) - _ARTICLES


def same_answer(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether one says what the other says, perhaps with more words: "Boris Johnson", "Prime Minister Boris Johnson"."""
    return bool(one) and bool(other) and (one <= other or other <= one)


def _only_figure(text: str) -> Figure | None:
    """The figure of a text that gives one alone."""
    given = list(figures(text))
    return given[0] if len(given) == 1 else None


def _in_other_units(one: Figure, other: Figure) -> bool:
    """Whether both say the same in two units: "90 minutes" and "1.5 hours"."""
    return one.unit != other.unit and same_measure(one, other)


def _whole_name(text: str, start: int, end: int) -> tuple[int, int]:
    """A person's name with the rest of it, where the span is only a part: "Edmund" of "Edmund Prior", "Prior" too."""
    if not text[start:end].split(" ")[-1][:1].isupper():
        return start, end
    behind = _MORE_OF_NAME.match(text, end)
    if behind and behind[1] not in CALENDAR:
        end = behind.end()
    before = _BEGIN_OF_NAME.search(text, 0, start)
    if (
        before
        and " " not in text[start:end]
        and before[1].casefold() not in POSTS
        and not _BEGINS.search(text, 0, before.start())
    ):
        start = before.start(1)
    return start, end


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without punctuation around it; a bracket or quotation mark that closes one within stays, as a minus does."""
    inner = text[start:end]
    kept = _NO_PART.sub("", inner)
    begin = inner.find(kept) if kept else len(inner)
    stop = begin + len(kept)
    if kept and stop < len(inner) and kept.count(_OPENS.get(inner[stop], "\0")) > kept.count(inner[stop]):
        stop += 1
    return start + begin, start + stop
