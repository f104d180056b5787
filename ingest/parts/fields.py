"""What others call the fields of an article: usual names are found, others are named by the user."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from newsdesk.errors import WrongUse
from newsdesk.wording.quoted import quoted

# From exports of newsrooms' systems, of crawlers and of news services (NewsAPI, NewsCatcher, Guardian, New York Times,
# news-please, Media Cloud, WordPress, JSON Feed, schema.org). Letters and digits only; the best name comes first.
_USUAL = {
    "id": "guid uuid articleid storyid documentid docid identifier",
    "title": "headline head hed heading articletitle articleheadline newstitle webtitle pagetitle",
    "text": "body content articlebody bodytext fulltext maintext articletext articlecontent maincontent storytext story article"
    " cleanedtext contenttext plaintext textcontent bodyhtml contenthtml bodyxhtml html",
    "source": "publisher outlet publication newspaper sitename sourcename newssource provider feedname site sourcedomain domain",
    "authors": "byline bylines authorname authornames writer creator dccreator reporter journalist",
    "published": "publishedat datepublished publisheddate publicationdate publishdate pubdate datepublish datepublication"
    " publishedon publishedtime publishtime publicationtime firstpublished firstpublishedat firstpublicationdate"
    " webpublicationdate dateissued issued displaydate releasedate publishedutc datepublishedutc datetime timestamp created createdat"
    " datecreated creationdate",
    "url": "link permalink weburl canonicalurl articleurl storyurl pageurl canonical sourceurl uri href loc",
    "agency": "newsagency wireservice",
    "section": "category categories sectionname articlesection desk rubric",
    "language": "lang inlanguage languagecode",
    "modified": "datemodified modifiedat lastmodified modifieddate updated updatedat dateupdated lastupdated lastmod"
    " datemodify modifiedutc versioncreated",
    "version": "versionnumber revision",
}
_NAMES = {field: names.split() for field, names in _USUAL.items()}
OWN = frozenset((*_USUAL, "author", "date", "paragraphs"))
"""What Newsdesk calls the fields itself."""
_ALSO = {"authors": ("author",), "published": ("date",), "text": ("paragraphs",)}
_TEXTS = ("text", *_ALSO["text"])
_MISSED = ("title", "published", "source")
"""What an article should have: their lack is told when something else was there."""
_NAMED = ("name", "main", "rendered", "original", "value", "text", "#text", "content", "title", "href", "$date", "$oid")
"""Where an object keeps what it is called or says."""
_SHOWN_FIELDS = 12
OF_FIELDS = "fields: "
"""How a warning begins that tells which were taken for what, and which for nothing; `newsdesk ingest` then tells of --map."""
NO_TEXT_FIELD = "has no field with the text"
"""How a reason begins that another name for the field would mend; `newsdesk ingest` then tells of --map."""


def mapping_of(given: str) -> dict[str, str]:
    """What "title=headline,text=fields.body" maps: our field -> the source's; a dot leads into an object.

    Raises WrongUse for anything else.
    """
    mapping: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in given.split(","))):
        ours, sign, theirs = (part.strip() for part in pair.partition("="))
        if not sign or not theirs or ours not in OWN:
            raise WrongUse(
                f"--map holds {quoted(pair)}. Write field=name pairs, such as title=headline,text=body. "
                f"The fields are {', '.join(sorted(OWN))}."
            )
        mapping[ours] = theirs
    return mapping


class Told(NamedTuple):
    """What there is to be told about the fields of a record."""

    guesses: tuple[str, ...] = ()
    """Which names were taken for what."""
    missed: str = ""
    """What was not found, and which fields nothing was made of."""

    def __str__(self) -> str:
        parts = [f"took {', '.join(self.guesses)}"] * bool(self.guesses) + [self.missed] * bool(self.missed)
        return "; ".join(parts)


def known(record: Mapping[str, object], mapping: Mapping[str, str] | None = None) -> tuple[dict[str, object], Told]:
    """The record under the names that Newsdesk uses, and what there is to be told about that.

    What `mapping` names goes first, then our own names, then the usual ones. Objects in the place of a text ("source":
    {"name": ...}) become that text. Fields that mean nothing to Newsdesk stay; they are ignored later.
    """
    found = _in_our_case(record)
    record = found.copy()
    for ours, theirs in (mapping or {}).items():
        value = value_within(record, theirs)
        for name in (ours, *_ALSO.get(ours, ())):
            found.pop(name, None)
        if value is not None:
            found[ours] = value
    others = [name for name in record if name not in OWN]
    guessed = _guess(found, others) if others else {}
    found |= {ours: record[theirs] for ours, theirs in guessed.items()}
    _make_plain(found)
    return found, _told(others, found, guessed, mapping or {}) if others else Told()


def why_no_text(
    record: Mapping[str, object],
    found: Mapping[str, object],
    mapping: Mapping[str, str] | None = None,
    head: Sequence[str] = (),
) -> str:
    """Why a record has no text: its field is empty, or there is none; "" where something stands in such a field.

    `found` is what `known` made of the record; `head` names the fields that each record of a table has.
    """
    if not _is_missing(found, "text"):
        return ""
    empty = _text_fields(dict.fromkeys(head) | dict(record), mapping or {})
    if empty:
        return f"has no text: {', '.join(map(quoted, empty))} {'is' if len(empty) == 1 else 'are'} empty"
    others = [name for name in record if name not in OWN]
    return no_text_field(others) if others else "has no text: neither 'text' nor 'paragraphs' holds a paragraph"


def no_text_field(names: list[str]) -> str:
    """Says that none of these names is one for the text, and which are."""
    usual = ", ".join(("text", *_NAMES["text"][:5]))
    return (
        f"{NO_TEXT_FIELD}; there {'is' if len(names) == 1 else 'are'} {shown_names(names)}; the usual names are {usual}"
    )


def _text_fields(record: Mapping[str, object], mapping: Mapping[str, str]) -> list[str]:
    """The names in a record that are for the text: by the mapping, if it has such a one, else by what is usual."""
    mapped = [theirs for ours, theirs in mapping.items() if ours in _TEXTS and _is_named(record, theirs)]
    usual = (*_TEXTS, *_NAMES["text"])
    return mapped or [name for name in record if _bare(name) in usual]


def _is_named(record: Mapping[str, object], path: str) -> bool:
    """Whether there is a field under a name, or under names that dots lead along, be it empty."""
    above, dot, name = path.rpartition(".")
    within = value_within(record, above) if dot else None
    return path in record or (isinstance(within, Mapping) and name in within)


def _in_our_case(record: Mapping[str, object]) -> dict[str, object]:
    """The record with our own names as we write them ("Title", "DATE"), where they are not there already."""
    ours = {name: name.lower() for name in record if name.lower() in OWN and name.lower() not in record}
    return {ours.get(name, name): value for name, value in record.items()}


def _guess(found: Mapping[str, object], others: list[str]) -> dict[str, str]:
    """Our fields that are missing -> the usual names under which they are there."""
    theirs_by_name = {_bare(name): name for name in reversed(others)}
    guessed: dict[str, str] = {}
    for ours, names in _NAMES.items():
        if _is_missing(found, ours):
            theirs = (theirs_by_name[name] for name in names if name in theirs_by_name)
            given = [name for name in theirs if not _is_absent(found[name])]
            guessed |= {ours: given[0]} if given else {}
    return guessed


def value_within(record: Mapping[str, object], path: str) -> object:
    """The value under a name, or under names that dots lead along; None if there is none."""
    if path in record:
        return record[path]
    value: object = record
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _is_absent(value: object) -> bool:
    return value is None or value == "" or value == [] or (isinstance(value, str) and not value.strip())


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _make_plain(found: dict[str, object]) -> None:
    """Takes the text out of objects and short lists that stand where a text should."""
    for field in (
        "id",
        "title",
        "text",
        "source",
        "published",
        "date",
        "url",
        "agency",
        "section",
        "language",
        "modified",
        "version",
    ):
        value = found.get(field)
        if field == "text" and isinstance(value, list) and value and all(isinstance(item, str) for item in value):
            found["paragraphs"] = found.get("paragraphs") or value
            found["text"] = None
        elif field == "section" and isinstance(value, list):
            found[field] = next((text for item in value if (text := _text_of(item))), None)
        elif isinstance(value, dict) and (text := _text_of(value)) is not None:
            found[field] = text
    if isinstance(found.get("authors"), dict):
        found["authors"] = _text_of(found["authors"])


def _text_of(value: object) -> object:
    """A text, or what an object keeps under one of the usual names; None if there is none."""
    if isinstance(value, dict):
        return next(
            (value[name] for name in _NAMED if isinstance(value.get(name), str | int) and value[name] != ""), None
        )
    return value if isinstance(value, str) else None


def _told(
    others: list[str], found: Mapping[str, object], guessed: Mapping[str, str], mapping: Mapping[str, str]
) -> Told:
    missed = [ours for ours in _MISSED if _is_missing(found, ours)]
    used = {*guessed.values(), *(theirs.partition(".")[0] for theirs in mapping.values())}
    unused = [name for name in others if name not in used]
    are = "is" if len(unused) == 1 else "are"
    lacking = f"found no {', '.join(missed)} among {shown_names(unused)}, which {are} not used"
    return Told(
        tuple(f"{quoted(theirs)} for the {ours}" for ours, theirs in guessed.items()),
        lacking if missed and unused else "",
    )


def _is_missing(found: Mapping[str, object], ours: str) -> bool:
    return all(_is_absent(found.get(name)) for name in (ours, *_ALSO.get(ours, ())))


def shown_names(names: list[str]) -> str:
    """The first names of fields, for a message."""
    more = f" and {len(names) - _SHOWN_FIELDS} more" if len(names) > _SHOWN_FIELDS else ""
    return ", ".join(quoted(name, 40) for name in names[:_SHOWN_FIELDS]) + more
