"""Text in an article that addresses a language model instead of a reader."""

from __future__ import annotations

import re

_ROLE = r"(?:system|assistant|user|human|ai|instruction|developer)"
_ADDRESSED = re.compile(
    # Marks that only prompts have: roles, control tokens, keys of evidence.
    rf"(?:^|[\n.!?]\s*)#*\s*{_ROLE}\s*:|<\|\w|</?{_ROLE}>|\[/?INST\]|\"role\"\s*:|[\[【]\d{{1,2}}[\]】]|"
    # Orders about the instructions, and whom they are for.
    r"\b(?:ignore|disregard|forget|override|reveal|repeat|print)\b[^.]{0,40}\b(?:instructions?|prompts?|your key|numbers)\b|"
    r"\bbegin override\b|\b(?:dear|note to|attention,?|as an?|you are an?) (?:all )?(?:large )?(?:language models?|ai\b|chatbots?|llms?|assistants?)|"
    r"\bif you (?:read|are reading) this\b[^.]{0,20}\b(?:write|answer|say|reply)\b|"
    r"\b(?:write|put|include|insert|print)\b.{0,60}\b(?:in|into|as) your (?:answer|reply|response|output)\b|"
    r"\bquestion\s*:[^\n]{0,200}\banswer\s*:|<script\b",
    re.IGNORECASE,
)


def addresses_a_model(text: str) -> bool:
    """Whether it gives orders to a model, or is written like a part of a prompt.

    Such a passage is still found, shown and quoted; but no LLM gets to see it. What this does not know is still only data:
    a sentence that it makes a model write has to be supported like any other.
    """
    return bool(_ADDRESSED.search(text))
