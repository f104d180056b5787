"""A draft held against the archive, sentence by sentence: supported, contradicted, or not found.

For each sentence the nearest ones of the archive are found; what they say of the same is compared by code (desk.compare), and the
judge of support reads both. Nothing is written by a model.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from desk.compare import (
    Difference,
    Sentence,
    denial,
    missing_figures,
    missing_names,
    other_day,
    other_figure,
    other_name,
)
from index.answer.draft import starts_with_pronoun
from index.engine import Engine
from index.find.keyword import KeywordIndex
from index.read.judge import Judge, Verdict
from index.text.places import located_sentences
from newsdesk.errors import WrongUse
from newsdesk.types import MAX_QUESTION, Evidence, Filters, Span
from newsdesk.wording.dateline import dateline
from newsdesk.wording.sentences import sentence_spans

Status = Literal["supported", "contradicted", "not found", "not checkable"]

MAX_DRAFT = 20_000
"""Characters of a draft: a newspaper page or two."""

_LEAST_WORDS = 2  # words of meaning below which a sentence says nothing that could be checked
_FOUND = 8  # passages that are looked for with each sentence
_ABOUT = 6  # articles that the whole draft is about, whose passages every sentence is held against
_COMPARED = 4  # sentences of the archive that are compared closely
_EARLIER = 3  # other articles that are named for a sentence

NEAR = 0.4
"""Share of a sentence's weighted words that one of the archive has, with those around it, to be about the same."""
SAME = 0.6
"""The same share from which what differs is a contradiction, and no other thing."""
TOLD = 0.75
"""The same share from which it is told where nothing differs, though the judge is not sure."""
AS_NEAR = 0.2
"""What is nearer by more than this decides alone."""
_ON_SUBJECT = 0.5
"""What an article counts more that every sentence of the draft leads to."""
_NAMES = 0.5
"""What a name counts, which may be the very thing that is wrong, against another word of the same rarity."""
SUPPORTS = 0.5
"""Probability from which the judge's word that the archive supports a sentence counts."""
CONTRADICTS = 0.7
"""The same of a contradiction where code finds nothing that differs."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What the archive says: a sentence at its place."""

    evidence: Evidence
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A sentence of a draft, draft[start:end], and what the archive says of it."""

    text: str
    start: int
    end: int
    status: Status
    differences: tuple[Difference, ...] = ()
    beside: Beside | None = None
    """The sentence of the archive that decided; None when nothing was near."""
    earlier: tuple[Evidence, ...] = ()
    """Passages of other articles about the same, the oldest first."""


class Checker:
    """Holds drafts against one archive."""

    def __init__(self, engine: Engine, keyword: KeywordIndex, judge: Judge | None) -> None:
        """Without a `judge`, what is told in other words is not found as a rule."""
        self._engine = engine
        self._keyword = keyword
        self._judge = judge

    def check(self, draft: str) -> list[Checked]:
        """Each sentence of the draft, in order. Raises WrongUse for a draft that is empty or too long."""
        if not draft.strip():
            raise WrongUse("The draft is empty. Paste a text of at least a sentence.")
        if len(draft) > MAX_DRAFT:
            raise WrongUse(f"The draft has {len(draft):,} characters, {MAX_DRAFT:,} are the most. Check it in parts.")
        if _is_json(draft):
            raise WrongUse("The draft is JSON, not prose. Send the words alone: its field with the text, as it stands.")
        spans = [span for span in sentence_spans(draft) if draft[slice(*span)].strip()]
        texts = [" ".join(draft[start:end].split()) for start, end in spans]
        found = [self._found(texts, place) for place in range(len(texts))]
        about = _articles_of(found)
        shared = [evidence for each in found for evidence in each if evidence.article_id in about]
        return [
            self._checked(texts, place, start, end, [*found[place], *shared], about)
            for place, (start, end) in enumerate(spans)
        ]

    def _found(self, texts: Sequence[str], place: int) -> list[Evidence]:
        """Passages for a sentence on its own, and with the one before it, which often says who is meant."""
        queries = [texts[place]] + ([f"{texts[place - 1]} {texts[place]}"] if place else [])
        return [
            evidence
            for query in queries
            for evidence in self._engine.search(query[:MAX_QUESTION], Filters(), _FOUND)[1]
        ]

    def _checked(
        self,
        texts: Sequence[str],
        place: int,
        start: int,
        end: int,
        passages: Sequence[Evidence],
        about: Mapping[str, float],
    ) -> Checked:
        draft = Sentence(texts[place])
        checked = Checked(texts[place], start, end, "not checkable")
        if len(draft.said.carrying) < _LEAST_WORDS or texts[place].endswith("?"):
            return checked
        context = [Sentence(text) for text in texts[max(0, place - 2) : place]]
        nearest = self._nearest(draft, passages, about)
        earlier = _earlier(nearest)
        nearest = nearest[:_COMPARED]
        if not nearest or nearest[0].share < NEAR:
            return replace(checked, status="not found", earlier=earlier)
        verdicts = self._verdicts(draft, nearest)
        status, differences, decided = _decided(draft, context, list(zip(nearest, verdicts, strict=True)))
        beside = Beside(decided.evidence, decided.span, decided.text) if decided else None
        return replace(checked, status=status, differences=differences, beside=beside, earlier=earlier)

    def _nearest(self, draft: Sentence, passages: Sequence[Evidence], about: Mapping[str, float]) -> list[_Near]:
        """The sentences of the passages, those first that have most of the draft's in common."""
        worth = self._worth(draft)
        near = [
            _near(draft, worth, about, passage, place)
            for passage in {each.passage_id: each for each in passages}.values()
            for place in range(len(located_sentences(passage)))
        ]
        return sorted(near, key=lambda each: -each.score)

    def _worth(self, draft: Sentence) -> Mapping[str, float]:
        stems = [word.stem for word in draft.said.words if word.carries]
        names = {word.stem for word in draft.names}
        rarity = self._keyword.inverse_document_frequency(stems)
        return {stem: (1.0 + rarity[stem]) * (_NAMES if stem in names else 1.0) for stem in stems}

    def _verdicts(self, draft: Sentence, nearest: Sequence[_Near]) -> list[Verdict]:
        if self._judge is None:
            return [Verdict(0.0, 0.0, 1.0)] * len(nearest)
        return self._judge.judge([(draft.text, each.read) for each in nearest])


@dataclass(frozen=True)
class _Near:
    """A sentence of the archive near one of a draft."""

    evidence: Evidence
    span: Span
    text: str
    before: str
    behind: str
    share: float
    """Of the draft's weighted words, how many it has, those right around it counting half."""
    score: float

    @cached_property
    def own(self) -> Sentence:
        """The sentence."""
        return Sentence(self.text)

    @cached_property
    def around(self) -> tuple[Sentence, ...]:
        """It, its neighbours, and its article's headline and day."""
        about = f"{self.evidence.title}. {dateline(self.evidence.published, self.evidence.source)}"
        return (self.own, Sentence(self.before), Sentence(self.behind), Sentence(about))

    @cached_property
    def up_to(self) -> tuple[Sentence, ...]:
        """It, with the one before where it begins with a pronoun; and the headline and day."""
        own = Sentence(f"{self.before} {self.text}") if starts_with_pronoun(self.text) else self.own
        return (own, self.around[3])

    @cached_property
    def everywhere(self) -> tuple[Sentence, ...]:
        """All of its passage."""
        return (*self.around, Sentence(self.evidence.text))

    @property
    def read(self) -> str:
        """What the judge reads."""
        return f"{dateline(self.evidence.published, self.evidence.source)}: {self.before} {self.text} {self.behind}"


def _near(
    draft: Sentence, worth: Mapping[str, float], about: Mapping[str, float], passage: Evidence, place: int
) -> _Near:
    located = located_sentences(passage)
    span, text = located[place]
    before = located[place - 1][1] if place else ""
    behind = located[place + 1][1] if place + 1 < len(located) else ""
    own = _sentence(text).said.stems
    around = _sentence(before).said.stems | _sentence(behind).said.stems | _sentence(passage.title).said.stems
    total = sum(worth.values()) or 1.0
    direct = sum(value for stem, value in worth.items() if stem in own) / total
    wide = sum(value for stem, value in worth.items() if stem in around and stem not in own) / total
    figures = len(draft.figures) - len(missing_figures(draft, [_sentence(text)])) if draft.figures else 0
    share = direct + 0.5 * wide
    score = share + 0.2 * figures + _ON_SUBJECT * about.get(passage.article_id, 0.0)
    return _Near(passage, span, text, before, behind, share, score)


def _sentence(text: str) -> Sentence:
    found = _sentences.get(text)
    if found is None:
        if len(_sentences) > 20_000:
            _sentences.clear()
        found = _sentences[text] = Sentence(text)
    return found


_sentences: dict[str, Sentence] = {}


def _decided(
    draft: Sentence, context: Sequence[Sentence], nearest: Sequence[tuple[_Near, Verdict]]
) -> tuple[Status, tuple[Difference, ...], _Near | None]:
    """Supported by one of the nearest; else contradicted by the nearest that differs; else not found."""
    least = nearest[0][0].score - AS_NEAR
    compared = [
        (near, verdict, _differences(draft, context, near))
        for near, verdict in nearest
        if near.share >= NEAR and near.score >= least
    ]
    for near, verdict, differing in compared:
        if not differing and _is_told(draft, near, verdict):
            return "supported", (), near
    for near, _, differing in compared:
        if differing:
            return "contradicted", tuple(differing), near
    for near, verdict, _ in compared:
        if verdict.contradicts >= CONTRADICTS and near.share >= SAME:
            return "contradicted", (Difference("words", draft.text, near.text),), near
    return "not found", (), compared[0][0] if compared else None


def _is_told(draft: Sentence, near: _Near, verdict: Verdict) -> bool:
    """Whether the archive says it: every figure and name is there, and the words are, or the judge says so."""
    if missing_figures(draft, near.around) or missing_names(draft, near.everywhere):
        return False
    if verdict.supports >= SUPPORTS:
        return True
    return near.share >= TOLD and not missing_names(draft, near.up_to) and verdict.contradicts < CONTRADICTS


def _differences(draft: Sentence, context: Sequence[Sentence], near: _Near) -> list[Difference]:
    """What code finds that the draft says otherwise; the less the two have in common, the less is taken for it."""
    figures = [other_figure(draft, figure, near.own) for figure in missing_figures(draft, near.around)]
    subject = near.up_to[0]
    elsewhere = missing_names(draft, near.everywhere)
    beside = [word for word in missing_names(draft, near.up_to) if word not in elsewhere]
    found = [
        *figures,
        other_day(draft, near.own, near.around),
        other_name(draft, elsewhere, subject, context),
        other_name(draft, beside, subject, context, alike=True),
        denial(draft, near.own),
    ]
    return (
        [each for each in found if each]
        if near.share >= SAME
        else [each for each in figures if each and each.counts_same]
    )


def _articles_of(found: Sequence[Sequence[Evidence]]) -> dict[str, float]:
    """The articles that most sentences of the draft lead to, with the share of them that do."""
    counted = Counter(article for each in found for article in {evidence.article_id for evidence in each})
    return {article: count / len(found) for article, count in counted.most_common(_ABOUT)}


def _earlier(nearest: Sequence[_Near]) -> tuple[Evidence, ...]:
    """Passages of articles about the same, one of each, the oldest first."""
    best = {near.evidence.article_id: near.evidence for near in reversed(nearest) if near.share >= NEAR}
    ordered = list(best.values())[::-1][:_EARLIER]
    return tuple(sorted(ordered, key=lambda evidence: evidence.published.toordinal() if evidence.published else 0))


def _is_json(text: str) -> bool:
    """Whether it is an object or a list of JSON, whose braces and names would be taken for sentences."""
    if text.lstrip("\ufeff \t\r\n")[:1] not in ("{", "["):
        return False
    try:
        json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return False
    return True
