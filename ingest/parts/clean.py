"""From a publisher's text to clean paragraphs, and which of them are page furniture instead of story.

What is cited is shown to the letter, so cleaning changes only what a reader cannot see: white space, invisible
characters and the spelling of accents. Words are never changed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from ingest.parts.repair import mended

# Characters that break a line: vertical tab, form feed, next line (NEL), line and paragraph separator, CR.
_LINE_BREAK = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")
# Invisible: C0 and C1 controls other than white space, soft hyphen, zero-width space, word joiner, byte order mark,
# direction marks and overrides (they make text read differently from what it says), lone halves of surrogate pairs
# (JSON can spell them, UTF-8 and the catalogue cannot).
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
# The zero-width (non-)joiner is spelling in Persian and Indic scripts and in emoji; next to ASCII it is debris.
_MOST_ROUNDS = 8
_STRAY_JOINER = re.compile(r"(?<![^\x00-\x7f])[\u200c\u200d]+|[\u200c\u200d]+(?![^\x00-\x7f])")


def one_line(text: str) -> str:
    """`text` without invisible characters, in Unicode's composed form (NFC), every run of white space one space."""
    return " ".join(visible(text).split())


def paragraphs_of(text: str) -> tuple[str, ...]:
    """The paragraphs of `text`, each as `one_line` leaves it, none empty.

    Blank lines part them. In a text without any, every line is a paragraph, unless the lines are those of prose
    wrapped at a fixed width.
    """
    blocks = blocks_of(text)
    if len(blocks) != 1:
        return tuple(" ".join(lines) for lines in blocks)
    width = wrap_width(blocks)
    return tuple(unwrapped(blocks[0], width) if width else blocks[0])


def blocks_of(text: str) -> list[list[str]]:
    """The lines of `text`, each as `one_line` leaves it and none empty, in the groups that blank lines part."""
    blocks: list[list[str]] = [[]]
    for line in visible(text).split("\n"):
        if words := line.split():
            blocks[-1].append(" ".join(words))
        elif blocks[-1]:
            blocks.append([])
    return [lines for lines in blocks if lines]


def visible(text: str) -> str:
    """`text` without invisible characters and in NFC, its line breaks all "\\n" and otherwise as they were.

    Letters that were read in a wrong encoding are mended.
    """
    for _ in range(_MOST_ROUNDS):  # what is left out may have stood between the halves of a broken letter
        before, text = text, _visible(mended(text))
        if text == before or text.isascii():
            break
    return text


def _visible(text: str) -> str:
    text = _INVISIBLE.sub("", _LINE_BREAK.sub("\n", text))
    if text.isascii():
        return text
    # Composing first decides what is ASCII, composing again joins what stood on both sides of a joiner.
    return unicodedata.normalize("NFC", _STRAY_JOINER.sub("", unicodedata.normalize("NFC", text)))


_MIN_WIDTH, _MAX_WIDTH = 40, 100  # mail, wire copy and terminals wrap at 60 to 80 columns
_ENDS_SENTENCE = re.compile(r"""[.!?…:。！？]["'”’»)\]]*$""")


def wrap_width(blocks: Sequence[Sequence[str]]) -> int:
    """The width at which the lines of `blocks` were wrapped, or 0 if every line stands for itself.

    Wrapped prose shows in that most lines within a block are full and end in mid-sentence.
    """
    width = max((len(line) for lines in blocks for line in lines), default=0)
    pairs = [pair for lines in blocks for pair in pairwise(lines)]
    if len(pairs) < 2 or not _MIN_WIDTH <= width <= _MAX_WIDTH:
        return 0
    full = sum(_is_full(line, after, width) and not _ENDS_SENTENCE.search(line) for line, after in pairs)
    return width if 2 * full > len(pairs) else 0


def unwrapped(lines: Sequence[str], width: int) -> list[str]:
    """The paragraphs of lines wrapped at `width`: one ends where the next word would still have fitted.

    So that a line broken a little early does not end one, it must also end a sentence or be half empty.
    """
    paragraphs: list[list[str]] = [[]]
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        paragraphs[-1].append(line)
        if not _is_full(line, after, width) and (_ENDS_SENTENCE.search(line) or 2 * len(line) < width):
            paragraphs.append([])
    return [" ".join(paragraph) for paragraph in paragraphs if paragraph]


def _is_full(line: str, after: str, width: int) -> bool:
    """True if the first word of the next line had no room on this one."""
    return bool(after) and len(line) + 1 + len(after.split(None, 1)[0]) > width


# Page furniture. Each kind was seen as a paragraph of its own in real archives, several of them hundreds of times, and
# a paragraph is taken for furniture only if the pattern covers the whole of it. Speech is never furniture: what begins
# with a quotation mark is kept whatever it says. A word such as "Texas" or "Monday" on a line of its own may be a
# heading of the story, so only words of the page itself are listed.
_WORD_LIST = (
    # where one is on the page, and ways through it
    """you are here|home|menu|search|skip to content|skip to main content|skip to navigation|back to top|top
    |next|previous|next article|previous article|up next|continue reading|story continues below|read more|see more
    |show more|load more|more|view all|see also|read the full story|close|open menu|toggle navigation|main menu
    |sections|breadcrumb"""
    # what to do with the page: vote, print, save, pass on, log in
    """|up|down|like|dislike|vote|votes|pdf|print|print this page|print this article|email|e-mail|email this article
    |save|bookmark|copy link|link copied|share|share this|share this article|share this story|share on facebook
    |share on twitter|tweet|facebook|twitter|whatsapp|linkedin|pinterest|reddit|instagram|follow us|listen
    |listen to article|font size|text size|log in|login|sign in|sign up|register|subscribe|subscribe now|my account
    |log out|sign out"""
    # boxes beside the story
    """|advertisement|advertisements|advertising|ad|ad feedback|sponsored|sponsored content|promoted content
    |advertisement - article continues below|article continues below|newsletter|newsletters|our newsletter|related
    |related articles|related stories|related topics|related content|related news|related posts|most read
    |most popular|most viewed|trending|trending now|recommended|recommended for you|editors' picks
    |you may also like|you might also like|more from this section|latest news|tags|topics|comments
    |leave a comment|leave a reply|add a comment|post a comment|add new comment|join the conversation
    |view comments|show comments"""
    # the foot of the page
    """|privacy policy|cookie policy|terms of use|terms of service|terms and conditions|contact us|about us
    |advertise with us|accept|accept all|accept all cookies|manage cookies|cookie settings|i accept|got it"""
)
_WORDS = frozenset(word.strip() for word in _WORD_LIST.split("|"))
_PATTERNS = (
    # Drupal's and other vote widgets: "147 users have voted, including you."
    r"\d+ (?:users?|people|readers?) ha(?:s|ve) voted(?:, including you)?\.?",
    r"\d+ (?:comments?|shares?|likes?|views?|votes?)|(?:comments?|shares?|likes?|views?|votes?) ?\(?\d+\)?",
    # "Get top stories and blog posts emailed to you each day.", "... delivered to your inbox daily. Sign up here ."
    r"\(?(?:Get|You can(?: also)? get|Receive) .{1,160} (?:e-?mailed to you|(?:delivered|sent) (?:(?:right|straight) )?"
    r"to your (?:inbox|e-?mail))\b[^.!?]{0,30}[.!]?(?: ?(?:Sign up|Subscribe)(?: now)? here)? ?\.?\)?",
    # "Get our free weekly newsletter Sign up for ...", "Get CNN Health's weekly newsletter Sign up here to get ..."
    r"Get .{1,60} newsletter (?:Sign up|Subscribe) .{1,160}",
    # "Sign up here to get The Week in Review every Friday.", "Sign up for our daily newsletter ...". Without "here" or
    # "newsletter" it may be advice of the story ("Sign up for a vaccination at the town hall").
    r"(?:►\s*)?(?:Sign up|Subscribe)(?: now| today)? here\b[^.!?]{0,120}[.!]?",
    r"(?:►\s*)?(?:Sign up|Subscribe)(?: now| today)? (?:for|to) (?:our|the|my|this|\w+(?:'s|’s)) [^.!?]{0,60}\b"
    r"newsletters?\b[^.!?]{0,120}[.!]?(?: (?:Explore|Get|Keep up|Stay|Join|It’s free|It's free) [^.!?]{0,120}[.!]?"
    r"(?: Follow [^.!?]{0,60}[.!]?)?)?",
    # "(A version of) this story appeared in our ... newsletter. To get it in your inbox, sign up for free here."
    r"(?:A version of this|This) (?:story|article|column) [^.!?]{0,60}\bnewsletter\. (?:To get it in your inbox, "
    r"|Not a subscriber\? )?(?:You can )?sign up (?:for free,? )?(?:right )?here\.?",
    r"Would you like to receive [^.!?]{1,60} newsletter ?\?",
    r"If you wish to object to the use of your data in this way, please tick here\.",
    # "Support local journalism. Subscribe to the Herald today."
    r"Support (?:local|our|independent) journalism[.:,!]? (?:and )?(?:Subscribe|become a (?:digital )?subscriber)\b"
    r".{0,80}",
    # consent banners
    r"(?:We|This (?:web ?)?site|Our (?:web ?)?site) (?:and our partners )?uses? cookies\b.{0,280}",
    r"By (?:continuing to (?:use|browse)|using) (?:this|our) (?:web ?)?site,? you (?:agree|consent)\b.{0,200}",
    r"(?:Please )?enable JavaScript\b.{0,120}|(?:You need to|Please) enable (?:Java[Ss]cript|cookies)\b.{0,120}",
    # rights lines; "Copyright" may begin a story, "(c)" the third item of a list: they need a sign or a year
    r"(?:© ?|\(c\) ?(?=\d{4})|Copyright (?=©|\(c\)|\d{4}))[^.!?]{0,100}(?:\.? All rights reserved)?\.?"
    r"(?: This material may not be (?:published|reproduced)[^.!?]{0,120}\.?)?",
    r"© ?[^.!?]{1,30} is an? [^.!?]{1,30} content partner [^.!?]{1,80}\. Its content is produced independently of "
    r".{1,40}",
    r"[^.!?“\"]{0,100}[.,]? ?All rights reserved\.?",
    # a photo's credit without its caption
    r"\((?:Image|Photo) credit: [^)]{0,100}\)",
    r"1\. How relevant is this ad to you\?",
)
_FURNITURE = re.compile("|".join(f"(?:{pattern})" for pattern in _PATTERNS), re.IGNORECASE)
_LONGEST_FURNITURE = 400
# "___", "* * *", "♦": lines between the parts of a page. "★★★" is not among them: it is what a reviewer thought.
_RULE = re.compile(r"[\s!#$%&()*+,./:;<=>?@\[\\\]^_`{|}~–—…•·♦◆■□●-]+")


def is_boilerplate(paragraph: str) -> bool:
    """True if the whole of a (clean) paragraph is page furniture: navigation, buttons, boxes, notices, rules.

    Conservative: what might be story is not furniture, so some furniture passes.
    """
    if len(paragraph) > _LONGEST_FURNITURE:
        return False
    if _RULE.fullmatch(paragraph):
        return True
    words = paragraph.casefold().replace("’", "'").rstrip(" :>»›…").lstrip(" <«‹►▶•|")
    return words in _WORDS or _FURNITURE.fullmatch(paragraph) is not None


def without_boilerplate(paragraphs: Sequence[str]) -> tuple[str, ...]:
    """The paragraphs that are not page furniture.

    A furniture word in small letters falls only beside other furniture: alone, "up" may be a line of verse (and
    in one poem of the archive this was measured on, it is).
    """
    furniture = [is_boilerplate(paragraph) for paragraph in paragraphs]
    certain = [is_one and not text[0].islower() for is_one, text in zip(furniture, paragraphs, strict=True)]
    return tuple(
        paragraph
        for number, paragraph in enumerate(paragraphs)
        if not furniture[number] or not any(certain[max(0, number - 1) : number + 2])
    )
