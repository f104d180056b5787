"""What somebody gave, as a message repeats it to people."""

from __future__ import annotations

_MOST = 300  # characters of it that are repeated
_MOST_ITEMS = 10


def quoted(given: object, most: int = _MOST) -> str:
    """ "“18 Januar”", "500", "true": a text within quotation marks, at most `most` characters of it.

    What cannot be seen or sent, such as a line's end or half a character, is spelled as \\n or \\ud800, so that no text
    can break a line or steer a terminal. Numbers, true, false and null are as in JSON, and so is a short list of such;
    of what holds more, the kind is named.
    """
    if isinstance(given, str):
        cut = given if len(given) <= most else f"{given[:most]}…"
        return f"“{''.join(each if each.isprintable() else _spelled(each) for each in cut)}”"
    if given is None or isinstance(given, bool):
        return {None: "null", True: "true", False: "false"}[given]
    if isinstance(given, list | tuple):
        plain = len(given) <= _MOST_ITEMS and not any(isinstance(item, list | tuple | dict) for item in given)
        return f"[{', '.join(quoted(item, most) for item in given)}]" if plain else "a list"
    return "an object" if isinstance(given, dict) else str(given)[:most]


def _spelled(character: str) -> str:
    return character.encode("unicode_escape").decode()
