"""Who wrote it: the names in a byline, and the news agencies among them."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Spellings of the agencies in bylines and datelines. The short forms are matched in capitals only.
_AGENCIES = {
    "Reuters": "Reuters",
    "Thomson Reuters": "Reuters",
    "Reuters Staff": "Reuters",
    "AP": "AP",
    "Associated Press": "AP",
    "The Associated Press": "AP",
    "AFP": "AFP",
    "Agence France-Presse": "AFP",
    "dpa": "dpa",
    "DPA": "dpa",
    "Deutsche Presse-Agentur": "dpa",
    "Xinhua": "Xinhua",
    "Xinhua News Agency": "Xinhua",
    "TASS": "TASS",
    "ANSA": "ANSA",
    "EFE": "EFE",
    "Agencia EFE": "EFE",
    "Kyodo": "Kyodo",
    "Kyodo News": "Kyodo",
    "Bloomberg": "Bloomberg",
    "Bloomberg News": "Bloomberg",
    "PA": "PA",
    "PA Media": "PA",
    "Press Association": "PA",
    "UPI": "UPI",
    "United Press International": "UPI",
    "IANS": "IANS",
    "PTI": "PTI",
    "Press Trust of India": "PTI",
    "ANI": "ANI",
    "Yonhap": "Yonhap",
    "Yonhap News Agency": "Yonhap",
    "AAP": "AAP",
    "Anadolu": "Anadolu",
    "Anadolu Agency": "Anadolu",
    "Interfax": "Interfax",
    "The Canadian Press": "The Canadian Press",
    "Petra": "Petra",
}
# "MOSCOW, Jan 18 (Reuters) - ...", "PARIS (AP) — ..."
_DATELINE = re.compile(r"[^()a-z]{2}[^()]{0,60}\(([A-Za-z][A-Za-z -]{1,24})\)\s*[-–—]")
_BY = re.compile(r"^by:?\s+", re.IGNORECASE)
_LIST = re.compile(r"\s*,\s+(?:and\s+)?|\s+and\s+|\s+&\s+")
_PARTICLE = re.compile("al|bin|da|de|del|den|der|di|dos|du|el|ibn|la|le|ten|ter|van|von|y")
_ELIDED = re.compile(r"[dl]['’][A-Z]")  # d'Emilio
_GENERATION = re.compile(r",? (?:[JS]r\.?|I{2,3}|IV)$")
_MAX_NAME_WORDS = 5
# The day and its label, which stand beside the name in a byline.
_DAY_WORD = (
    r"(?:(?:Mon|Tue(?:s)?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?|Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?"
    r"|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?|(?:First |Last )?(?:Published|Updated"
    r"|Posted|Modified|Created|Issued)|[\d:.,]*\d(?:st|nd|rd|th)?|[ap]\.?m\.?|on|at|[ECMP][SD]?T|GMT|UTC|CES?T|BST|IST)"
)
_ONLY_DAY = re.compile(rf"(?:{_DAY_WORD}[\s.,:|-]*)+", re.IGNORECASE)
_DAY_BEHIND = re.compile(rf"(?:[\s,|]+(?:{_DAY_WORD}[.,:]?))+$", re.IGNORECASE)
_AFTER_BY = re.compile(r"\bby:?\s+(?P<names>[^|•·–—\d]+)", re.IGNORECASE)


def authors_of(byline: str) -> tuple[str, ...]:
    """The authors that a clean byline names, in order, each once, without a leading "By".

    ";" always parts them. "A, B and C" is parted only if each part is a name or an agency, so that "Martin Luther
    King, Jr." and "Ministry of Health and Welfare" stay whole; "A, B" without "and" is not parted, because "B" is
    as often a post or an outlet.
    """
    names: list[str] = []
    for part in byline.split(";"):
        part = _BY.sub("", part.strip()).strip(" ,")
        pieces = _LIST.split(part) if re.search(r"\s(?:and|&)\s", part) else [part]
        names.extend(pieces if all(map(is_name, pieces)) else [part])
    return tuple(dict.fromkeys(name for name in names if name))


def is_name(text: str) -> bool:
    """True if `text` looks like a person's full name or is the name of an agency."""
    if is_agency(text):
        return True
    text = _GENERATION.sub("", text)
    words = text.replace(",", " , ").split()
    if not 2 <= len(words) <= _MAX_NAME_WORDS or any(character.isdigit() for character in text):
        return False
    return all(word[0].isupper() or _PARTICLE.fullmatch(word) or _ELIDED.match(word) for word in words)


def without_day(name: str) -> str:
    """`name` without the day, or its label, behind it; "" if it is nothing but that ("Friday March 5", "Published")."""
    return "" if _ONLY_DAY.fullmatch(name) else _DAY_BEHIND.sub("", name)


def names_after_by(line: str) -> tuple[str, ...]:
    """The names behind "by" anywhere in a byline ("Published Friday, 5 March, by Jane Doe"); () if there are none."""
    for match in _AFTER_BY.finditer(line):
        names = tuple(name for text in authors_of(match["names"]) if is_name(name := without_day(text)))
        if names:
            return names
    return ()


def is_agency(text: str) -> bool:
    """True if `text` is the name of a news agency."""
    return text in _AGENCIES


def agency_of(authors: Sequence[str], paragraphs: Sequence[str] = ()) -> str:
    """The agency among `authors`, or else in the dateline of the first paragraph; "" if there is none."""
    for author in authors:
        if author in _AGENCIES:
            return _AGENCIES[author]
    dateline = _DATELINE.match(paragraphs[0]) if paragraphs else None
    return _AGENCIES.get(dateline.group(1), "") if dateline else ""
