"""Words a follow-up so that it can be read without the conversation: "Where is it?" as "Where is al-Bab?".

Something is put in another's place only where no reader would doubt it. Else the follow-up is joined to the question that
it follows, as a person would ask both at once: "Who won the Golden Gull, and by how many votes?".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.text.terms import is_stop_word, terms
from index.understand.answer_type import POSTS
from newsdesk.types import Turn
from newsdesk.wording.dateline import CALENDAR
from newsdesk.wording.sentences import CAPITALS

_MOST_CLAUSES = 3
"""Of questions joined: the first, which says what all is about, and the last ones."""
_SHORT = 8
"""Words of an answer that may be a name and no more; whole sentences name too many."""

_AUXILIARY = "did|does|do|will|would|has|have|had|can|could|should"
_BE = "is|are|was|were"
_PLACING = "in|at|on|of|near|from|to|for|outside|against|with|by"
_WORD = rf"[{CAPITALS}](?:[\w-]|[’'](?!s\b)(?=\w))*"
_NAME = re.compile(
    rf"(?<=[\w,] )(?:the )?(?:(?:al|el)-)?(?P<bare>{_WORD}(?: (?:(?:of|de|van|von|bin|al|the) )*{_WORD})*)"
    r"|(?<=\b(?:in|by) )\d{4}\b"
)
_POINTERS = (
    ("person", "he|him|his|she|her|hers"),
    ("several", "they|them|their|theirs"),
    ("thing", "it|its"),
    ("other", "this|that|these|those|there|then|one|ones|both|else"),
)
_POINTER = re.compile(r"\b(?:" + "|".join(f"(?P<{kind}>{words})" for kind, words in _POINTERS) + r")\b", re.I)
_POSSESSIVE = frozenset(("his", "its", "their"))
_ENDS_AT_HER = re.compile(r"\W*$| (?:in|on|at|to|from|for|with|by|after|before|when|as|during|and|or|of|out)\b")
_OWNS_BY_HER = re.compile(r" (?!\w+ly\b|yesterday\b|today\b|again\b|first\b|last\b)[a-z]")
_IT_IS_NOTHING = re.compile(r"\bit (?:takes?|took|taken)\b|\bit (?:rain|snow|\w+ (?:that|to|who)\b)", re.I)

_LEADS_ON = re.compile(r"^\s*(?:(?:and|but|so|or|also)\b[\s,]*)+", re.I)
_ABOUT = re.compile(r"^\s*(?:what|how) about\s+", re.I)
_ASKS = re.compile(rf"\b(?:who|whom|whose|what|when|where|why|which|how|{_BE}|{_AUXILIARY})\b", re.I)
_SLOT = re.compile(rf"^(?P<at>(?:{_PLACING}|during|since|after|before) )?(?P<what>.+)$")
_ADVERB = re.compile(r"^(?:why|when|where|how)$", re.I)
_YES_OR_NO = re.compile(rf"^(?:{_AUXILIARY}|{_BE})\b", re.I)
_HAS_ADVERB = re.compile(
    rf"^(?:why|when|where|how)(?= (?:{_AUXILIARY}) | (?:{_BE}) .*\b[a-z]+(?:ed|en|wn|ught|uilt|ade|eld|ost|ent)\b)",
    re.I,
)
_ASKS_WHO = re.compile(r"^(?:who|which \w+)\b", re.I)
_IS_WHO = re.compile(rf"^[Ww]ho (?:{_BE}) (?={_WORD})")
_IS_WHERE = re.compile(rf"^where (?:{_BE}) it$", re.I)
_LARGER = re.compile(
    rf"\bthe (?:(?!the\b|who\b|that\b|{_BE}\b|{_AUXILIARY}\b)[a-z-]+ ){{1,4}}(?:{_PLACING}) (?:the )?$"
)


def in_full(question: str, earlier: Sequence[Turn]) -> str:
    """The question as one sentence with what it leans on; `earlier` are the turns it leans on, the oldest first."""
    earlier = [turn for turn in earlier if _bare(turn.question)]
    if not earlier:
        return question
    told = [(_bare(earlier[0].question), earlier[0].answer)]
    stands_alone = True
    answers = [*(turn.answer for turn in earlier[1:]), ""]
    for own, answer in zip([*(_bare(turn.question) for turn in earlier[1:]), _bare(question)], answers, strict=True):
        anew = _with_its_subject(told[-1][0], own) or asked_anew(own, told[-1][0])
        if anew:
            told[-1] = (_bare(anew), answer)
            continue
        named = _named(own, told)
        stands_alone = named is not None
        told.append((named or _as_question(own), answer))
    clauses = [clause for clause, _ in told]
    return _sentence(clauses[-1:] if stands_alone else [clauses[0], *clauses[1:][1 - _MOST_CLAUSES :]])


def asked_anew(question: str, earlier: str) -> str | None:
    """What a bare "Why?" asks after a question whose form it can take: "Why did Prior resign?" after "When did Prior resign?"."""
    adverb, before = _bare(question), _bare(earlier)
    if not _ADVERB.match(adverb):
        return None
    if _YES_OR_NO.match(before):
        return _sentence((f"{adverb} {_as_it_goes_on(before)}",))
    return _sentence((_HAS_ADVERB.sub(adverb, before),)) if _HAS_ADVERB.match(before) else None


def _with_its_subject(before: str, own: str) -> str | None:
    """The question before, asked of another name: "What about Skarholm?" after "Who is the mayor of Hallowby?"."""
    if _ASKS.search(_ABOUT.sub("", own)):
        return None
    slot = _SLOT.match(_ABOUT.sub("", own))
    what = slot["what"] if slot else ""
    if slot is None or not _is_name(what):
        return None
    alike = [name for name in _names(before) if _is_day(name.group()) == _is_day(what)]
    if slot["at"] and not alike:
        return f"{before} {slot['at']}{what}"
    placed = [name for name in alike if not slot["at"] or _is_placed(before, name)]
    if len(placed) != 1:
        return None
    return before[: placed[0].start()] + what + before[placed[0].end() :]


def _named(own: str, told: Sequence[tuple[str, str]]) -> str | None:
    """The follow-up with a name for its pronoun; None where it might mean more than one thing.

    `told` are the clauses before it with their answers. The last that names anything decides.
    """
    pointers = list(_POINTER.finditer(own))
    kinds = {match.lastgroup for match in pointers}
    kind = kinds.pop() if len(kinds) == 1 else "other"
    for clause, answer in reversed(told):
        meant = _meant(kind, own, clause, answer)
        if meant or _names(clause):
            return _put(meant, own, pointers[0]) if meant else None
    return None


def _meant(kind: str | None, own: str, before: str, answer: str) -> str | None:
    if kind == "person":
        return _person(before, answer)
    if kind == "several":
        return _several(before)
    return _thing(before, own) if kind == "thing" and not _IT_IS_NOTHING.search(own) else None


def _put(meant: str, own: str, pronoun: re.Match[str]) -> str | None:
    word, rest = pronoun.group().casefold(), own[pronoun.end() :]
    if word in ("hers", "theirs"):
        return None
    if word == "her" and not _ENDS_AT_HER.match(rest) and not _OWNS_BY_HER.match(rest):
        return None
    owns = word in _POSSESSIVE or (word == "her" and not _ENDS_AT_HER.match(rest))
    ending = ("’" if meant.endswith("s") and word == "their" else "’s") if owns else ""
    return f"{own[: pronoun.start()]}{meant}{ending}{rest}"


def _person(before: str, answer: str) -> str | None:
    """Who "he" or "she" is: the one whom the question before names, or the answer to who it was."""
    names = _names(before)
    if _ASKS_WHO.match(before) and not _IS_WHO.match(before):
        people = [name for name in names if " " in name["bare"] and not _is_placed(before, name)]
        short = _short(answer)
        found = [] if people else re.findall(rf"{_WORD}(?: {_WORD})+", short)
        return found[0] if len(found) == 1 and found[0].split()[0] not in ("The", "A", "An") else None
    if len(names) != 1 or _is_placed(before, names[0]) or _is_owner(before, names[0]):
        return None
    name = names[0].group()
    return name if not name.startswith("the ") and names[0]["bare"].casefold() not in POSTS else None


def _several(before: str) -> str | None:
    """Who "they" are: the one team or firm that the question before names.

    Not whom its answer names: what "they" did would then be asked without when and where.
    """
    names = _names(before)
    if len(names) != 1 or _is_placed(before, names[0]) or _is_owner(before, names[0]) or _ASKS_WHO.match(before):
        return None
    return names[0].group() if names[0].group().endswith("s") else None


def _thing(before: str, own: str) -> str | None:
    """What "it" is: the one thing that the question before names, or what that is part of ("the strike on al-Bab")."""
    names = _names(before)
    if len(names) != 1 or _is_owner(before, names[0]) or _IS_WHO.match(before):
        return None
    name = names[0]
    if not _is_placed(before, name) or _IS_WHERE.match(own):
        return name.group()
    larger = _LARGER.search(before, 0, name.start())
    ends_here = name.end() == len(before)
    is_person = re.match(rf"^(?:who|whom) (?:{_BE}) the\b", before, re.I)
    return before[larger.start() :] if larger and ends_here and not is_person else None


def _names(clause: str) -> list[re.Match[str]]:
    """The names of a clause, days and years too; its first word has a capital anyway."""
    return list(_NAME.finditer(clause))


def _is_name(text: str) -> bool:
    return any(match.end() == len(text) + 3 for match in _NAME.finditer(f"in {text}") if match.start() == 3)


def _is_day(name: str) -> bool:
    return name.isdecimal() or name.split()[0] in CALENDAR


def _is_placed(clause: str, name: re.Match[str]) -> bool:
    return bool(re.search(rf"\b(?:{_PLACING}) $", clause[: name.start()], re.I))


def _is_owner(clause: str, name: re.Match[str]) -> bool:
    return bool(re.match(r"[’']", clause[name.end() :]))


def _short(answer: str) -> str:
    """An answer of a few words up to its first comma or stop; nothing of a longer one."""
    first = re.split(r"[,.;:(\[–]", answer.strip())[0].strip()
    return first if len(first.split()) <= _SHORT else ""


def _as_question(own: str) -> str:
    return own if _ASKS.search(own) else f"what about {_ABOUT.sub('', own)}"


def _bare(question: str) -> str:
    """Without the "And" before it and the mark behind it."""
    return _LEADS_ON.sub("", question.strip()).rstrip(" ?!.")


def _as_it_goes_on(clause: str) -> str:
    """As it is written after other words: with a small letter, unless it begins with a name."""
    first = re.match(r"\w+", clause)
    is_plain = first and first.group()[1:].islower() and all(map(is_stop_word, terms(first.group())))
    return clause[:1].lower() + clause[1:] if is_plain else clause


def _sentence(clauses: Sequence[str]) -> str:
    first, *others = clauses
    parts = [first, *map(_as_it_goes_on, others)]
    text = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])}, and {parts[-1]}"
    return f"{text[:1].upper()}{text[1:]}?"
