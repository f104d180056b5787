"""An answer in an LLM's words, each sentence checked against the passages as soon as it ends."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice

from index.answer.citations import cite
from index.llm.addressed import addresses_a_model
from index.llm.prompt import PASSAGES, messages
from index.llm.sentences import Sentence, Sentences
from index.llm.support import Checker, Support, without_dateline, without_false_marks
from index.llm.talk import Talk
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.errors import LLMError
from newsdesk.types import CANNOT_ANSWER, Answer, Citation, Drafted, Evidence, Note, Removed

logger = logging.getLogger("newsdesk.index")

MOST_SENTENCES = 12
"""Sentences that are waited for; a model that goes on is stopped."""
MOST_CHARACTERS = 4_000
"""The same for what it writes, sentences or not."""
MOST_OF_ONE = 3
"""Claims that may stand on one sentence of an article."""
CITED = 2
"""Passages that one sentence cites at most."""
SURE = 0.55
"""An LLM that finds no answer is overruled by an extractive answer that is so probably right."""

Part = str | Drafted | Removed


@dataclass(slots=True)
class _Written:
    """What has been written and checked so far."""

    parts: list[str] = field(default_factory=list)
    """Of the answer's text."""
    said: set[str] = field(default_factory=set)
    """Every sentence, in small letters: none is looked at twice."""
    repeated: int = 0
    citations: list[Citation] = field(default_factory=list)
    cited: list[Evidence] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)
    used: Counter[int] = field(default_factory=Counter)
    """Marker -> how many sentences stand on it."""
    refused: bool = False
    trouble: str = ""

    def add(self, text: str, markers: Sequence[int]) -> str:
        """Takes a checked sentence; the part of the answer's text that it is."""
        part = f"{text} {' '.join(f'[{marker}]' for marker in markers)}"
        self.parts.append(f" {part}" if self.parts else part)
        self.used.update(markers)
        return self.parts[-1]

    def count(self) -> int:
        """Sentences written, kept or not, repeated ones too."""
        return len(self.parts) + len(self.removed) + self.repeated


class ByLLM:
    """Has an LLM write the answer. What fails the check is removed; what is left of nothing is the extractive answer."""

    def __init__(self, talk: Talk, checker: Checker, catalogue: Catalogue) -> None:
        self._talk = talk
        self._checker = checker
        self._catalogue = catalogue

    def stream(
        self, question: str, passages: Sequence[Evidence], extractive: Answer, as_of: date | None
    ) -> Iterator[Part | Answer]:
        """Words as they are written (Drafted), each sentence when it was checked, and the whole answer last.

        A sentence is a part of the answer's text, or Removed. `extractive` is the answer that is given when the LLM is
        late or fails, keeps to no form, or nothing that it wrote is supported; then no part came before it.
        """
        written = _Written()
        given = [each for each in passages if not addresses_a_model(f"{each.text}\n{each.source}")][:PASSAGES]
        if given:
            yield from self._write(question, given, written, as_of)
        else:
            written.trouble = "What was found speaks to a language model, so the LLM was not asked."
        if written.parts:
            yield _answer(extractive, written)
        elif written.refused and extractive.confidence < SURE:
            yield _refusal(extractive, written)
        else:
            yield replace(extractive, removed=tuple(written.removed), notes=(*extractive.notes, _why(written)))

    def _write(self, question: str, passages: list[Evidence], written: _Written, as_of: date | None) -> Iterator[Part]:
        sentences, length = Sentences(), 0
        try:
            with closing(self._talk.stream(messages(question, passages))) as pieces:
                for piece in pieces:
                    length += len(piece)
                    if not piece:
                        yield Drafted("")
                    for part in sentences.feed(piece):
                        yield from self._part(part, passages, written, as_of)
                    if written.refused or length > MOST_CHARACTERS or written.count() >= MOST_SENTENCES:
                        return
        except LLMError as error:
            logger.warning("%s", error)
            written.trouble = str(error)
            return  # what it was writing when it failed is no sentence
        for part in sentences.end():
            yield from self._part(part, passages, written, as_of)

    def _part(
        self, part: Drafted | Sentence, passages: list[Evidence], written: _Written, as_of: date | None
    ) -> Iterator[Part]:
        if isinstance(part, Drafted):
            yield part
        elif CANNOT_ANSWER.rstrip(".").casefold() in part.text.casefold():
            written.refused = not written.parts
        elif part.text.casefold() in written.said:
            written.repeated += 1
        else:
            written.said.add(part.text.casefold())
            yield self._checked(part, passages, written, as_of)

    def _checked(
        self, sentence: Sentence, passages: list[Evidence], written: _Written, as_of: date | None
    ) -> str | Removed:
        """The sentence with its markers, as a part of the answer; or the sentence, removed."""
        text = without_false_marks(without_dateline(sentence.text, passages), passages)
        if not sentence.finished:
            reason = "it was not finished"
        else:
            supports, reason = self._supports(text, sentence.keys, passages)
            places = (self._marker(each, written, as_of) for each in supports)
            markers = list(islice(filter(None, places), CITED))
            if markers:
                return written.add(text, markers)
            reason = reason or f"its source carries {MOST_OF_ONE} sentences already, or was changed"
        removed = Removed(sentence.text, reason)
        written.removed.append(removed)
        return removed

    def _supports(self, text: str, keys: Sequence[int], passages: Sequence[Evidence]) -> tuple[list[Support], str]:
        """What supports the sentence: of the passages that it cites, else the best of all, if that is enough."""
        cited = [passages[key - 1] for key in keys if 1 <= key <= len(passages)]
        others = [passage for passage in passages if passage not in cited]
        found, reason = self._checker.supports(text, cited)
        if not found:
            found, why = self._checker.supports(text, others)
            reason = reason if cited else why
            found = found[:1]
        return found, reason

    def _marker(self, support: Support, written: _Written, as_of: date | None) -> int | None:
        """The marker of the sentence that carries it; None when it carries enough already, or is not there any more."""
        place = (support.evidence.article_id, support.span.paragraph, support.span.start)
        for number, citation in enumerate(written.citations):
            if (citation.article_id, citation.paragraph, citation.start) == place:
                if support.verified == "supported":
                    written.citations[number] = replace(citation, verified="supported")
                return citation.marker if written.used[citation.marker] < MOST_OF_ONE else None
        made = cite(self._catalogue, len(written.citations) + 1, support.evidence, support.span, as_of)
        if made is None:
            return None
        written.citations.append(replace(made, verified=support.verified))
        written.cited.append(support.evidence)
        return made.marker


def _answer(extractive: Answer, written: _Written) -> Answer:
    """The answer that was written; what the reader found stays with it where the text says the same."""
    text = "".join(written.parts)
    said = extractive.short_answer
    short = said if said and re.search(rf"(?<!\w){re.escape(said)}(?!\w)", text) else None
    cut = (
        (Note("llm_cut", f"{written.trouble} What it had written until then was checked."),) if written.trouble else ()
    )
    return replace(
        extractive,
        text=text,
        mode="llm",
        short_answer=short,
        when=extractive.when if short else None,
        citations=tuple(written.citations),
        evidence=_with_cited(extractive.evidence, written.cited),
        notes=(*extractive.notes, *cut),
        verified=len(written.parts),
        removed=tuple(written.removed),
    )


def _refusal(extractive: Answer, written: _Written) -> Answer:
    return replace(
        extractive,
        answerable=False,
        text=CANNOT_ANSWER,
        mode="llm",
        short_answer=None,
        when=None,
        citations=(),
        removed=tuple(written.removed),
    )


def _why(written: _Written) -> Note:
    """Why the answer was made without the LLM after all."""
    if written.trouble:
        why = written.trouble
    elif written.refused:
        why = "The LLM found no answer in the paragraphs that were found."
    elif written.removed:
        why = "Nothing that the LLM wrote is supported by the paragraphs that were found."
    else:
        why = "The LLM wrote nothing."
    return Note("llm_failed", f"{why} Answered with sentences from the archive.")


def _with_cited(shown: Sequence[Evidence], cited: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """As many passages as were to be shown; every passage that is cited is among them."""
    ids = {evidence.passage_id for evidence in cited}
    here = {evidence.passage_id for evidence in shown}
    more = list({each.passage_id: each for each in cited if each.passage_id not in here}.values())
    others = [evidence for evidence in shown if evidence.passage_id not in ids]
    dropped = {evidence.passage_id for evidence in others[max(0, len(others) - len(more)) :]} if more else set()
    return (*(evidence for evidence in shown if evidence.passage_id not in dropped), *more)
