"""Markdown to plain text: what its signs mean is dropped with them, and no address or asterisk is quoted."""

from __future__ import annotations

import re

from ingest.parts.markup import paragraphs_of_markup

_HEADING = re.compile(r"<h1>(.*?)</h1>", re.DOTALL)


def plain_of_markdown(text: str) -> tuple[str, str]:
    """The first heading of the first level, "" if there is none, and the rest with a blank line between blocks."""
    from markdown_it import MarkdownIt

    html = MarkdownIt("commonmark").enable("table").render(text)
    title = ""
    if heading := _HEADING.search(html):
        title = " ".join(paragraphs_of_markup(heading.group(1)))
        html = html[: heading.start()] + html[heading.end() :]
    return title, "\n\n".join(paragraphs_of_markup(html))
