"""Reads plain text: a story as an agency sends it, or a web page saved as text with everything around the story.

The story is what reads like prose. What stands before the first such paragraph is the head (navigation, headline,
byline, date), what comes after the last is the foot (votes, boxes, links).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from ingest.files import read_whole, shown
from ingest.formats.markdown import plain_of_markdown
from ingest.parts.byline import agency_of, authors_of, is_agency, is_name
from ingest.parts.clean import blocks_of, is_boilerplate, one_line, unwrapped, without_boilerplate, wrap_width
from ingest.parts.dates import parse_date
from ingest.parts.identity import article_id
from ingest.parts.limits import check_article, check_paragraphs, check_text
from newsdesk.address import canonical_url
from newsdesk.errors import Unreadable
from newsdesk.types import Article
from newsdesk.wording.quoted import quoted
from newsdesk.wording.sentences import sentence_spans

_log = logging.getLogger("newsdesk.ingest")

# Prose: at least a line long and closed like a sentence. Headlines and navigation are shorter or not closed.
_MIN_PROSE = 60
_MIN_PROSE_CJK = 20  # Chinese and Japanese say in one character what takes English a word
_SENTENCE_END = re.compile(r"""[.!?…。！？؟।]["'”’»)\]」』]*$""")
_CJK_END = re.compile(r"[。！？][」』”]?$")
_UNCLOSED_PROSE_WORDS = 30  # a paragraph whose last full stop got lost; no headline is that long
_TITLE_WORDS = 12
# Everything from here on was written by readers.
_COMMENTS_BEGIN = re.compile(
    r"(?:\d+ )?comments(?: \(?\d+\)?)?:?|(?:leave|add|post)(?: a| new| your)+ (?:comment|reply)|join the conversation",
    re.IGNORECASE,
)


def read_text(path: Path, name: str = "", markdown: bool = False) -> Article:
    """The article in a text file, plain or gzipped, that messages call `name`; in Markdown, without its signs.

    The headline is the first line of the head that is long enough for one, or else the story's first words. An
    agency that signs as author is both author and agency. Lines "Title: ...", "Date: ..." and so on at the top are
    understood, between "---" or not. Raises Unreadable if there is no story, and OSError.
    """
    text = _decode(read_whole(path))
    check_text(text)
    given, text = _front_matter(text)
    if markdown:
        heading, text = plain_of_markdown(text)
        given.setdefault("title", heading)
    lines = _lines(text)
    check_paragraphs(lines)
    start, end, headline = _story(lines)
    head = [line for line in lines[:start] if line != headline and not is_boilerplate(line)]
    credits = [credit for line in head if (credit := _credit(line))]
    title = given.get("title") or _without_quotes(headline or _headline(head))
    paragraphs = without_boilerplate(lines[start:end])
    url = given.get("url", "") if canonical_url(given.get("url", "")) else ""
    authors = authors_of(given.get("author", "")) or tuple(dict.fromkeys(name for c in credits for name in c.authors))
    article = Article(
        id=article_id("", url, title, paragraphs),
        title=title or first_words(paragraphs[0]),
        paragraphs=paragraphs,
        source=given.get("source", ""),
        authors=authors,
        published=_published(name or shown(path), given.get("date", ""), credits),
        url=url,
        agency=given.get("agency") or agency_of(authors, paragraphs),
        section=given.get("section", ""),
        language=given.get("language", ""),
    )
    check_article(article)
    return article


def first_words(paragraph: str) -> str:
    """What stands in for a missing headline: the first sentence, cut after a dozen words."""
    start, end = sentence_spans(paragraph)[0]
    words = paragraph[start:end].split()
    return " ".join(words[:_TITLE_WORDS]) + " …" if len(words) > _TITLE_WORDS else " ".join(words).rstrip(".")


def is_sentence(line: str, words: int) -> bool:
    """True if `line` is closed like a sentence and has at least so many words."""
    closed = _SENTENCE_END.search(line) and (len(line.split()) >= words or _CJK_END.search(line))
    return bool(closed) and not is_boilerplate(line) and not _credit(line)


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if b"\0" in data:
        raise Unreadable("holds NUL bytes: binary data, not text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reason = f"is not UTF-8 (byte {data[error.start]:#04x} at {error.start}), nor Windows-1252; save it as UTF-8"
    # Windows-1252 gives every text some reading. It is the right one only if most of it is plain ASCII.
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        raise Unreadable(reason) from None
    if 4 * sum(not character.isascii() for character in text) > len(text) or re.search(r"[\x01-\x08\x0e-\x1f]", text):
        raise Unreadable(reason)
    return text


_FRONT_MATTER = {
    "title": "title",
    "headline": "title",
    "date": "date",
    "published": "date",
    "source": "source",
    "outlet": "source",
    "publisher": "source",
    "author": "author",
    "authors": "author",
    "byline": "author",
    "url": "url",
    "link": "url",
    "agency": "agency",
    "section": "section",
    "category": "section",
    "language": "language",
    "lang": "language",
}
_FIELD = re.compile(rf"({'|'.join(_FRONT_MATTER)}):[ \t]+(\S.*)", re.IGNORECASE)
_FENCE = re.compile(r"\s*---[ \t]*\r?\n(.*?\n)---[ \t]*(?:\r?\n|$)", re.DOTALL)


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    """The fields at the top of a text, and the text behind them."""
    if fenced := _FENCE.match(text):
        fields = [_FIELD.match(line) for line in fenced.group(1).splitlines()]
        return _fields([field for field in fields if field]), text[fenced.end() :]
    found: list[re.Match[str]] = []
    lines = text.lstrip().splitlines()
    while len(found) < len(lines) and (field := _FIELD.match(lines[len(found)])):
        found.append(field)
    given = _fields(found)
    # A single line may be a headline ("Source: minister to resign"), unless it says that it is the title.
    return (given, "\n".join(lines[len(found) :])) if len(given) > 1 or "title" in given else ({}, text)


def _fields(matches: Sequence[re.Match[str]]) -> dict[str, str]:
    return {_FRONT_MATTER[match.group(1).lower()]: one_line(match.group(2)).strip("\"'") for match in matches}


def _lines(text: str) -> list[str]:
    """The lines of a text, or its paragraphs if it is wrapped at a fixed width; no Markdown heading signs."""
    blocks = blocks_of(text)
    width = wrap_width(blocks)
    lines = [line for block in blocks for line in (unwrapped(block, width) if width else block)]
    return [re.sub(r"^#{1,6} ", "", line) for line in lines]


def _story(lines: Sequence[str]) -> tuple[int, int, str]:
    """Where the story starts and ends, and the headline if it is one that reads like prose.

    Raises Unreadable if nothing reads like a paragraph.
    """
    prose = [number for number, line in enumerate(lines) if _is_prose(line)]
    prose = prose or [number for number, line in enumerate(lines) if is_sentence(line, 4)]
    if not prose:
        raise Unreadable(f"holds no story: none of its {len(lines)} lines reads like a paragraph")
    start, headline = prose[0], ""
    if len(prose) > 1 and not _headline(lines[:start]) and any(map(_credit, lines[start + 1 : prose[1]])):
        start, headline = prose[1], lines[start]  # "Will the bridge ...?" / "By Jane Doe" / the story
    else:
        while start > 0 and lines[start - 1].endswith(".") and is_sentence(lines[start - 1], 3):
            start -= 1
    comments = (number for number in range(start, len(lines)) if _COMMENTS_BEGIN.fullmatch(lines[number]))
    limit = next(comments, len(lines))
    end = max(number for number in prose if number < limit) + 1
    while end < limit and is_sentence(lines[end], 2):
        end += 1
    return start, end, headline


def _is_prose(line: str) -> bool:
    long_enough = len(line) >= (_MIN_PROSE_CJK if _CJK_END.search(line) else _MIN_PROSE)
    closed = _SENTENCE_END.search(line) or len(line.split()) >= _UNCLOSED_PROSE_WORDS
    return bool(long_enough and closed) and not is_boilerplate(line) and not _credit(line)


def _headline(head: Sequence[str]) -> str:
    """The headline among the lines before the story, or "".

    The first with four words or more, before the byline if there are any there; navigation is shorter, and what
    stands between headline and story may be a caption. Among shorter lines, the one nearest to the story.
    """
    own = [number for number, line in enumerate(head) if not is_boilerplate(line) and not _credit(line)]
    byline = next((number for number, line in enumerate(head) if _credit(line)), len(head))
    candidates = [head[number] for number in own if number < byline] or [head[number] for number in own]
    long = [line for line in candidates if len(line.split()) >= 4]
    return long[0] if long else candidates[-1] if candidates else ""


_QUOTES = {"‘": "’", "“": "”", '"': '"', "'": "'", "«": "»", "„": "“"}


def _without_quotes(headline: str) -> str:
    """`headline` without one pair of quotation marks around the whole of it."""
    opening, inner = headline[:1], headline[1:-1]
    encloses = len(headline) > 2 and headline.endswith(_QUOTES.get(opening, "\n")) and opening not in inner
    return inner.strip() if encloses else headline


class _Credit(NamedTuple):
    """What a line above the story says about who wrote it and when."""

    authors: tuple[str, ...]
    published: date | None
    updated: date | None


_LONGEST_CREDIT = 160
_BETWEEN = re.compile(r"\s+[-–—/]\s+|\s*[|•·]\s*")
_BYLINE = re.compile(r"(?:(?:Written |Story |Reported )?By|Author|Authors):?\s+(?P<names>\S.*)", re.IGNORECASE)
_PLACE = re.compile(r"\s+in\s+[A-Z].*$")
_DATED = re.compile(
    r"(?P<label>(?:first |last )?(?:published|posted|updated|modified|issued)|date)(?: (?:on|at))?\s*:?\s*(?P<day>.+)",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r"(?:\d+|an?) (?:second|minute|min|hour|day|week|month|year)s? ago|today|yesterday", re.I)


def _credit(line: str) -> _Credit | None:
    """What a byline or date line says ("By Jane Doe - 3 May 2021 - Updated 4 May 2021"); None if it is neither."""
    if len(line) > _LONGEST_CREDIT or is_boilerplate(line):
        return None
    authors: tuple[str, ...] = ()
    published = updated = None
    unknown = []
    segments = [segment for segment in _BETWEEN.split(line) if segment]
    for number, segment in enumerate(segments):
        names, day = _names_and_day(segment)
        dated = _DATED.fullmatch(segment)
        if names:
            authors += names
            published = published or day
        elif dated and (parse_date(dated["day"]) or _RELATIVE.fullmatch(dated["day"])):
            if re.search("updated|modified", dated["label"], re.IGNORECASE):
                updated = updated or parse_date(dated["day"])
            else:
                published = published or parse_date(dated["day"])
        elif day := parse_date(segment):
            published = published or day
        elif not _RELATIVE.fullmatch(segment):
            unknown.append(number)
    # "London - 18 January 2017" is a date line, "Storm hits the coast - 18 January 2017" a headline.
    if len(unknown) == len(segments) or any(len(segments[number].split()) > 3 for number in unknown):
        return None
    return _Credit(tuple(dict.fromkeys(authors)), published, updated)


def _names_and_day(segment: str) -> tuple[tuple[str, ...], date | None]:
    """The authors that a segment of a byline names, and the day behind them ("By Jane Doe, 3 May 2021")."""
    byline = _BYLINE.fullmatch(segment)
    if not byline:
        agency = segment.strip("()")
        return ((agency,), None) if is_agency(agency) else ((), None)
    rest = _PLACE.sub("", byline["names"])
    names = authors_of(rest)
    day = None
    if not all(map(is_name, names)):
        first, _, behind = rest.partition(",")
        day = parse_date(behind)
        names = authors_of(first)
        if is_agency(behind.strip()):
            names += (behind.strip(),)
    known = tuple(name for name in names if is_name(name) or name.isupper())
    return (known, day) if known else ((), day)


def _published(name: str, given: str, credits: Sequence[_Credit]) -> date | None:
    """The day given at the top; else the byline's; else that of the last update, if that is all the page shows."""
    day = parse_date(given)
    if given and day is None:
        _log.warning("%s: the date %s cannot be read", name, quoted(given))
    days = [credit.published for credit in credits] + [credit.updated for credit in credits]
    return day or next((credited for credited in days if credited), None)
