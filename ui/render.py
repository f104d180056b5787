"""From an Answer or an Article to the HTML that people see. Pure functions, no Gradio.

Whatever was retrieved or typed is data: the templates escape all of it, an address becomes a link only
when it is http or https, and an article's id is percent-encoded wherever it stands in a link.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from newsdesk.types import Answer, Article, Citation, Evidence, Span
from newsdesk.wording.confidence_words import checked_in_words, sureness_in_words, sureness_meaning
from newsdesk.wording.corrections import changed, changed_on, in_a_line
from newsdesk.wording.counted import counted, paragraph_in_words
from newsdesk.wording.dateline import in_words, meant_in_words
from newsdesk.wording.links import article_link, http_url, original_link
from newsdesk.wording.receipt import receipt_in_words
from ui.conversation import MAX_REASON, Exchange, Kept

if TYPE_CHECKING:
    from newsdesk.catalogue.history.versions import Revision

SOURCE_FRAME = "source"
"""Name of the frame that links to articles open in; without such a frame they open in a new tab."""

_MARKER = re.compile(r"\[(\d{1,4})\]")
_WITH_GAP = re.compile(r" \[\d{1,4}\]")


# ------------------------------------------------------------------------------------------------ links


def link_to(article_id: str, *, paragraph: int | None = None, mark: Span | None = None) -> str:
    """Where an article is, seen from the chat: relative, so that it is found wherever a proxy has the service."""
    return article_link(article_id, paragraph=paragraph, mark=mark).removeprefix("/")


def permalink(citation: Citation) -> str:
    """Where a citation leads: its paragraph, with the quotation marked."""
    return link_to(citation.article_id, mark=Span(citation.paragraph, citation.start, citation.end))


# ------------------------------------------------------------------------------------------------ words


def listed(names: Sequence[str]) -> str:
    """A, B and C."""
    names = [name for name in names if name.strip()]
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


_WAITING = {"loading": ("their model is being loaded",), "failed": ("their model cannot be loaded",)}
"""What is said of vectors that cannot be searched yet, though they are there."""


def counts_line(counts: Mapping[str, Any]) -> str:
    """One line about the archive, from the same counts as `GET /api/stats`: 69 articles, 210 passages, ..."""
    if not counts["articles"]:
        return "The archive is empty. Put articles into it with: newsdesk ingest PATH"
    parts = [counted(counts["articles"], "article"), counted(counts["passages"], "passage")]
    if counts.get("under_embargo"):
        parts.insert(1, f"{counts['under_embargo']:,} under embargo")
    done, total = counts["vectors"]["done"], counts["vectors"]["total"]
    if total:
        # Rounded down: 100 % is said when nothing is missing.
        parts.append(f"{100 * done // total} % with vectors" + ("" if done >= total else " so far"))
        parts += _WAITING.get(counts.get("vector_state", "ready"), ())
    return ", ".join(parts)


# ---------------------------------------------------------------------------------------------- the chat


def question_html(text: str) -> str:
    """A question as its asker typed it."""
    return rendered("question.html", text=text)


def answer_html(answer: Answer) -> str:
    """An answer: its text with linked markers, how sure it is, notes, its sources or the nearest articles, its receipt."""
    kinds = [note.kind for note in answer.notes]
    return rendered(
        "answer.html",
        answer=answer,
        paragraphs=_linked_paragraphs(answer),
        meant=_meant(answer),
        confidence=sureness_in_words(answer.confidence, answer.answerable, kinds),
        meaning=sureness_meaning(answer.confidence, answer.answerable, kinds),
        checked=checked_in_words(answer.verified, answer.verified + len(answer.removed)),
        receipt=receipt_in_words(answer.coverage) if answer.coverage else "",
        nearest=() if answer.answerable else _one_per_article(answer.evidence),
        frame=SOURCE_FRAME,
    )


def thumbs_html(exchange: Exchange, copied: str) -> str:
    """Below an answer: a button that copies it, `copied`, and two that judge it, with room for a reason once one did."""
    return rendered("thumbs.html", exchange=exchange, copied=copied, longest=MAX_REASON)


def notice_html(text: str) -> str:
    """Something that went wrong, said where the answer would stand."""
    return rendered("notice.html", text=text)


def pending_html(checked: str = "", draft: str = "") -> str:
    """What stands where the answer will be: what an LLM has written and was checked, and its words that were not yet."""
    return rendered("pending.html", checked=_WITH_GAP.sub("", checked), draft=draft)


def source_frame_html() -> str:
    """The panel beside the chat in which cited articles open."""
    return rendered("source_frame.html", frame=SOURCE_FRAME, hint=rendered("source_hint.html"))


def tools_html() -> str:
    """What opens above the page: the list of conversations, the forms of an export, and word that the service is away."""
    return rendered("tools.html")


def export_html(kept: Kept, said: Sequence[tuple[Exchange, Sequence[str]]], here: Callable[[Citation], str]) -> str:
    """A conversation as a page of its own; `said` is what stands below each answer, `here` a citation's page in the archive."""
    return rendered("export.html", kept=kept, said=said, here=here)


def masthead_html() -> str:
    """The name above the chat."""
    return rendered("masthead.html")


def status_html(counts: Mapping[str, Any]) -> str:
    """The line of counts under the name."""
    return rendered("status.html", text=counts_line(counts))


def _meant(answer: Answer) -> str:
    """The day that the short answer means, in words."""
    when = answer.when
    return meant_in_words(answer.short_answer or "", when.start, when.end, when.how) if when else ""


def _linked_paragraphs(answer: Answer) -> list[Markup]:
    """The answer's text, escaped, each marker that has a citation made a link, the short answer set off once."""
    cited = {citation.marker: citation for citation in answer.citations}
    short = answer.short_answer or ""
    paragraphs = []
    for text in filter(None, (part.strip() for part in answer.text.split("\n\n"))):
        html = Markup()
        for part in _parts(text, cited):
            if isinstance(part, Citation):
                html += _render_marker(part)
            elif short and short in part:
                before, _, after = part.partition(short)
                html += escape(before) + Markup("<strong>{}</strong>").format(short) + after
                short = ""
            else:
                html += part
        paragraphs.append(html)
    return paragraphs


def _parts(text: str, cited: Mapping[int, Citation]) -> Iterator[str | Citation]:
    """Text and citations in turn. A "[2]" that a publisher printed, inside a quotation, stays text."""
    quoted = [
        (start, start + len(citation.quote)) for citation in cited.values() for start in _places(citation.quote, text)
    ]
    begin = 0
    for match in _MARKER.finditer(text):
        citation = cited.get(int(match.group(1)))
        if citation is None or any(start <= match.start() < end for start, end in quoted):
            continue
        yield text[begin : match.start()]
        yield citation
        begin = match.end()
    yield text[begin:]


def _places(part: str, text: str) -> Iterator[int]:
    """Where `part` begins in `text`."""
    start = text.find(part) if part else -1
    while start >= 0:
        yield start
        start = text.find(part, start + 1)


def _render_marker(citation: Citation) -> Markup:
    return Markup(rendered("marker.html", citation=citation, frame=SOURCE_FRAME))


def _one_per_article(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The best passage of each article, best first."""
    best: dict[str, Evidence] = {}
    for found in evidence:
        best.setdefault(found.article_id, found)
    return list(best.values())


# ------------------------------------------------------------------------------------------- the article


_HOW = {"corrected": "corrected", "updated": "updated", "described": "particulars changed"}


def article_html(
    article: Article,
    highlight: tuple[int, int, int] | None = None,
    revision: Revision | None = None,
    left_out: Container[int] = (),
) -> str:
    """The page of an article, complete in itself; `highlight` is (paragraph, start, end) of a quotation.

    `revision` says which version it is; what it changed of the one before is shown. The paragraphs whose numbers are in
    `left_out` are grey: the outlet prints them under many stories.

    A highlight that does not lie within its paragraph, as from an old link to a text that changed since, is left out.
    """
    paragraphs = [("", "", text) for text in article.paragraphs]
    if highlight is not None:
        number, start, end = highlight
        if 0 <= number < len(paragraphs) and 0 <= start < end <= len(article.paragraphs[number]):
            text = article.paragraphs[number]
            paragraphs[number] = (text[:start], text[start:end], text[end:])
    before = revision.before if revision else None
    told = changed(before, article) if before else None
    day = changed_on(article, revision.seen_at) if revision else None
    version = f"Version {revision.number}" if revision and revision.number > 1 else ""
    if version and told and day:
        version += f", {_HOW[told.how]} on {in_words(day)}"
    return rendered(
        "article.html", article=article, paragraphs=paragraphs, version=version, told=told, left_out=left_out
    )


def sign_in_html(root: str, then: str, name: str, wrong: bool) -> str:
    """The page where a key is shown, which goes on to the path `then`; of who did already (`name`), where to sign out."""
    return rendered("signin.html", root=root, next=then, name=name, wrong=wrong)


def missing_html(article_id: str, root: str = "") -> str:
    """The page that stands where an article is not, or is no more. `root` is the path that the service has, as /news."""
    return rendered("missing.html", article_id=article_id, root=root)


def damaged_html(article_id: str, root: str = "") -> str:
    """The page that stands where an article is no longer what was stored."""
    return rendered("damaged.html", article_id=article_id, root=root)


# ----------------------------------------------------------------------------------------------- templates


def rendered(template: str, **values: Any) -> str:
    """A template with these values, each of them escaped."""
    return _templates.get_template(template).render(values)


_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters.update(
    article_link=link_to,
    article_path=article_link,
    in_a_line=in_a_line,
    http_url=http_url,
    in_words=in_words,
    listed=listed,
    original_link=original_link,
    paragraph_in_words=paragraph_in_words,
    permalink=permalink,
)
