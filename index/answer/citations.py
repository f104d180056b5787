"""Citations are mechanical: a quote is a piece of a paragraph, to the letter, and the paragraph was evidence."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date

from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.history.versions import Revision
from newsdesk.errors import ArticleNotFound, CatalogueDamaged
from newsdesk.types import Article, Citation, Correction, Evidence, Note, Span
from newsdesk.wording.corrections import correction, in_a_line
from newsdesk.wording.links import article_link
from newsdesk.wording.sentences import cuts

logger = logging.getLogger("newsdesk.index")


def cite(
    catalogue: Catalogue, marker: int, evidence: Evidence, span: Span, as_of: date | None = None
) -> Citation | None:
    """A checked citation of `span` of the evidence's article, with the copies that were printed by `as_of`.

    None when the check fails: the article is gone, was changed meanwhile or is damaged, the span lies outside
    its paragraph, or the paragraph was not part of the evidence.
    """
    try:
        article = catalogue.article(evidence.article_id)
        revision = catalogue.revision(evidence.article_id)
    except ArticleNotFound:
        return None
    except CatalogueDamaged as error:
        logger.error("%s", error)
        return None
    if not _stands(article, evidence, span):
        return None
    text = article.paragraphs[span.paragraph]
    cut_before, cut_after = cuts(text, span.start, span.end)
    return Citation(
        marker=marker,
        article_id=article.id,
        paragraph=span.paragraph,
        quote=text[span.start : span.end],
        start=span.start,
        end=span.end,
        title=article.title,
        source=article.source,
        authors=article.authors,
        published=article.published,
        url=article.url,
        permalink=article_link(article.id, mark=span),
        also_in=tuple(catalogue.copies(article.id, span.paragraph, as_of, text[span.start : span.end])),
        cut_before=cut_before,
        cut_after=cut_after,
        version=revision.number,
        correction=_last_change(article, revision, span.paragraph),
    )


def changed_later(citations: Sequence[Citation], as_of: date | None) -> tuple[Note, ...]:
    """A note for each cited paragraph that was changed after the day as of which was asked, each paragraph once.

    The answer is made of today's text all the same.
    """
    told: dict[tuple[str, int], Note] = {}
    for cited in citations:
        if as_of is not None and cited.correction is not None and cited.correction.on > as_of:
            text = f"“{cited.title or cited.article_id}” was changed after the day asked about. {in_a_line(cited.correction)}"
            told.setdefault((cited.article_id, cited.paragraph), Note("changed_later", text))
    return tuple(told.values())


def _last_change(article: Article, revision: Revision, paragraph: int) -> Correction | None:
    """How a paragraph was changed last, in whichever version that was; None where it never was, or nobody can tell."""
    after, seen_at = article, revision.seen_at
    for version in reversed(revision.older):
        before = version.article
        if before is None:
            return None
        told = correction(before, after, paragraph, seen_at)
        text = after.paragraphs[paragraph]
        if told is not None or text not in before.paragraphs:
            return told
        after, seen_at, paragraph = before, version.seen_at, before.paragraphs.index(text)
    return None


def _stands(article: Article, evidence: Evidence, span: Span) -> bool:
    if not 0 <= span.paragraph < len(article.paragraphs):
        return False
    if not 0 <= span.start < span.end <= len(article.paragraphs[span.paragraph]):
        return False
    shown = article.paragraphs[span.paragraph][span.start : span.end]
    within = any(
        part.paragraph == span.paragraph and part.start <= span.start and span.end <= part.end
        for part in evidence.spans
    )
    return within and shown in evidence.text
