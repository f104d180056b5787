"""Whether a question gives somebody's words and asks who said them: 'Who said "I take no joy in it"?'."""

from __future__ import annotations

import re

_QUOTED = re.compile(r"“([^”]+)”|\"([^\"]+)\"|„([^“”]+)[“”]|«\s*([^»]+?)\s*»|(?<!\w)[‘']([^‘]+?)[’'](?!\w)")
_SAID = (
    r"(?:sa(?:id|ys?)|told|tells?|claim(?:ed|s)?|warn(?:ed|s)?|ask(?:ed|s)?|declare[ds]?|add(?:ed|s)?|argue[ds]?|complain(?:ed|s)?|"
    r"promised|shouted|called|calls?|describe[ds]?|dubbed|remark(?:ed|s)?|comment(?:ed|s)?|insist(?:ed|s)?|announced|tweeted|"
    r"state[ds]?|joked|admit(?:ted|s)?|exclaimed|used|spoke|uttered|replied|answered|explained|quipped|recalled|wrote(?=:| that| of| in)|"
    r"(?:is|was|are|were) quoted(?: as saying| with)?)"
)
_WHO = r"(?:who|(?:which|what) (?!(?:is|was|are|were|did|does|do)\b)[\w’'-]+(?: [\w’'-]+){0,2}?)"
_ASKS = re.compile(
    rf"^\W*(?:{_WHO} (?:(?:was|is) it (?:that|who) |once |has |have |had |later |also )*{_SAID}\b|"
    r"(?:by|from|to) whom (?:is|was|are|were|come|comes|came|do|does|did)\b|"
    r"whose (?:words?|quot\w+|remarks?|phrase|line|comments?|statement|sentence|verdict) |"
    r"who(?:[’']s| is| was) (?:the (?:speaker|source|author) of (?:the )?(?:words?|quot\w+|remark|phrase|sentence|statement)|behind the (?:words|quot\w+)))",
    re.IGNORECASE,
)
_ASKS_BEHIND = re.compile(
    r"^[\W_]*(?:who|which \w+) (?:sa(?:id|ys)|wrote|used|spoke|uttered)(?: (?:that|this|it|so|these words|those words))?\W*$|"
    r"^[\W_]*(?:whose (?:words|quot\w+|remark) (?:is|are|was|were) (?:that|this|these|those)|who(?:[’']s| is) (?:being )?quoted)\b",
    re.IGNORECASE,
)
_LEAST = 2
"""A single word in marks is rather a doubt about the word than somebody's words."""
_IS_TITLE = re.compile(
    r"\b(?:of|about|on|in|from|to|at|for|by|the|film|song|book|novel|play|show|album|series|article|headlined|named|titled|entitled) $",
    re.I,
)
"""Before the marks: what stands in them is no speech but the name of something."""
_WORDS_OF = re.compile(r"\b(?:words?|phrase|quot\w+|remark|sentence|statement|speaker|source) of:? $", re.I)


def words_asked_about(question: str) -> str | None:
    """The words whose speaker the question asks for; None when it asks for something else."""
    for match in _QUOTED.finditer(question):
        words: str = next(filter(None, match.groups()))
        if len(words.split()) < _LEAST:
            continue
        before, behind = question[: match.start()], question[match.end() :]
        if not before.strip(' ,.“”"') and _ASKS_BEHIND.match(behind):
            return words
        if _ASKS.match(before) and (not _IS_TITLE.search(before) or _WORDS_OF.search(before)):
            return words
    return None


def without_quotations(question: str) -> str:
    """The question without what stands in quotation marks."""
    return " ".join(_QUOTED.sub(" ", question).split())
