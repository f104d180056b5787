"""A conversation as a file to keep or to cite from: Markdown, a page, JSON, BibTeX and CSV. Pure functions."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date

from newsdesk.types import Answer, Citation
from newsdesk.wording.cells import safe_cell
from newsdesk.wording.confidence_words import sureness_in_words
from newsdesk.wording.counted import paragraph_in_words
from newsdesk.wording.dateline import MONTHS, in_words
from newsdesk.wording.links import http_url
from newsdesk.wording.receipt import receipt_in_words
from ui import render
from ui.conversation import Kept

_COLUMNS = "question marker outlet byline day headline paragraph quote address permalink also_in".split()
_IN_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~$])")
_IN_BIBTEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_", "%": r"\%",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


def export(kept: Kept, form: str) -> tuple[str, str, str]:
    """The file's name, its media type and its text; `form` is one of FORMS, KeyError for another."""
    media_type, write = FORMS[form]
    return f"newsdesk-{_slug(kept.name) or 'conversation'}.{form}", media_type, write(kept)


def copied(answer: Answer, site: str = "") -> str:
    """An answer with its citations as plain text, to be pasted into a story or a mail."""
    lines = [f"[{cited.marker}] {_described(cited, site)}" for cited in answer.citations]
    return "\n".join([answer.text, *([""] if lines else []), *lines])


def address(citation: Citation, site: str = "") -> str:
    """Where a citation can be looked up: at its publisher's, else on its page here."""
    return http_url(citation.url) or here(citation, site)


def here(citation: Citation, site: str) -> str:
    """The paragraph's page in this archive; `site` is where the chat lies."""
    return f"{http_url(site).rstrip('/')}/{render.permalink(citation)}"


def _described(citation: Citation, site: str) -> str:
    by = f"by {render.listed(citation.authors)}" if render.listed(citation.authors) else ""
    day = in_words(citation.published) if citation.published else "undated"
    about = (f"“{citation.title or citation.article_id}”", citation.source, by, day)
    return f"{', '.join(part for part in about if part)}. {address(citation, site)}"


# ------------------------------------------------------------------------------------------------ the forms


def _markdown(kept: Kept) -> str:
    lines = [f"# {_escaped(kept.name)}", "", f"Asked of Newsdesk; saved on {in_words(date.today())}."]
    for exchange in kept.exchanges:
        lines += ["", f"## {_escaped(' '.join(exchange.question.split()))}", ""]
        answer = exchange.answer
        if answer is None:
            lines.append(f"*{_escaped(exchange.notice)}*")
            continue
        lines.append(_escaped(answer.text))
        for said in _said_below(answer):
            lines += ["", f"*{_escaped(said)}*"]
        for cited in answer.citations:
            lines += ["", f"{cited.marker}. {_source_in_markdown(cited, kept.site)}"]
    return "\n".join(lines) + "\n"


def _source_in_markdown(cited: Citation, site: str) -> str:
    about = _escaped(_described(cited, site).removesuffix(address(cited, site)))
    also = ", ".join(copy.source or copy.article_id for copy in cited.also_in)
    quote = _escaped(" ".join(cited.shown.split()))
    links = f"<{address(cited, site)}>, [in the archive](<{here(cited, site)}>)"
    return f"{about}{links}" + (f" Also in: {_escaped(also)}." if also else "") + f"\n   > {quote}"


def _escaped(text: str) -> str:
    return _IN_MARKDOWN.sub(r"\\\1", text)


def _page(kept: Kept) -> str:
    said = [_said_below(exchange.answer) if exchange.answer else () for exchange in kept.exchanges]
    return render.export_html(kept, list(zip(kept.exchanges, said, strict=True)), lambda cited: here(cited, kept.site))


def _json(kept: Kept) -> str:
    exchanges = []
    for exchange in kept.exchanges:
        answer = asdict(exchange.answer) if exchange.answer else None
        for cited, was in zip(
            answer["citations"] if answer else (), exchange.answer.citations if exchange.answer else (), strict=True
        ):
            cited |= {
                "byline": render.listed(was.authors),
                "address": address(was, kept.site),
                "permalink": here(was, kept.site),
            }
        exchanges.append({"question": exchange.question, "notice": exchange.notice, "answer": answer})
    told = {"name": kept.name, "saved": date.today(), "exchanges": exchanges}
    return json.dumps(told, ensure_ascii=False, indent=2, default=str) + "\n"


def _bibtex(kept: Kept) -> str:
    entries: dict[str, str] = {}
    keys: set[str] = set()
    for _, cited in _cited(kept):
        if cited.article_id not in entries:
            key = _bibtex_key(cited, keys)
            keys.add(key)
            entries[cited.article_id] = _bibtex_entry(key, cited, kept.site)
    return "\n".join(entries.values())


def _bibtex_key(cited: Citation, taken: set[str]) -> str:
    year = cited.published.year if cited.published else "undated"
    key = f"{_slug(cited.source).replace('-', '') or 'newsdesk'}{year}{_slug(cited.title).partition('-')[0]}"
    number = 1
    while (numbered := key if number == 1 else f"{key}-{number}") in taken:
        number += 1
    return numbered


def _bibtex_entry(key: str, cited: Citation, site: str) -> str:
    day = cited.published
    fields = {
        "author": " and ".join(f"{{{_in_bibtex(author)}}}" for author in cited.authors),
        "title": f"{{{_in_bibtex(cited.title or cited.article_id)}}}",
        "journal": _in_bibtex(cited.source),
        "year": str(day.year) if day else "",
        "month": MONTHS[day.month - 1][:3].lower() if day else "",
        "day": str(day.day) if day else "",
        "url": address(cited, site).replace("{", "%7B").replace("}", "%7D"),
        "note": _in_bibtex(f"{paragraph_in_words(cited.paragraph).capitalize()}: “{' '.join(cited.shown.split())}”"),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@article{{{key},", *lines, "}", ""])


def _in_bibtex(text: str) -> str:
    return "".join(_IN_BIBTEX.get(character, character) for character in text)


def _csv(kept: Kept) -> str:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(_COLUMNS)
    for question, cited in _cited(kept):
        day = cited.published.isoformat() if cited.published else ""
        also = "; ".join(copy.source or copy.article_id for copy in cited.also_in)
        row = (
            question, str(cited.marker), cited.source, render.listed(cited.authors), day, cited.title,
            str(cited.paragraph + 1), cited.shown, address(cited, kept.site), here(cited, kept.site), also,
        )  # fmt: skip
        rows.writerow([safe_cell(cell) for cell in row])
    return f"\ufeff{out.getvalue()}"  # without the mark, spreadsheets take it for another encoding


FORMS: dict[str, tuple[str, Callable[[Kept], str]]] = {
    "md": ("text/markdown", _markdown),
    "html": ("text/html", _page),
    "json": ("application/json", _json),
    "bib": ("application/x-bibtex", _bibtex),
    "csv": ("text/csv", _csv),
}
"""How a file's name ends -> its media type and who writes it."""


def _cited(kept: Kept) -> Iterator[tuple[str, Citation]]:
    """Every citation with the question that it answers."""
    for exchange in kept.exchanges:
        for cited in exchange.answer.citations if exchange.answer else ():
            yield exchange.question, cited


def _said_below(answer: Answer) -> tuple[str, ...]:
    """What stands below an answer: how sure it is, its notes, its receipt."""
    notes = [note.text for note in answer.notes]
    sure = sureness_in_words(answer.confidence, answer.answerable, [note.kind for note in answer.notes])
    receipt = receipt_in_words(answer.coverage) if answer.coverage else ""
    return tuple(filter(None, (sure and f"{sure}.", *notes, receipt)))


def _slug(text: str) -> str:
    """Small letters, digits and hyphens: for names of files and keys."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:50].strip("-")
