"""Several answers as one: their quotes under one another, numbered on, and what each should be known with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from index.answer.candidates import answer_words, same_answer
from index.understand.parts import asking_word
from newsdesk.types import CANNOT_ANSWER, Answer, Citation, Evidence, Note, Question


def in_parts(question: Question, answers: Sequence[Answer]) -> Answer:
    """The answer to a question that asks several things, from the answers to its parts in their order.

    A part that is not answered is named in a note. What is shown is as sure as the least sure of the parts shown.
    """
    known = [
        answer for number, answer in enumerate(answers) if answer.answerable and not _repeats(answer, answers[:number])
    ]
    shorts = [answer.short_answer for answer in known]
    days = [answer.when for answer in known if answer.when]
    text, citations = joined(known)
    missing = [
        Note("part_not_told", f"The archive does not say: {each.question}") for each in answers if each not in known
    ]
    return Answer(
        question=question.text,
        standalone_question=" ".join(each.standalone_question for each in answers)
        if question.history
        else question.text,
        answerable=bool(known),
        text=text or CANNOT_ANSWER,
        short_answer="; ".join(dict.fromkeys(filter(None, shorts))) if shorts and all(shorts) else None,
        when=days[0] if len(days) == 1 else None,
        confidence=min(each.confidence for each in known) if known else max(each.confidence for each in answers),
        citations=citations,
        evidence=evidence_of(answers, citations, question.top_k),
        notes=(*(missing if known else ()), *notes_of(known or answers)),
        timings_ms=timings_of(answers),
    )


def _repeats(answer: Answer, before: Sequence[Answer]) -> bool:
    """Whether it gives what was given for another thing asked: the same words cannot say who and where."""
    return any(
        asking_word(answer.question) != asking_word(other.question)
        and same_answer(answer_words(answer.short_answer or ""), answer_words(other.short_answer or ""))
        for other in before
    )


def joined(answers: Sequence[Answer]) -> tuple[str, tuple[Citation, ...]]:
    """The texts one after the other, their quotes numbered from 1; a quote that stands in an earlier one is not repeated."""
    texts: list[str] = []
    citations: list[Citation] = []
    for answer in answers:
        pieces = []
        for piece, cited in _pieces(answer):
            if any(_same(cited, other) for other in citations):
                continue
            citations.append(replace(cited, marker=len(citations) + 1))
            pieces.append(f"{piece} [{len(citations)}]")
        texts.append("".join(pieces).strip())
    return " ".join(filter(None, texts)), tuple(citations)


def evidence_of(answers: Sequence[Answer], citations: Sequence[Citation], top_k: int) -> tuple[Evidence, ...]:
    """What was found for any of them, each passage once: what is cited, and the best of the others up to `top_k`."""
    found = {item.passage_id: item for answer in answers for item in answer.evidence}
    cited = [item for item in found.values() if any(_shows(item, each) for each in citations)]
    others = [item for item in found.values() if item not in cited]
    return (*cited, *others[: max(0, top_k - len(cited))])


def notes_of(answers: Sequence[Answer]) -> tuple[Note, ...]:
    """The notes of all, each once."""
    return tuple(dict.fromkeys(note for answer in answers for note in answer.notes))


def timings_of(answers: Sequence[Answer]) -> dict[str, float]:
    """The time that all took together."""
    names = dict.fromkeys(name for answer in answers for name in answer.timings_ms)
    return {name: round(sum(answer.timings_ms.get(name, 0.0) for answer in answers), 1) for name in names}


def _pieces(answer: Answer) -> Iterator[tuple[str, Citation]]:
    """The text cut behind each quote, without the quote's number, and the citation of each."""
    begin = 0
    for cited in answer.citations:
        quote = f"{cited.shown} [{cited.marker}]"
        end = answer.text.index(quote, begin) + len(quote)
        yield answer.text[begin : end - len(f" [{cited.marker}]")], cited
        begin = end


def _same(one: Citation, other: Citation) -> bool:
    return (one.article_id, one.paragraph) == (other.article_id, other.paragraph) and (
        other.start <= one.start and one.end <= other.end
    )


def _shows(item: Evidence, cited: Citation) -> bool:
    return item.article_id == cited.article_id and any(
        span.paragraph == cited.paragraph and span.start <= cited.start and cited.end <= span.end for span in item.spans
    )
