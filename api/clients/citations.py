"""An answer's citations with whole addresses, for clients that show them elsewhere than on the service's own pages."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, Field

from api.models import AnswerOut, CitationOut, CopyOut, CoverageOut, NoteOut, WhenOut
from newsdesk.types import Mode
from newsdesk.wording.dateline import dateline


class Cited(BaseModel):
    """`cited_text` is paragraph `paragraph` (0-based) of the article at [start_char_index:end_char_index], to the letter."""

    marker: int
    cited_text: str
    start_char_index: int = Field(description="In the paragraph, in code points.")
    end_char_index: int
    article_id: str
    paragraph: int
    url: str = Field(description="The article's page on this service, the paragraph scrolled to and the quote marked.")
    original_url: str = Field(description="The article at its publisher's; empty when it is not known.")
    title: str
    source: str
    authors: list[str]
    published: date | None
    dateline: str = Field(description="Day and outlet in words.")
    verified: str
    also_in: list[CopyOut]
    cut_before: bool
    cut_after: bool

    @classmethod
    def of(cls, citation: CitationOut, site: str) -> Cited:
        """From an answer's citation; `site` is where the service is reached."""
        same = set(cls.model_fields) & set(CitationOut.model_fields) - {"url"}
        return cls(
            **{name: getattr(citation, name) for name in same},
            cited_text=citation.quote,
            start_char_index=citation.start,
            end_char_index=citation.end,
            url=site + citation.permalink,
            original_url=citation.url,
            dateline=dateline(citation.published, citation.source),
        )


class Said(BaseModel):
    """What is known of an answer beside its text; `newsdesk` in messages of the OpenAI-compatible API."""

    answerable: bool
    short_answer: str | None = Field(description="The words that answer, as the archive has them.")
    when: WhenOut | None
    confidence: float
    mode: Mode
    standalone_question: str = Field(description="The question as it was understood, without its conversation.")
    citations: list[Cited]
    notes: list[NoteOut]
    coverage: CoverageOut | None

    @classmethod
    def of(cls, answer: AnswerOut, site: str) -> Said:
        """From an answer; `site` is where the service is reached."""
        same = set(cls.model_fields) - {"citations"}
        return cls(
            **{name: getattr(answer, name) for name in same},
            citations=[Cited.of(citation, site) for citation in answer.citations],
        )
