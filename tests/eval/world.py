"""A small world that is known by heart: three articles, five questions, and an engine whose answers are written down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from eval.sets.folder import EvalQuestion, Gold
from newsdesk.errors import ArticleNotFound, QuestionError
from newsdesk.types import CANNOT_ANSWER, Answer, Citation, Evidence, Question, Span

ARTICLES = {
    "a": ("The mission was short.", "Nine jets flew over the town in the early morning.", "Nobody was hurt."),
    "b": ("Rain fell on Monday all day long, said the weather office.", "Roofs leaked in the old town."),
    "c": ("Prices rose by 4 % in the year, said the office.", "Bread is dearer."),
}

QUESTIONS = (
    EvalQuestion("q1", "How many jets?", ("nine",), (Gold("a", (ARTICLES["a"][1],)),), "number", True),
    EvalQuestion(
        "q2", "When did it rain?", ("Monday",), (Gold("b", (ARTICLES["b"][0],)),), "time", True, date(2017, 1, 18)
    ),
    EvalQuestion("q3", "By how much?", ("4 %",), (Gold("c", (ARTICLES["c"][0],)),), "number", True),
    EvalQuestion("q4", "Who won?", (), (), "who", False),
    EvalQuestion("q5", "Who lost?", (), (), "who", False),
)


def paragraphs(article_id: str) -> Sequence[str]:
    """The paragraphs of an article. Raises ArticleNotFound."""
    if article_id not in ARTICLES:
        raise ArticleNotFound(article_id)
    return ARTICLES[article_id]


def evidence(article_id: str) -> Evidence:
    """The passage that is all of an article."""
    texts = ARTICLES[article_id]
    spans = tuple(Span(number, 0, len(text)) for number, text in enumerate(texts))
    text = "\n\n".join(texts)
    return Evidence(article_id, f"{article_id}#1", spans, text, 1.0, f"About {article_id}", "", (), None, "")


def cite(article_id: str, paragraph: int, marker: int = 1) -> Citation:
    """A citation of a whole paragraph."""
    quote = ARTICLES[article_id][paragraph]
    return Citation(marker, article_id, paragraph, quote, 0, len(quote), "", "", (), None, "", "")


def answer(question: str, order: str, confidence: float, *citations: Citation, short: str | None = None) -> Answer:
    """An answer of these quotations, or a refusal without any; `order` names the articles found, best first."""
    text = " ".join(f"{cited.quote} [{cited.marker}]" for cited in citations) or CANNOT_ANSWER
    return Answer(
        question, question, bool(citations), text, confidence, short_answer=short, citations=citations,
        evidence=tuple(map(evidence, order)), timings_ms={"retrieve": 1.0, "total": 2.0},
    )  # fmt: skip


ANSWERS = {
    "q1": answer("How many jets?", "bac", 0.9, cite("a", 1), short="Nine"),
    "q2": answer("When did it rain?", "bca", 0.8, cite("b", 0), short="on Monday"),
    "q3": answer("By how much?", "acb", 0.3, cite("b", 1), short="old town"),
    "q4": answer("Who won?", "cab", 0.2),
    "q5": answer("Who lost?", "abc", 0.4, cite("a", 2), short="Nobody"),
}
"""Two right answers, a wrong one, a refusal that is right, and an answer where there is none."""

Change = Callable[[dict[str, Answer]], dict[str, Answer]]
"""A fault."""


@dataclass
class WrittenDown:
    """An engine that looks its answers up; `asked` keeps what it was asked."""

    answers: dict[str, Answer] = field(default_factory=lambda: dict(ANSWERS))
    asked: list[Question] = field(default_factory=list)

    def ask(self, question: Question) -> Answer:
        """The answer written down. Raises QuestionError when there is none."""
        self.asked.append(question)
        for written in self.answers.values():
            if written.question == question.text:
                return replace(written, timings_ms=dict(written.timings_ms))
        raise QuestionError(f"Nothing is written down for {question.text!r}.")

    def find(self, question: Question) -> Answer:
        """The evidence alone."""
        return replace(self.ask(question), answerable=False, text=CANNOT_ANSWER, citations=(), confidence=0.0)

    def paragraphs(self, article_id: str) -> Sequence[str]:
        """The paragraphs of an article."""
        return paragraphs(article_id)
