"""Two questions in one: "Who built the tower, and where does its keeper live?".

Only what could be asked by itself is a part. "Who won, and by how many votes?" leaves out what it asks about, and "Who said
where he was and who paid him?" asks who said it; both stay whole.
"""

from __future__ import annotations

import re

from newsdesk.wording.sentences import CAPITALS, sentence_spans

_AUXILIARY = r"(?:is|are|was|were|did|does|do|has|have|had|will|would|can|could|should|might|may|[’']s)\b"
_ASKS = (
    rf"(?:(?:what|who|whom|where|(?:since |until |from )?when|why|how)(?:[’']s\b| {_AUXILIARY})|"  # "what was", "where does"
    r"who (?!(?:is|are|was|were|did|does|do|has|have|had|will|would|can|could|should)\b)[\w’'-]+ |"  # "who owns"
    rf"how (?:many|much|long|old|far|big|large|high|tall|deep|heavy|fast|often|wide|soon)\b.*? (?:{_AUXILIARY}|[a-z]+s? )|"
    rf"(?:which|what|whose) (?:[\w’'-]+ ){{1,4}}?(?:{_AUXILIARY}|[a-z]+(?:ed|s) )|"
    rf"(?:in|on|at|by|for|to|from|with|of|since) (?:which|what|whom|whose|how many|how much)\b.+? {_AUXILIARY})"
)
_BEGINS = re.compile(rf"^\W*(?:and |but |also )*{_ASKS}", re.IGNORECASE)
_JOINT = re.compile(rf",? (?:and|but) (?:also |then )?(?={_ASKS})", re.IGNORECASE)
_AND = re.compile(r"^\W*(?:(?:and|but|also|so|or)\b\W*)+", re.IGNORECASE)
_INNER = re.compile(r"\b(?:who|whom|whose|what|which|when|where|why|how|whether|if|that)\b", re.IGNORECASE)
_TELLS = re.compile(
    r"\b(?:sa(?:y|ys|id)|tell|tells|told|know\w*|knew|explain\w*|ask\w*|wonder\w*|decid\w*|reveal\w*|describ\w*|show\w*|learn\w*|"
    r"discover\w*|determin\w*|report\w*|claim\w*|think|thought|believ\w*|see|saw|remember\w*|find|found|argu\w*|mean|of|about|between|on|than|as)$",
    re.IGNORECASE,
)
_ASKING_WORD = re.compile(r"\b(?:how \w+|who|whom|whose|what|which|when|where|why|how)\b", re.IGNORECASE)
_MOST = 3
_FEWEST = 3  # words of a part: "who won" alone leans on another clause


def parts_of(question: str) -> list[str]:
    """The questions that are asked in one, in their order, each with its mark; the question itself when it is one."""
    asked = [question[start:end] for start, end in sentence_spans(question)]
    if not all(sentence.rstrip().endswith("?") and _BEGINS.match(sentence) for sentence in asked):
        return [question]  # "The bridge fell. Who built it, and when did it open?" is one with what it is about
    parts = [part for sentence in asked for part in _clauses(sentence)]
    whole = all(len(part.split()) >= _FEWEST for part in parts)
    return parts if 1 < len(parts) <= _MOST and whole else [question]


def asking_word(part: str) -> str:
    """ "who", "how many" of a question; empty when it has none."""
    match = _ASKING_WORD.search(part)
    return match[0].casefold() if match else ""


def _clauses(sentence: str) -> list[str]:
    """The clauses of one sentence that ask by themselves."""
    begin, clauses = 0, []
    for joint in _JOINT.finditer(sentence):
        before = sentence[begin : joint.start()]
        if _BEGINS.match(before) and not _is_inside(before):
            clauses.append(before)
            begin = joint.end()
    return [_asked(clause) for clause in (*clauses, sentence[begin:])]


def _is_inside(before: str) -> bool:
    """Whether what follows may belong to a clause within the first one: "Who said where he was | and who paid him?"."""
    first = _BEGINS.match(before)
    rest = before[first.end() :] if first else before
    return bool(_INNER.search(rest) or _TELLS.search(before.strip()))


def _asked(clause: str) -> str:
    clause = _AND.sub("", clause).strip(" ,;?!.")
    return f"{clause[:1].upper()}{clause[1:]}?"


# --- What "it" and "she" are in a later part --------------------------------------------------------------------------

_NP = rf"(?P<np>(?:the|an?|this|that|[{CAPITALS}])[^,?]*?)"
_SUBJECTS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"^\W*[Ww](?:ho|hat|hich [\w’'-]+) (?!{_AUXILIARY})[\w’'-]+ {_NP}\W*$",  # "Who built the tower"
        rf"^\W*(?:[Ww]h\w+|[Hh]ow \w+)(?: [\w’'-]+)*? (?:did|does|do|will|would|can|could) {_NP} [a-z]+(?: (?:for|in|on|at|from))?\W*$",
        rf"^\W*(?:[Ww]h\w+|[Hh]ow \w+)(?: [\w’'-]+)*? (?:was|were|is|are|has|have|had) {_NP} (?:been )?[a-z]+(?:ed|en|wn|lt|nt|ld|de|ut|un|ght)(?: (?:for|in|on|at|from))?\W*$",
        rf"^\W*(?:[Ww]h\w+|[Hh]ow \w+) (?:is|are|was|were) {_NP}\W*$",
    )
)
_NAME_RUN = re.compile(rf"(?<=[\w,] )[{CAPITALS}][\w’'-]+(?: [{CAPITALS}][\w’'-]+)+")
_IT = re.compile(r"\b(?:(its|their)|(it|they|them))\b")
_SHE = re.compile(
    r"\b(?:(his|her(?= (?!(?:in|on|at|by|to|for|from|of|with|when|after|before)\b)\w))|(he|she|him|her))\b"
)


def filled(part: str, first: str, answer: str | None) -> str:
    """A later part with what its pronoun stands for: what the first part is about, or the person who answers that one.

    `answer` is the short answer of the first part. Left as it is where it is not plain what is meant.
    """
    person = answer if answer and answer[:1].isupper() and first.lower().startswith("who") else _person_in(first)
    for pattern, meant in ((_SHE, person), (_IT, subject_of(first))):
        found = pattern.search(part)
        if found and meant:
            whose = f"{meant}’s" if found[1] else meant
            return f"{part[: found.start()]}{whose}{part[found.end() :]}"
    return part


def subject_of(part: str) -> str:
    """What a question is about, where it begins with "the" or a name; empty when that is not plain."""
    match = next((match for pattern in _SUBJECTS if (match := pattern.match(part))), None)
    return match["np"] if match else ""


def _person_in(part: str) -> str:
    named = _NAME_RUN.findall(part)
    return named[0] if len(named) == 1 else ""
