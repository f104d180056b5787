"""The language of an article that does not say it, told by its letters."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from newsdesk.types import Article

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_READ = 500
"""Characters. Of 2,600 pieces of English news of 200 characters none was taken for another language."""
_SURE = 0.9
"""Of 2,600 pieces of 40 characters 156 were, but none with this certainty."""


def with_language(article: Article) -> Article:
    """The article with its language as a code of two letters (ISO 639-1), if it does not say one and it can be told.

    A declared language goes first. What is too short to be sure of stays without.
    """
    if article.language:
        return article
    language, certainty = _identifier().classify("\n".join((article.title, *article.paragraphs[:5]))[:_READ])
    return replace(article, language=language) if certainty >= _SURE else article


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # here: its model takes a second to load

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    # Its other codes tell dialects of one another; "zxx" is no language.
    identifier.set_languages({code for code in identifier.nb_classes if len(code) == 2})
    return identifier
