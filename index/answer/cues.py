"""How things stand: what is, will be or is still being counted, what was only expected, who no longer is what is asked for."""

from __future__ import annotations

import re
from collections.abc import Set

from index.text.terms import terms

_GONE = (
    r"(?:resign(?:s|ed)|step(?:s|ped) down|st(?:ands|ood) down|quits?(?! (?:his|her|their|an?) )|retire[sd]|dies|died)"
)
_DISMISSED = r"(?:sacked|fired|dismissed|ousted|removed|replaced|succeeded|voted out|forced out)"
_LEFT = r"left (?:the |his |her |their )?(?:post|office)(?! office)"
_IS_GONE = re.compile(
    r"^(?:[’']s (?:resignation|dismissal|departure|predecessor|successor)\b|"
    rf"(?:,? who)?(?: (?:has|had|have|then|also|later|just|\w+ly))* (?:{_GONE}|(?:is|was|were|been)(?: \w+ly)? {_DISMISSED}|{_LEFT})\b)"
)
_NO_LONGER = (
    # Of whoever "no longer opposes the plan" it says nothing: it must be what is asked for that they no longer are or do.
    re.compile(
        r"^(?:,? who)? (?:is|was) no longer (?P<what>(?:(?!(?:of|in|at|to|by|for|with|from|on|as|over|about|because)\b)[\w’'-]+(?: |\b)){1,5})"
    ),
    re.compile(r"^(?:,? who)? no longer (?P<what>\w+)"),
)
_HOLDS_NO_POST = re.compile(
    r"^(?:,? who)?(?: (?:is|was))? no longer (?:in (?:office|charge|post|power)|at the helm|"
    r"(?:holds?|held) (?:the |that |his |her )?(?:post|office|position|title|seat))\b"
)
_WAS_BEFORE = re.compile(
    r"(?i:\b(?:predecessor|succeed(?:s|ed|ing)?|replac(?:es|ed|ing)|(?:takes?|took|taking) over from|"
    r"(?:resignation|dismissal|departure|ousting|sacking) of)\b,?(?: (?:the|its|their|his|her|mr|mrs|ms|dr))?)(?: (?!by\b|as\b|when\b|after\b)[a-z-]+){0,3},? $"
)
_FORMER = re.compile(
    # Up to the name: words of a post, and a comma only behind the last of them ("the former harbour master, X").
    r"\b(?i:former|ex|outgoing|ousted|sacked)[ -]"
    r"(?P<what>(?:(?!(?:was|were|is|are|has|had|who|by|and|with|said|says|told)\b)[\w’'-]+ ){0,6}(?:[\w’'-]+ |[a-z’'-]+, ))$"
)

_BEFORE = 200
"""Characters before a figure that are looked at: what stands further away says nothing of it, and a sentence may be endless."""
_ABOUT = r"(?: (?:about|around|some|nearly|almost|over|at least|more than|as many as|as much as|up to))?"
_COUNTED = r"(?:tolls?|numbers?|counts?|totals?|figures?|dead|deaths|cases|prices?|costs?|bill)"
_UPDATED = re.compile(
    # Up to the figure: "the toll has risen to", "that brought the number of dead to", "the final toll was".
    rf"\b{_COUNTED}\b(?:,? [\w’'-]+){{0,8}} (?:risen|rises?|rose|climbed|climbs|grew|grown|jumped|increased|fell|falls|fallen|dropped|doubled|"
    rf"tripled|gone (?:up|down)|went (?:up|down)|revised|corrected|raised|lowered)(?: [\w’'-]+){{0,2}} to{_ABOUT} $|"
    rf"\bbr(?:ings|ought|inging) (?:[\w’'-]+ ){{0,3}}{_COUNTED}(?: [\w’'-]+){{0,6}} to{_ABOUT} $|"
    rf"\b(?:final|revised|updated|corrected) (?:[\w’'-]+ ){{0,2}}{_COUNTED}(?: [\w’'-]+){{0,6}} (?:is|was|stands at|stood at|of|at|to){_ABOUT} $",
    re.IGNORECASE,
)

_FORECAST = re.compile(
    # Case counts: "In May 14 people ...", "Will Smith paid".
    r"\b(?:will|would|could|may|might|should|(?:expected|estimated|projected|planned|forecast|predicted|likely|going|set|due|supposed|"
    r"is|are|was|were) to)(?: not)?(?: be| have)? [a-z]+(?: [\w’'-]+){0,4} $|"
    r"\b(?:expected|projected|planned|forecast|budgeted)(?: (?:cost|price|bill|sum|number|toll))?(?: of)? $"
)


def has_gone(sentence: str, start: int, end: int, asked: Set[str]) -> bool:
    """Whether the sentence says of the person at [start:end] that they no longer are what is asked for.

    "X resigned", "the former harbour master, X", "succeeds X". `asked` is what the question is about, as terms
    (`query_terms`): a former minister may well be the new mayor.
    """
    before, after = sentence[:start], sentence[end:]
    if _IS_GONE.search(after) or _HOLDS_NO_POST.search(after) or _WAS_BEFORE.search(before):
        return True
    told = [_FORMER.search(before), *(pattern.search(after) for pattern in _NO_LONGER)]
    return any(match and not asked.isdisjoint(terms(match["what"])) for match in told)


def is_update(sentence: str, start: int) -> bool:
    """Whether the sentence tells the figure that begins at `start` as what another one became, or as the last one.

    "The toll has risen to 14", "that brought the final number of dead to sixteen".
    """
    return bool(_UPDATED.search(sentence[max(0, start - _BEFORE) : start]))


def is_forecast(sentence: str, start: int) -> bool:
    """Whether the sentence tells what begins at `start` as expected: "repairs will cost", "is estimated at"."""
    return bool(_FORECAST.search(sentence[max(0, start - _BEFORE) : start]))
