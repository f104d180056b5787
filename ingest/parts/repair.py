"""Texts that lost their letters on the way: read in a wrong encoding, or escaped once too often.

Only what cannot be meant is changed: "cafÃ©" and "It\\x92s" by ftfy's judgement, which leaves "SÃO PAULO" alone, and
entities that were written out in the text of a record.
"""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from html.entities import html5
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ftfy import TextFixerConfig

# The first bytes of a letter of UTF-8 and a further one, both taken for letters of Windows-1252; the same for 1251; C1
# controls but the line break. What holds none of these is not looked at further: nearly every text.
_SUSPECT = re.compile(
    r"[\u00c2-\u00f4][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
    r"|(?:[РС]\S){4}|[\x80-\x84\x86-\x9f]"
)
_ENTITY = re.compile(r"&(?:#\d{2,6}|#[xX][0-9a-fA-F]{2,5}|(?P<name>[A-Za-z][A-Za-z0-9]{1,20}));")


def mended(text: str) -> str:
    """The text with its letters as they were before they were read in a wrong encoding; any other as it is."""
    if text.isascii() or not _SUSPECT.search(text):
        return text
    from ftfy import fix_encoding  # here: hardly a text needs it

    # Line by line: one that is whole must not keep one that is broken from being seen as broken.
    return "\n".join(
        fix_encoding(line, _only_encoding()) if _SUSPECT.search(line) else line for line in text.split("\n")
    )


@cache
def _only_encoding() -> TextFixerConfig:
    """Nothing else of what ftfy can do: not quotation marks, ligatures, widths or controls. A lost letter stays lost."""
    from ftfy import TextFixerConfig

    return TextFixerConfig(
        unescape_html=False,
        remove_terminal_escapes=False,
        replace_lossy_sequences=False,
        fix_latin_ligatures=False,
        fix_character_width=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        fix_surrogates=False,
        remove_control_chars=False,
        normalization=None,
        explain=False,
    )


def without_entities(text: str) -> str:
    """The text with "&amp;", "&#8217;" and the like as the signs that they stand for, unless it tells of markup."""
    if "&" not in text or "<" in text:
        return text
    return _ENTITY.sub(lambda match: unescape(match[0]) if _is_known(match["name"]) else match[0], text)


def _is_known(name: str | None) -> bool:
    return name is None or f"{name};" in html5
