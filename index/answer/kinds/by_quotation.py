"""Who said some words: the sentence that quotes them, with the one that names the speaker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index.answer.draft import MAX_SENTENCES, Answerer, Draft
from index.answer.kinds.speaker import Speaker, is_quoted, named_in, speaker_in, tells_speech
from index.passage import FoundPassage, same_story
from index.text.places import located, located_sentences, text_at
from index.text.quoting import held
from index.understand.question import UnderstoodQuestion
from newsdesk.types import Span

SURE, LESS_SURE = 0.8, 0.6
"""The probability that the speaker is right who is named beside the words; less where a pronoun stands for them.

By reasoning: no public set has enough of such questions."""
_MOST = 3
_BACK = 4
"""Sentences before a quotation's, at most, in which its speaker is looked for: long ones go over several."""


@dataclass(frozen=True, slots=True)
class _Said:
    """The words as one passage has them."""

    passage: FoundPassage
    sentences: tuple[Span, ...]
    """To be shown, in reading order."""
    speaker: str
    sure: float


class ByQuotation:
    """An Answerer that looks for the words themselves and for who is said to have spoken them."""

    def __init__(self, by_facts: Answerer) -> None:
        """`by_facts` answers from the passages that hold the words: it is believed where its answer stands beside them."""
        self._by_facts = by_facts

    def draft(self, asked: UnderstoodQuestion, passages: Sequence[FoundPassage]) -> Draft:
        """The words with their speaker; of other speakers of the same words the first few; empty when nobody said them."""
        assert asked.words is not None, "only a question that gives somebody's words is answered by them"
        passages = [passage for passage in passages if _is_said(asked.words, passage)]
        read = self._by_facts.draft(asked, passages)
        beside = _read_beside(asked.words, read, passages)
        if beside is not None:
            return beside
        chosen: list[_Said] = []
        for said in _all_said(asked.words, passages):
            new = all(not _same(said, other) for other in chosen)
            if new and len(chosen) < _MOST:
                chosen.append(said)
        if not chosen:
            return read
        sentences = tuple((said.passage.evidence, span) for said in chosen for span in said.sentences)
        return Draft(
            sentences=sentences,
            confidence=chosen[0].sure,
            text=" ".join(text_at(*each) for each in sentences),
            short_answer=chosen[0].speaker if len(chosen) == 1 else None,
        )


def _read_beside(words: str, read: Draft, passages: Sequence[FoundPassage]) -> Draft | None:
    """What was read, with the sentence of the words, where its answer stands in that or in the one that names the speaker."""
    if read.short_at is None:
        return None
    evidence, answer = read.short_at
    passage = next((each for each in passages if each.evidence.passage_id == evidence.passage_id), None)
    place = held(words, evidence.text)
    span = located(evidence, place.start, place.end) if place else None
    if passage is None or place is None or span is None or _meet(answer, span):
        return None
    sentences = located_sentences(evidence)
    holding = [at for at, _ in sentences if _meet(at, span)]
    said = _said(words, passage)
    near = {*holding, *(said.sentences if said else ())}
    if not any(_meet(at, answer) for at in near):
        return None
    shown = sorted({*holding, *(at for at in near if _meet(at, answer))})
    return replace(
        read,
        sentences=tuple((evidence, at) for at in shown),
        text=" ".join(text_at(evidence, at) for at in shown),
        confidence=max(read.confidence, LESS_SURE * place.share),
        notes=(),
    )


def _is_said(words: str, passage: FoundPassage) -> bool:
    """Whether the passage has the words from somebody: between quotation marks, or in a sentence with a verb of saying.

    What a paper tells itself was said by nobody.
    """
    evidence = passage.evidence
    place = held(words, evidence.text)
    if place is None:
        return False
    before = evidence.text[: place.start].rpartition("\n\n")[2]
    within = before.rfind("“") > before.rfind("”") or before.count('"') % 2 == 1
    span = located(evidence, place.start, place.end)
    holding = [text for at, text in located_sentences(evidence) if span is not None and _meet(at, span)]
    return within or evidence.text[place.start] in '“"' or any(tells_speech(text) for text in holding)


def _same(one: _Said, other: _Said) -> bool:
    """Whether both are of one speaker or one story."""
    same_speaker = one.speaker.split()[-1] == other.speaker.split()[-1]
    return same_speaker or same_story(one.passage, other.passage)


def _all_said(words: str, passages: Sequence[FoundPassage]) -> Iterator[_Said]:
    for passage in passages:
        said = _said(words, passage)
        if said is not None:
            yield said


def _said(words: str, passage: FoundPassage) -> _Said | None:
    """The words in this passage; None when it does not hold them, or it is not plain who said them."""
    evidence = passage.evidence
    place = held(words, evidence.text)
    span = located(evidence, place.start, place.end) if place else None
    if place is None or span is None:
        return None
    sentences = located_sentences(evidence)
    holding = [number for number, (at, _) in enumerate(sentences) if _meet(at, span)]
    if not holding:
        return None
    beside = _beside(sentences, holding)
    for number in beside:
        at, text = sentences[number]
        speaker = speaker_in(text, (span.start - at.start, span.end - at.start) if number in holding else None)
        if speaker is not None:
            return _with_speaker(passage, sentences, holding, number, speaker, place.share)
    return None


def _with_speaker(
    passage: FoundPassage,
    sentences: Sequence[tuple[Span, str]],
    holding: Sequence[int],
    number: int,
    speaker: Speaker,
    share: float,
) -> _Said | None:
    shown, sure = {*holding, number}, SURE * share
    name = speaker.name
    if not name:  # "she said": whoever is named last before
        before = next(
            (each for each in range(number - 1, max(-1, number - 1 - _BACK), -1) if named_in(sentences[each][1])), None
        )
        if before is None:
            return None
        name, sure = named_in(sentences[before][1]), LESS_SURE * share
        shown.add(before)
    full, there = _in_full(name, sentences)
    if there is not None and len(shown) < MAX_SENTENCES:  # what is answered is quoted too
        name = full
        shown.add(there)
    spans = tuple(sentences[each][0] for each in sorted(shown))
    return _Said(passage, spans, name, sure)


def _beside(sentences: Sequence[tuple[Span, str]], holding: Sequence[int]) -> Iterator[int]:
    """The sentences that may name the speaker, the likeliest first: those of the words, those before as long as a quotation goes on, the one behind."""
    yield from holding
    first, last = holding[0], holding[-1]
    paragraph = sentences[first][0].paragraph
    for number in range(first - 1, max(-1, first - 1 - _BACK), -1):
        at, text = sentences[number]
        if (
            at.paragraph == paragraph
            or text.rstrip('”" ').endswith(":")
            or (number == first - 1 and not is_quoted(sentences[last][1]))
        ):
            yield number
        else:
            break
    if last + 1 < len(sentences) and sentences[last + 1][0].paragraph == paragraph:
        yield last + 1


def _in_full(name: str, sentences: Sequence[tuple[Span, str]]) -> tuple[str, int | None]:
    """The name with its first name, where the passage gives that elsewhere, and the number of the sentence that does."""
    words = name.split()
    if len(words) > 1:
        return name, None
    fuller = [(each, number) for number, (_, text) in enumerate(sentences) if (each := named_in(text, words[0]))]
    full, there = max(fuller, key=lambda each: len(each[0].split()), default=(name, 0))
    return (full, there) if len(full.split()) > 1 else (name, None)


def _meet(at: Span, span: Span) -> bool:
    return at.paragraph == span.paragraph and at.start < span.end and span.start < at.end
