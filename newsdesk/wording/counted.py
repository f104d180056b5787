"""Numbers with the words that fit them."""

from __future__ import annotations


def counted(number: int, one: str, several: str = "") -> str:
    """ "1 article", "1,200 articles"; `several` is for words that do not simply take an s ("story", "stories")."""
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


def paragraph_in_words(number: int) -> str:
    """ "paragraph 1" for the first one: people count from 1, where the API, its links and the catalogue count from 0."""
    return f"paragraph {number + 1:,}"
