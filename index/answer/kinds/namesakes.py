"""Two persons of one name: told apart by what articles say of them, so that one's age is not given for the other's.

Articles speak of two when the ages that they give cannot be one person's, or when each gives a post or trade of its own
and they share next to nothing else. What gives neither says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.answer.draft import Draft
from index.passage import FoundPassage
from index.text.terms import is_stop_word, overlap, terms
from newsdesk.types import Note
from newsdesk.wording.dateline import CALENDAR, dateline
from newsdesk.wording.sentences import CAPITALS, sentence_spans

_READ = 16
_YEARS = 2
"""Years by which the births of one person may differ, worked out from two ages and the days of two articles."""
_SHARED = 0.12
"""Share of the smaller text's words, the name aside, above which two articles with different posts tell of one matter."""
_CLOSE = 0.15
"""How much less sure the answer of the second person may be, to be shown beside the first one's."""
_SURER, _OF_ANOTHER = 0.1, 0.5
"""Surer by so much, the other person's answer is what the question is about; then so much is left of this one's probability."""
_NAME = re.compile(
    rf"(?<![\w’'-])([{CAPITALS}][a-zß-ÿ][\w’'-]*(?: (?:de|van|von|der|al|el|di|da))*(?: [{CAPITALS}][a-zß-ÿ][\w’-]*)+)"
)
_TRADE = re.compile(
    r"(?!(?:former|other|another|later|latter|(?:high|low|larg|small|bigg|young|old|long|strong|great|new)e?r|super|under|over|per|her|never|"
    r"ever|after|number|member|brother|sister|father|mother|daughter|winter|summer|senior|junior|major|minor|prior|interior|for|or|order|"
    r"offer|letter|river|power|paper|owner|player|user|leader|star|fan)$)"
    r"(?:[a-z-]*(?:[a-z]{2}er|[a-z]{2}or|ist|ician|man|woman|eer|tress|lyst|rian|yer|keeper|smith|wright|surgeon|lete|tect)|"
    r"cook|chef|nurse|judge|poet|pilot|coach|priest|bishop|monk|nun|clerk|guide|vet|dean|king|queen|medic|mechanic|critic|expert|student|"
    r"accountant|merchant|sergeant|secretary|comedian|guardian|soprano|tenor|general|captain|colonel|refugee|trainee|hero|champion)"
)
"""What people are: endings of trades and posts, and those of other forms. What may be said of most people is left out."""
_FEW = 4
"""Articles among those found that name the person, at most, where posts alone tell two apart: of the famous, much is said."""
_NO_PERSON = r"(?:[Tt]he|[Ii]n|[Aa]t|[Nn]ear|[Tt]o the|[Aa]n?|[Oo]f the|[Tt]his|[Ee]ach) "


@dataclass(frozen=True, slots=True)
class Namesake:
    """One person of the name, with the passages that tell of it."""

    called: str
    """What the archive says of the person: "mayor", "aged 41"."""
    passages: tuple[FoundPassage, ...]
    meant: bool
    """Whether the question tells this one from the other: "the cook Nils Berg"."""


@dataclass(frozen=True, slots=True)
class _Sketch:
    passage: FoundPassage
    roles: frozenset[str]
    born: int | None
    words: frozenset[str]
    """Of the passage, without the name."""


def namesakes_of(question: str, passages: Sequence[FoundPassage]) -> tuple[str, list[Namesake]]:
    """The name in the question that two persons bear, and both: in front the one whom the question itself tells apart, or else
    whose passage is better. Empty when no name is borne by two."""
    for match in _NAME.finditer(question):
        name = _bare(match[1])
        sketches = [sketch for passage in passages[:_READ] if name and (sketch := _sketch(name, passage))]
        texts = [passage.evidence for passage in passages[:_READ] if name and name in passage.evidence.text]
        if any(re.search(rf"\b{_NO_PERSON}{re.escape(name)}\b", item.text) for item in texts):
            continue
        by_roles = len({item.article_id for item in texts}) <= _FEW
        places = ((one, other) for place, one in enumerate(sketches) for other in sketches[place + 1 :])
        pair = next(((one, other) for one, other in places if _differ(one, other, by_roles=by_roles)), None)
        if pair is None:
            continue
        asked = _roles(name, question)
        meant = [bool(asked & each.roles) for each in pair]
        ordered = pair if meant[0] or not meant[1] else pair[::-1]
        return name, [
            Namesake(_called(each), _of(each, sketches, passages), meant[0] != meant[1] and bool(asked & each.roles))
            for each in ordered
        ]
    return "", []


def draft_of_both(name: str, namesakes: Sequence[Namesake], drafts: Sequence[Draft], least: float) -> Draft:
    """The answer from what is drafted of each person.

    Of one whom the question tells apart that one's alone; none when the other one's is surer, who is then what the
    archive tells of. Else both, where both are at least as sure as `least` and one nearly as sure as the other; a note says that there are two.
    """
    if namesakes[0].meant:
        mine, others = drafts
        return mine if others.confidence <= mine.confidence + _SURER else Draft((), mine.confidence * _OF_ANOTHER)
    note = Note(
        "same_name", f"The archive has two people called {name}: {_told(namesakes[0])}, and {_told(namesakes[1])}."
    )
    best = max(drafts, key=lambda draft: draft.confidence)
    sure = [each for each in drafts if each.sentences and each.confidence >= max(least, best.confidence - _CLOSE)]
    if len(sure) < 2:
        return replace(best, notes=(note, *best.notes))
    shorts = [draft.short_answer for draft in sure]
    return Draft(
        sentences=tuple(dict.fromkeys(sentence for draft in sure for sentence in draft.sentences)),
        confidence=min(draft.confidence for draft in sure),
        text=" ".join(draft.text for draft in sure),
        short_answer="; ".join(dict.fromkeys(filter(None, shorts))) if all(shorts) else None,
        notes=(note,),
    )


def _told(namesake: Namesake) -> str:
    first = namesake.passages[0].evidence
    return f"{namesake.called} ({dateline(first.published, first.source)})"


def _bare(name: str) -> str:
    """The name without a question word or a title before it, and without a possessive."""
    words = re.sub(r"[’']s?$", "", name).split()
    while words and (all(is_stop_word(term) for term in terms(words[0])) or words[0] in CALENDAR):
        words = words[1:]
    return " ".join(words) if len(words) > 1 else ""


def _sketch(name: str, passage: FoundPassage) -> _Sketch | None:
    """What the passage says of the person; None when it does not name them, or says neither age nor post."""
    text = passage.evidence.text
    if name not in text:
        return None
    roles, age = _roles(name, text), _age(name, text)
    if not roles and age is None:
        return None
    published = passage.evidence.published
    born = published.year - age if age is not None and published else None
    words = frozenset(term for term in passage.terms.of_text if not is_stop_word(term)) - set(terms(name))
    return _Sketch(passage, roles, born, words)


def _differ(one: _Sketch, other: _Sketch, *, by_roles: bool) -> bool:
    if one.passage.evidence.article_id == other.passage.evidence.article_id:
        return False
    if one.born is not None and other.born is not None:
        return abs(one.born - other.born) > _YEARS
    return (
        bool(one.roles and other.roles)
        and one.roles.isdisjoint(other.roles)
        and overlap(one.words, other.words) <= _SHARED
    )


def _roles(name: str, text: str) -> frozenset[str]:
    """Posts and trades that stand beside the name: "the cook Nils Berg", "Nils Berg, a cook", "Nils Berg was elected mayor"."""
    n = re.escape(name)
    found = [
        *re.findall(rf"\b(?:[Tt]he|[Aa]n?|[Ii]ts|[Tt]heir|[Ff]ormer|[Rr]etired|[Cc]hief) (?:[a-z][\w-]+ ){{0,2}}?([a-z][\w-]+) {n}\b", text),
        *re.findall(rf"(?:^|[.!?”\"] )([{CAPITALS}][a-z]+) {n}\b", text, re.M),
        *re.findall(rf"\b{n}, (?:who is |who was )?(?:a|an|the|its|their) (?:[\w-]+ ){{0,3}}?([a-z][\w-]+)(?=,| of | from | at | in | who | and |[.;?])", text),
        *re.findall(rf"\b{n}[^.;]{{0,60}}? (?:elected|appointed|named|became|made) (?:the |as |its |a |an )*(?:new |next |first )*([a-z][\w-]+)", text),
        *re.findall(rf"\b{n} (?:is|was) (?:a|an|the) (?:[\w-]+ ){{0,2}}?([a-z][\w-]+)(?=,| of | from | at | in | who |[.;])", text),
    ]  # fmt: skip
    return frozenset(role for each in found if _TRADE.fullmatch(role := each.casefold()))


def _age(name: str, text: str) -> int | None:
    n = re.escape(name)
    beside = re.search(
        rf"\b{n}(?:, (?:who (?:is|was) )?(?:aged )?| \()(\d\d)(?:,|\)|\.| )(?!percent|per|years? (?:in|of))", text
    )
    before = re.search(rf"\b(\d\d)-year-old (?:[\w-]+ ){{0,2}}{n}\b", text)
    found = beside or before
    if found:
        return int(found[1])
    sentences = [text[start:end] for start, end in sentence_spans(text)]
    for place, sentence in enumerate(sentences):
        if name not in sentence:
            continue
        died = re.search(r"\b(?:died|dies|dead)\b.*\b(?:at|aged|at the age of) (\d\d)\b", sentence)
        behind = (
            re.match(r"(?:She|He) (?:is|was) (?:aged )?(\d\d)(?:\.|,| years old)", sentences[place + 1])
            if place + 1 < len(sentences)
            else None
        )
        if died or behind:
            return int((died or behind)[1])  # type: ignore[index]
    return None


def _called(sketch: _Sketch) -> str:
    """By post or trade, else by age."""
    if sketch.roles:
        return " and ".join(f"{'an' if role[0] in 'aeiou' else 'a'} {role}" for role in sorted(sketch.roles)[:2])
    return f"somebody born about {sketch.born}"


def _of(seed: _Sketch, sketches: Sequence[_Sketch], passages: Sequence[FoundPassage]) -> tuple[FoundPassage, ...]:
    """The passages of the person: of the same article, or that say nothing else of them and share a post or an age."""
    same = {seed.passage.evidence.article_id}
    for sketch in sketches:
        alike = seed.roles & sketch.roles or (
            seed.born is not None and sketch.born is not None and not _differ(seed, sketch, by_roles=False)
        )
        if alike:
            same.add(sketch.passage.evidence.article_id)
    return tuple(passage for passage in passages if passage.evidence.article_id in same)
