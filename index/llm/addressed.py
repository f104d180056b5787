"""Text in an article that addresses a language model instead of a reader."""

from __future__ import annotations

import re
from itertools import zip_longest

from newsdesk.wording.sentences import sentence_spans

_ROLE = r"(?:system|assistant|user|human|model|ai|instructions?|developer)"
_MODEL = r"(?:(?:large )?language models?|llms?|chat ?bots?|(?:ai|virtual) (?:models?|assistants?|systems?|agents?)|ai|gpt|assistants?)"
_WRITE = (
    r"(?:ignore|disregard|forget|override|bypass|reveal|repeat|print|output|write|say|answer|reply|respond|cite|quote|include|"
    r"insert|put|append|mention|pretend|translate|summari[sz]e|list|tell|name|stop|begin|start|send|call|visit|follow|obey|leave out|rely on)"
)
_PROMPT = re.compile(
    # Marks that prompts alone have: control tokens, tags of roles, the keys of evidence, a question with its answer.
    rf"<\|\w|<</?\w+>>|</?(?:{_ROLE}|start_of_turn|end_of_turn)>|\[/?INST\]|\"role\"\s*:|<script\b|【\d{{1,2}}】|"
    r"(?:^|[.!?]\s)\s*\[\d{1,2}\] \([^()\n]{3,60}\) |\bquestion\s*:[^\n]{0,200}\banswer\s*:|\buser\s*:[^\n]{0,200}\s+assistant\s*:|"
    r"(?:\A|\n|[.!?] )\s*(?-i:SYSTEM|ASSISTANT|DEVELOPER)\s*:|"
    # Who speaks to machines and not to readers.
    rf"\b(?:dear|hey|hello|attention|notes? (?:to|for)|messages? (?:to|for)|instructions? (?:to|for)),? (?:all |any |the )*{_MODEL}[,:;!]|"
    rf"(?:\A|[.!?\n]\s*)(?-i:Assistant|AI|Chatbot|GPT|System), |\bfor (?:all |any )?(?:ai|{_MODEL})\s*[:,] |\b(?:i am|this is) your (?:developer|creator|operator)\b|"
    r"\bYou are (?:now )?(?:(?-i:[A-Z]{3,})\b|an? (?:(?:language )?model|bot)\b)|\b(?:developer|debug|unrestricted) mode\b|\bsystem prompt\b|"
    r"(?:\A|[.!?]\s+)(?:respond|reply|answer|speak|write|print|output|cite) [^.!?\n]{0,40}\b(?:only|nothing else|instead|always)\b|"
    r"\bnew instructions\s*:|\bbegin override\b|\bend of (?:paragraphs?|context|prompt|instructions?)\b",
    re.IGNORECASE | re.MULTILINE,
)
_SIGNS = tuple(
    re.compile(sign, re.IGNORECASE)
    for sign in (
        # A role that speaks, as in a transcript; a number, as our markers are; a reader that is told what it is.
        rf"(?:\A|\n)\W*{_ROLE}(?: message)?\s*:",
        r"[\[【]\d{1,2}[\]】]",
        rf"\b(?:you are|you're|as) (?:now )?(?:an? |the )?{_MODEL}(?:[,:;!]| you\b| that\b)|\A\W*(?:now )?(?:pretend to be|act as)\b|\bfrom now on\b|"
        r"\b(?:whoever|anyone who|any (?:model|machine|system) that) (?:summari[sz]es|reads|answers|translates)\b",
        # An order to write something or to leave it out.
        rf"\A\W*(?:(?:please|kindly|now|never|always|just|then|do not|don['’]t) )*{_WRITE}\b|[,;:] (?:and )?(?:please |do not )?{_WRITE}\b|\band {_WRITE}\b|"
        r"\bi (?:order|command|instruct) you to\b|\bit is (?:important|vital|required) that\b|\A\W*when asked\b|\balways (?:answer|say|reply|write|cite)\b|"
        r"\byou (?:must|have to|are to|may only|can only|speak only)\b",
        # What only somebody has who answers from texts.
        r"\byour (?:\w+ )?(?:answers?|repl(?:y|ies)|responses?|outputs?|instructions?|prompts?|task|summary|key)\b|"
        r"\b(?:all|previous|prior|above|earlier|preceding|system) (?:instructions?|directions?|prompts?|paragraphs?)\b|"
        r"\b(?:everything|texts?|paragraphs?) above\b|\b(?:this|of) paragraphs?\b|\bthis text\b|\beach (?:sentence|word|reply|answer)\b|"
        r"\b(?:other|these|those) (?:passages|paragraphs|sources|documents)\b|\bthis (?:message|one alone)\b|\bthe words? (?-i:[A-Z“\"'])|\boutput format\b|"
        r"\bif you (?:read|are reading) this\b|\b(?:tell|show|ask) the user\b|\bapi key\b|\bevery question\b|\bconversation so far\b",
    )
)
"""Kinds of signs, none of which is rare in news."""
_TOGETHER = 2
"""So many kinds in one sentence are an order to a model; in none of 48,055 passages of news they stand so (docs/llm.md)."""


def addresses_a_model(text: str) -> bool:
    """Whether it gives orders to a model, or is written like a part of a prompt.

    Such a passage is still found, shown and quoted; but no LLM gets to see it. What this does not know is still only data:
    a sentence that it makes a model write has to be supported like any other.
    """
    if _PROMPT.search(text):
        return True
    return any(sum(bool(sign.search(sentence)) for sign in _SIGNS) >= _TOGETHER for sentence in _sentences(text))


def _sentences(text: str) -> list[str]:
    """Its sentences, each with the bracket that follows it."""
    spans = sentence_spans(text)
    parts = [text[start:end] for start, end in spans]
    return [
        f"{part} {following}" if following.startswith(("[", "【")) else part
        for part, following in zip_longest(parts, parts[1:], fillvalue="")
    ]
