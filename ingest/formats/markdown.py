"""Markdown to plain text: what its signs mean is dropped with them, and no address or asterisk is quoted."""

from __future__ import annotations

import re

from ingest.parts.markup import paragraphs_of_markup

_HEADING = re.compile(r"<h1>(.*?)</h1>", re.DOTALL)
# What GitHub, Pandoc and others add and the parser does not know: marks of footnotes and boxes of a list of tasks. A
# footnote itself is text.
_FOOTNOTE = re.compile(r"\[\^[^\]\s]{1,40}\]:?")
_TASK = re.compile(r"^(\s*[-*+]\s+)\[[ xX]\]\s", re.MULTILINE)


def plain_of_markdown(text: str) -> tuple[str, str]:
    """The first heading of the first level, "" if there is none, and the rest with a blank line between blocks."""
    from markdown_it import MarkdownIt

    html = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(_TASK.sub(r"\1", _FOOTNOTE.sub("", text)))
    title = ""
    if heading := _HEADING.search(html):
        title = " ".join(paragraphs_of_markup(heading.group(1)))
        html = html[: heading.start()] + html[heading.end() :]
    return title, "\n\n".join(paragraphs_of_markup(html))
