"""The chat at `/`, made with Gradio.

Every message is HTML that `ui.render` wrote. A text handed to the Chatbot would be read as Markdown, which
changes what a newspaper printed (`*`, `$`, `[`) and sends every link to a new tab.

Conversations are kept in the reader's browser (scripts/conversations.js) as plain values, so they are still there after
a reload or a restart of the service; whatever comes back from there is validated and rendered afresh.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_hex
from typing import Any

import gradio as gr
from fastapi import FastAPI

from newsdesk.errors import NewsdeskError
from newsdesk.feedback import Feedback
from newsdesk.types import MAX_QUESTION, Answer, Drafted, Question, Removed
from ui import first_sight, render
from ui.assets import CHAT_HEAD, add_assets
from ui.conversation import MAX_KEPT, MAX_REASON, Exchange, Kept, dump, history, load
from ui.export import FORMS, copied, export
from ui.filters import filters_html, narrowed
from ui.in_turn import InTurn, Turn, without_line

_ANY_NUMBER = None
"""Questions that Gradio lets in at the same time: they wait for their turn in the line of all questions, not in its queue."""

Stream = Callable[[Question], Iterator[str | Drafted | Removed | Answer]]
"""The engine's: parts of the answer as they are written and checked, and the whole answer last."""
Keep = Callable[[Feedback, str], object]
"""Stores feedback under a key, in the place of what was stored under it before."""
Forget = Callable[[str], object]
"""Takes back what is stored under a key."""
Status = Callable[[], Mapping[str, Any]]
Examples = Callable[[], Sequence[str]]
"""Questions that are offered where nothing has been asked yet; looked up whenever that is shown."""
Holdings = Callable[[], Any]
"""What the archive holds (newsdesk.catalogue.counts.holdings), which is said there too."""

_PACE = 0.1  # seconds between two looks at what is being written
_TAIL = 8  # characters by which the end of a sentence is found in what was written
_MARKERS = re.compile(r"(?: \[\d+\])+$")
_FOLDER = Path(__file__).parent
_SCRIPTS = ("chat.js", "scripts/sources.js", "scripts/conversations.js", "scripts/presence.js")
_STOPPED = "Stopped before there was an answer."
_log = logging.getLogger(__name__)


def mount_chat(
    app: FastAPI,
    stream: Stream,
    keep: Keep,
    status: Status,
    examples: Examples = tuple,
    holdings: Holdings | None = None,
    *,
    forget: Forget = lambda key: None,
    turn: Turn | None = None,
) -> FastAPI:
    """Puts the chat at `/` of `app`. Call it last: what is mounted at `/` answers every path not taken before."""
    add_assets(app)
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        build_chat(_Desk(stream, keep, forget, status, examples, holdings), turn),
        head=CHAT_HEAD,
        path="/",
        theme=_theme(),
        css_paths=[_FOLDER / "chat.css"],
        js="\n".join(["() => {", *((_FOLDER / name).read_text(encoding="utf-8") for name in _SCRIPTS), "}"]),
        favicon_path=str(_FOLDER / "favicon.svg"),
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        mcp_server=False,
        enable_monitoring=False,
        max_file_size=1,  # byte: the chat takes no files, and Gradio's upload address is open
    )
    return mounted


def build_chat(desk: _Desk, turn: Turn | None = None) -> gr.Blocks:
    """The page. Without `turn` every question is worked on at once."""
    ask = InTurn(desk.ask, desk.unasked, desk.turned_away, turn or without_line).ask
    page = gr.Blocks(title="Newsdesk", analytics_enabled=False, fill_height=True, fill_width=True)
    with page:
        kept = gr.JSON(visible=False)
        file = gr.JSON(visible=False)
        with gr.Row(elem_id="nd-masthead"):
            gr.HTML(render.masthead_html(), elem_id="nd-title", apply_default_css=False)
            counts = gr.HTML(elem_id="nd-counts", apply_default_css=False)
            gr.HTML(render.tools_html(), elem_id="nd-tools", apply_default_css=False)
            new = gr.Button("New conversation", size="sm", elem_id="nd-new")
        with gr.Row(elem_id="nd-desk"):
            with gr.Column(elem_id="nd-talk"):
                talk = gr.Chatbot(
                    elem_id="nd-chat",
                    label="Conversation",
                    show_label=False,
                    container=False,
                    height="100%",
                    autoscroll=False,  # chat.js shows an answer from its beginning
                    layout="panel",
                    group_consecutive_messages=False,
                    buttons=[],
                    feedback_options=None,
                    latex_delimiters=[],
                    placeholder="Ask the archive. Every answer shows the paragraphs it stands on.",
                )
                start = gr.HTML(elem_id="nd-start", visible=False, apply_default_css=False)
                if desk.counts_holdings:
                    gr.HTML(filters_html(), elem_id="nd-narrow", apply_default_css=False)
                box = gr.Textbox(
                    elem_id="nd-question",
                    label="Your question",
                    show_label=False,
                    container=False,
                    placeholder="Ask a question",
                    max_lines=6,
                    autofocus=True,
                    submit_btn="Ask",
                )
                stop = gr.Button("Stop", size="sm", elem_id="nd-stop")
            with gr.Column(elem_id="nd-panel"):
                gr.HTML(render.source_frame_html(), elem_id="nd-source", apply_default_css=False)
        alone = gr.Checkbox(visible=False)
        chosen = gr.JSON(visible=False)
        thumbs, other, save = _told_of("thumb"), _told_of("open"), _told_of("export")

        quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        at_once: dict[str, Any] = {**quiet, "queue": False}
        asked = box.submit(
            ask, [box, kept, alone, chosen], [box, talk, kept, counts], js=_ON_ASK,
            concurrency_limit=_ANY_NUMBER, concurrency_id="ask", **quiet,
        )  # fmt: skip
        asked.then(None, [kept], js=_ON_ANSWERED, **at_once)
        asked.failure(None, js=_ON_UNANSWERED, **at_once)
        stopped = stop.click(desk.stop, [kept], [talk, kept], js=_WITH_KEPT, cancels=[asked], **at_once)
        judged = thumbs.click(desk.judge, [kept], [talk, kept], js=_WITH_KEPT, **at_once)
        for changed in (stopped, judged):
            changed.then(None, [kept], js=_ON_CHANGED, **at_once)
        for opened in (
            page.load(desk.open, [kept], [talk, counts, start], js=_WITH_KEPT, **at_once),
            new.click(desk.open, [kept], [talk, counts, start], js=_WITH_KEPT, cancels=[asked], **at_once),
            other.click(desk.open, [kept], [talk, counts, start], js=_WITH_KEPT, cancels=[asked], **at_once),
        ):
            opened.then(None, js=_ON_OPENED, **at_once)
        saved = save.click(desk.export, [kept], [file], js=_WITH_KEPT, **at_once)
        saved.then(None, [file], js=_ON_EXPORTED, **at_once)
    return page


_WITH_KEPT = """async () => {
  while (!window.newsdesk) await new Promise((resolve) => setTimeout(resolve, 20));
  return [window.newsdesk.kept()];
}"""
"""The conversation of this tab, as conversations.js keeps it."""

_ON_ASK = """(text) => {
  const box = document.querySelector("#nd-question");
  const alone = "alone" in box.dataset;
  delete box.dataset.alone;
  box.querySelector("textarea").ariaDescription = null;
  return [text, window.newsdesk.asks(text), alone, window.newsdeskFilters?.value() ?? {}];
}"""
"""Whether the question is asked exactly as it stands, as chat.js noted at the box, and what it is narrowed to."""

_ON_ANSWERED = """(kept) => { document.dispatchEvent(new CustomEvent("answered", { detail: kept })); }"""
_ON_UNANSWERED = """() => { document.dispatchEvent(new Event("unanswered")); }"""
"""What chat.js goes by to let readers write and send the next question."""

_ON_CHANGED = """(kept) => { document.dispatchEvent(new CustomEvent("changed", { detail: kept })); }"""
_ON_OPENED = """() => { document.dispatchEvent(new Event("opened")); }"""
_ON_EXPORTED = """(file) => { document.dispatchEvent(new CustomEvent("exported", { detail: file })); }"""
"""What conversations.js keeps, restores and saves as a file."""


def _told_of(event: str) -> gr.HTML:
    """Something without a look that is clicked when the page's scripts tell of an event, whose detail it passes on.

    Messages of a Chatbot, and what is no part of Gradio, have no events of their own.
    """
    listen = f'document.addEventListener("{event}", (event) => trigger("click", event.detail ?? {{}}));'
    return gr.HTML(elem_id=f"nd-on-{event}", visible="hidden", apply_default_css=False, js_on_load=listen)


def _messages_of(exchange: Exchange, site: str, refused: str = "") -> list[gr.ChatMessage]:
    """A question and what was said to it; `refused` is why the verdict on it could not be stored."""
    said = render.answer_html(exchange.answer) if exchange.answer else render.notice_html(exchange.notice)
    if exchange.answer and exchange.key:
        said += render.thumbs_html(exchange, copied(exchange.answer, site))
    if refused:
        said += render.notice_html(refused)
    return [_asked(exchange.question), _said(said)]


@dataclass(slots=True)
class _Writing:
    """What an LLM has written so far. Without one, nothing is: the answer comes whole."""

    checked: str = ""
    draft: str = ""
    shown: float = 0.0

    def take(self, part: str | Drafted | Removed) -> bool:
        """Takes a part of a stream; whether it is time to show what there is."""
        if isinstance(part, Drafted):
            self.draft += part.text
        elif not self.draft:
            return False
        else:
            said = part.text if isinstance(part, Removed) else _MARKERS.sub("", part)
            self.checked += "" if isinstance(part, Removed) else part
            _, found, rest = self.draft.rpartition(said[-_TAIL:])  # what is behind it begins the next sentence
            self.draft = rest if found else ""
        now = time.monotonic()
        if not self.draft or now - self.shown < _PACE:
            return False
        self.shown = now
        return True


class _Desk:
    """What happens on the page. The conversation comes from the browser with each event and goes back with it."""

    def __init__(
        self,
        stream: Stream,
        keep: Keep,
        forget: Forget,
        status: Status,
        examples: Examples,
        holdings: Holdings | None,
    ) -> None:
        """`stream` answers, `keep` stores what a reader thinks of an answer and `forget` takes it back, `status` counts as
        `GET /api/stats` does, `examples` gives what is offered at the start, as long as it fits the archive; `holdings`
        counts by outlet and day.
        """
        self._stream = stream
        self._keep = keep
        self._forget = forget
        self._status = status
        self._examples = examples
        self._holdings = holdings

    @property
    def counts_holdings(self) -> bool:
        """Whether there is something to filter by."""
        return self._holdings is not None

    def open(self, stored: Any) -> tuple[gr.Chatbot, str, gr.HTML]:
        """The conversation as it was left, with the archive's counts and examples as they are now."""
        return self._talk(_messages(load(stored))), self._counts(), self._start()

    def unasked(self, text: str, stored: Any) -> tuple[Any, ...] | None:
        """What is shown of a text that cannot be asked, as it is empty or too long; None when it can be."""
        text = text.strip()
        if text and len(text) <= MAX_QUESTION:
            return None
        kept = load(stored)
        told = [*_messages(kept), _said(_too_long(text))] if text else gr.skip()
        return gr.skip(), told, dump(kept), gr.skip()

    def ask(self, text: str, stored: Any, alone: bool, chosen: Any = None) -> Iterator[tuple[Any, ...]]:
        """Shows a question that can be asked at once, what an LLM writes as it is written, and the answer when there is one.

        `alone`: it is asked as it stands, whatever was said before.
        """
        text, kept = text.strip(), load(stored)
        yield "", [*_messages(kept), _asked(text), _said(render.pending_html())], gr.skip(), gr.skip()
        exchange = Exchange(text)
        for step in self._exchange(narrowed(Question(text, () if alone else history(kept.exchanges)), chosen), alone):
            if isinstance(step, Exchange):
                exchange = step
            else:
                yield gr.skip(), [*_messages(kept), _asked(text), _said(step)], gr.skip(), gr.skip()
        now = _with(kept, exchange)
        yield gr.skip(), _messages(now), dump(now), self._counts()

    def turned_away(self, text: str, stored: Any, why: str) -> tuple[Any, ...]:
        """The conversation with a question that did not get its turn, which can be asked again."""
        now = _with(load(stored), Exchange(text.strip(), notice=why, key=token_hex(16)))
        return gr.skip(), _messages(now), dump(now), gr.skip()

    def stop(self, stored: Any) -> tuple[Any, ...]:
        """The conversation with the question that was stopped, which can be asked again."""
        kept = load(stored)
        if not kept.asked:
            return gr.skip(), dump(kept)
        now = _with(kept, Exchange(kept.asked, notice=_STOPPED, key=token_hex(16)))
        return _messages(now), dump(now)

    def judge(self, stored: Any, thumb: gr.EventData) -> tuple[Any, ...]:
        """Stores the reader's verdict on an answer in the place of an earlier one, or takes it back, and shows it as taken."""
        kept = load(stored)
        key: Any = getattr(thumb, "key", None)
        verdict: Any = getattr(thumb, "verdict", None)
        comment = str(getattr(thumb, "comment", "") or "").strip()[:MAX_REASON]
        place = next((place for place, past in enumerate(kept.exchanges) if past.key == key and past.answer), None)
        if place is None or verdict not in ("up", "down", ""):
            return gr.skip(), dump(kept)
        now = replace(kept.exchanges[place], verdict=verdict or None, comment=comment if verdict else "")
        refused = self._refusal(now, kept.exchanges[:place])
        if refused:
            was = kept.exchanges[place]
            told = [_messages_of(one, kept.site, refused if one is was else "") for one in kept.exchanges]
            return [message for messages in told for message in messages], dump(kept)
        judged = replace(kept, exchanges=(*kept.exchanges[:place], now, *kept.exchanges[place + 1 :]))
        return _messages(judged), dump(judged)

    def export(self, stored: Any, chosen: gr.EventData) -> dict[str, str]:
        """The conversation as a file in the chosen form: its name, type and text."""
        form: Any = getattr(chosen, "form", None)
        if form not in FORMS:
            return {}
        name, media_type, text = export(load(stored), form)
        return {"name": name, "type": media_type, "text": text}

    def _talk(self, messages: list[Any]) -> gr.Chatbot:
        """The conversation with the examples that fit the archive as it is now: the sample's leave with it."""
        examples = [{"text": example} for example in self._examples()]
        welcome = self._welcome()
        return gr.Chatbot(messages, examples=examples, placeholder=welcome)  # type: ignore[arg-type]  # its types leave out ChatMessage

    def _exchange(self, question: Question, alone: bool) -> Iterator[str | Exchange]:
        """What an LLM has written so far, as HTML, again and again; the exchange last."""
        writing, text = _Writing(), question.text
        try:
            for part in self._stream(question):
                if isinstance(part, Answer):
                    # Passages are not shown, so the browser need not keep them.
                    kept = replace(part, evidence=tuple(replace(found, text="") for found in part.evidence))
                    yield Exchange(text, kept, key=token_hex(16), alone=alone)
                elif writing.take(part):
                    yield render.pending_html(writing.checked, writing.draft)
        except NewsdeskError as error:
            yield Exchange(text, notice=str(error), key=token_hex(16))
        except Exception:
            _log.exception("A question could not be answered.")
            told = "Something went wrong here; the service's log says what. You can ask again."
            yield Exchange(text, notice=told, key=token_hex(16))

    def _refusal(self, judged: Exchange, before: Sequence[Exchange]) -> str:
        """Stores a verdict, or forgets what was stored; why that was not possible, or nothing."""
        assert judged.answer is not None
        question = Question(judged.question, () if judged.alone else history(before))
        try:
            if judged.verdict is None:
                self._forget(judged.key)
            else:
                feedback = replace(Feedback.on(judged.answer, question, judged.verdict), comment=judged.comment)
                self._keep(feedback, judged.key)
        except NewsdeskError as error:
            return str(error)
        except Exception:
            _log.exception("Feedback could not be stored.")
            return "Something went wrong here, and your verdict was not stored; the service's log says what."
        return ""

    def _welcome(self) -> str:
        """What the archive holds, in words."""
        try:
            return first_sight.welcome_html(self._status(), self._holdings() if self._holdings else None)
        except NewsdeskError as error:
            return render.notice_html(str(error))

    def _start(self) -> gr.HTML:
        """A place to drop files, as long as the archive is empty."""
        empty = self._holdings is not None and not self._holdings().articles
        return gr.HTML(first_sight.drop_html() if empty else "", visible=empty)

    def _counts(self) -> str:
        try:
            return render.status_html(self._status())
        except NewsdeskError as error:
            return render.notice_html(str(error))


def _too_long(text: str) -> str:
    allowed = f"A question can have {MAX_QUESTION:,} characters"
    return render.notice_html(f"{allowed}; this one has {len(text):,}. Shorten it and ask again.")


def _with(kept: Kept, exchange: Exchange) -> Kept:
    """The conversation and what was said now."""
    return replace(kept, exchanges=(*kept.exchanges, exchange)[-MAX_KEPT:], asked="")


def _messages(kept: Kept) -> list[gr.ChatMessage]:
    return [message for exchange in kept.exchanges for message in _messages_of(exchange, kept.site)]


def _asked(text: str) -> gr.ChatMessage:
    return gr.ChatMessage(gr.HTML(render.question_html(text), apply_default_css=False, js_on_load=None), role="user")


def _said(html: str) -> gr.ChatMessage:
    return gr.ChatMessage(gr.HTML(html, apply_default_css=False, js_on_load=None), role="assistant")


def _theme() -> gr.themes.Base:
    """Ink on paper, in fonts that every system has: plain names, so that nothing is fetched."""
    paper, ink, soft, rule, accent = "#fbf9f4", "#1d1b18", "#6b675f", "#e2ddd2", "#8f1d1d"
    dark_paper, dark_ink, dark_soft, dark_rule, dark_accent = "#161718", "#e8e4db", "#a09b91", "#38393c", "#eb9d8f"
    return gr.themes.Base(
        font=["system-ui", "-apple-system", "Segoe UI", "Roboto", "Liberation Sans", "sans-serif"],
        font_mono=["ui-monospace", "Liberation Mono", "monospace"],
    ).set(
        body_background_fill=paper, body_background_fill_dark=dark_paper,
        background_fill_primary=paper, background_fill_primary_dark=dark_paper,
        background_fill_secondary=paper, background_fill_secondary_dark=dark_paper,
        block_background_fill=paper, block_background_fill_dark=dark_paper,
        body_text_color=ink, body_text_color_dark=dark_ink,
        body_text_color_subdued=soft, body_text_color_subdued_dark=dark_soft,
        border_color_primary=rule, border_color_primary_dark=dark_rule,
        color_accent=accent, link_text_color=accent, link_text_color_dark=dark_accent,
        link_text_color_hover=accent, link_text_color_hover_dark=dark_accent,
        input_background_fill="#fffefb", input_background_fill_dark="#1d1e20",
        input_border_color=rule, input_border_color_dark=dark_rule,
        input_border_color_focus=accent, input_border_color_focus_dark=dark_accent,
    )  # fmt: skip
