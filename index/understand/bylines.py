"""Which outlet or author a question names: "According to the Harbour Courier, who ...?", "What has Mira Holt written?".

A name is one of these only where the archive has articles of it; the forms here only say where such a name would stand.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from newsdesk.wording.sentences import CAPITALS

_NAME = (
    rf"(?:[Tt]he )?(?P<name>[{CAPITALS}\d][^\s,?!]*(?: (?:[{CAPITALS}\d&][^\s,?!]*|of|and|the|on|de|du|la|le|der))*)"
)
_PIECES = r"(?:articles?|stor(?:y|ies)|reports?|pieces?|columns?|headlines?|news items?|coverage)"
_ABOUT = r"(?: (?:about|on|of|regarding|concerning))?"
_ALL = r"(?:(?:all|every|each|any|the|of the|latest|recent|other) )*"
_ASKS_FOR = r"(?:(?:[Pp]lease )?(?:[Ll]ist|[Ss]how|[Gg]ive|[Ff]ind|[Gg]et)(?: me)? )?"

_WRITTEN = re.compile(
    r"^\W*[Ww]hat (?:else )?(?:has|have|had|did|does|do) (?P<by>.+?) "
    rf"(?:written|write|reported|report|published|publish|covered|cover|filed|file|printed|print)(?: so far)?{_ABOUT}(?= |\W*$)"
)
_SAID = re.compile(
    rf"^\W*[Ww]hat (?:has|have|had|did|does|do) (?P<by>.+?) (?:said|say|told us|tell us|had|have){_ABOUT}(?= |\W*$)"
)
_WHICH_PIECES = re.compile(
    rf"^\W*(?:[Ww]hich|[Ww]hat) {_PIECES} (?:has|have|did|does|do) (?P<by>.+?) (?:written|write|published|publish|printed|print){_ABOUT}(?= |\W*$)"
)
_BY = re.compile(
    rf"^\W*(?:(?:[Ww]hich|[Ww]hat) {_PIECES} (?:are|were|have been|is|was)(?: there)?|{_ASKS_FOR}{_ALL}(?i:{_PIECES}|anything|everything)) "
    rf"(?:(?:written|published|printed|filed) )?(?:by|from|in) (?P<by>.+?)(?: (?:about|on|regarding|concerning)\b|(?=\W*$))"
)
_OF_OUTLET = re.compile(
    rf",? ?\b(?:[Aa]ccording to|[Aa]s (?:reported|told|written) (?:by|in)|(?:reported|published|printed) (?:by|in)|reports) {_NAME},? ?"
)
_IN_OUTLET = re.compile(rf" in {_NAME}(?=\W*$| (?:written|published|printed|appear))")
_OUTLETS_PIECE = re.compile(
    rf"\b(?:[Tt]he )?(?P<name>[{CAPITALS}]\S*(?: [{CAPITALS}]\S*)*?)(?:[’']s?)? (?={_PIECES} (?:about|on|of|that)\b)"
)


class Named(NamedTuple):
    """A name that a question may have for an outlet or an author."""

    name: str
    rest: str
    """The question without it; of what they wrote, only what it is about."""
    writes: bool
    """Whether what they wrote is asked for, as a list."""
    may_be_author: bool


def names_of_makers(question: str) -> list[Named]:
    """Where an outlet or an author may be named, the likeliest reading first."""
    found = []
    for pattern, author in ((_WRITTEN, True), (_WHICH_PIECES, True), (_BY, True), (_SAID, False)):
        match = pattern.match(question)
        if match:
            found.append(Named(match["by"].strip(" ,"), question[match.end() :].strip(" ?!."), True, author))
    for pattern, left in ((_OF_OUTLET, " "), (_IN_OUTLET, ""), (_OUTLETS_PIECE, "the ")):
        found += [
            Named(match["name"], _without(question, match, left), False, False) for match in pattern.finditer(question)
        ]
    return found


def same_name(one: str, other: str) -> bool:
    """Whether both are one name, but for case and "the" before it."""
    return _bare(one) == _bare(other) != ""


def _without(question: str, match: re.Match[str], left: str) -> str:
    rest = " ".join(f"{question[: match.start()]}{left}{question[match.end() :]}".split()).replace(" ?", "?")
    return rest[:1].upper() + rest[1:]


def _bare(name: str) -> str:
    return re.sub(r"^the ", "", " ".join(name.casefold().split()))
