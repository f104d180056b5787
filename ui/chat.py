"""The chat at `/`, made with Gradio.

Every message is HTML that `ui.render` wrote. A text handed to the Chatbot would be read as Markdown, which
changes what a newspaper printed (`*`, `$`, `[`) and sends every link to a new tab.

The conversation is kept in the reader's browser as plain values, so it is still there after a reload or a
restart of the service; whatever comes back from there is validated and rendered afresh.
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
from pydantic import TypeAdapter, ValidationError

from newsdesk.errors import NewsdeskError
from newsdesk.feedback import Feedback, Verdict
from newsdesk.types import MAX_QUESTION, Answer, Drafted, Question, Removed, Turn
from ui import first_sight, render
from ui.assets import CHAT_HEAD, add_assets
from ui.filters import filters_html, narrowed

CONCURRENT_QUESTIONS = 8
"""Questions answered at the same time; further ones wait in Gradio's queue."""

MAX_KEPT = 20
"""Exchanges that are kept: a browser grants a site about 5 MB, and an exchange takes up to 10 kB."""

Stream = Callable[[Question], Iterator[str | Drafted | Removed | Answer]]
"""The engine's: parts of the answer as they are written and checked, and the whole answer last."""
Keep = Callable[[Feedback, str], object]
"""Stores feedback under a key, in the place of what was stored under it before."""
Status = Callable[[], Mapping[str, Any]]
Examples = Callable[[], Sequence[str]]
"""Questions that are offered where nothing has been asked yet; looked up whenever that is shown."""
Holdings = Callable[[], Any]
"""What the archive holds (newsdesk.catalogue.counts.holdings), which is said there too."""

_PACE = 0.1  # seconds between two looks at what is being written
_TAIL = 8  # characters by which the end of a sentence is found in what was written
_MARKERS = re.compile(r"(?: \[\d+\])+$")
_FOLDER = Path(__file__).parent
_log = logging.getLogger(__name__)


def mount_chat(
    app: FastAPI,
    stream: Stream,
    keep: Keep,
    status: Status,
    examples: Examples = tuple,
    holdings: Holdings | None = None,
) -> FastAPI:
    """Puts the chat at `/` of `app`. Call it last: what is mounted at `/` answers every path not taken before."""
    add_assets(app)
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        build_chat(stream, keep, status, examples, holdings),
        head=CHAT_HEAD,
        path="/",
        theme=_theme(),
        css_paths=[_FOLDER / "chat.css"],
        js=(_FOLDER / "chat.js").read_text(encoding="utf-8"),
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


def build_chat(
    stream: Stream, keep: Keep, status: Status, examples: Examples = tuple, holdings: Holdings | None = None
) -> gr.Blocks:
    """The page.

    `stream` answers, `keep` stores what a reader thinks of an answer, `status` counts as `GET /api/stats` does,
    `examples` gives what is offered at the start, as long as it fits the archive; `holdings` counts by outlet and day.
    """
    desk = _Desk(stream, keep, status, examples, holdings)
    page = gr.Blocks(title="Newsdesk", analytics_enabled=False, fill_height=True, fill_width=True)
    with page:
        # Gradio encrypts with a key that it sends along, so this hides nothing; a fixed one outlives a restart.
        kept = gr.BrowserState([], storage_key="newsdesk-conversation", secret="newsdesk")
        with gr.Row(elem_id="nd-masthead"):
            gr.HTML(render.masthead_html(), elem_id="nd-title", apply_default_css=False)
            counts = gr.HTML(elem_id="nd-counts", apply_default_css=False)
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
                if holdings:
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
            with gr.Column(elem_id="nd-panel"):
                gr.HTML(render.source_frame_html(), elem_id="nd-source", apply_default_css=False)
        alone = gr.Checkbox(visible=False)
        chosen = gr.JSON(visible=False)
        thumbs = gr.HTML(elem_id="nd-judge", visible="hidden", apply_default_css=False, js_on_load=_ON_THUMB)

        asked = box.submit(
            desk.ask, [box, kept, alone, chosen], [box, talk, kept, counts], js=_ON_ASK,
            concurrency_limit=CONCURRENT_QUESTIONS, concurrency_id="ask",
            api_visibility="private", show_progress="hidden",
        )  # fmt: skip
        asked.then(None, js=_ON_ANSWERED, queue=False, api_visibility="private", show_progress="hidden")
        asked.failure(None, js=_ON_UNANSWERED, queue=False, api_visibility="private", show_progress="hidden")
        thumbs.click(
            desk.judge, [kept], [talk, kept],
            queue=False, api_visibility="private", show_progress="hidden",
        )  # fmt: skip
        new.click(
            desk.start_anew, None, [talk, kept],
            cancels=[asked], queue=False, api_visibility="private", show_progress="hidden",
        )  # fmt: skip
        page.load(
            desk.open, [kept], [talk, counts, start],
            queue=False, api_visibility="private", show_progress="hidden",
        )  # fmt: skip
    return page


_ON_ASK = """(text, kept) => {
  const box = document.querySelector("#nd-question");
  const alone = "alone" in box.dataset;
  delete box.dataset.alone;
  box.querySelector("textarea").ariaDescription = null;
  return [text, kept, alone, window.newsdeskFilters?.value() ?? {}];
}"""
"""Whether the question is asked exactly as it stands, as chat.js noted at the box, and what it is narrowed to."""

_ON_ANSWERED = """() => { document.dispatchEvent(new Event("answered")); }"""
_ON_UNANSWERED = """() => { document.dispatchEvent(new Event("unanswered")); }"""
"""What chat.js goes by to let readers write and send the next question."""

_ON_THUMB = """document.addEventListener("thumb", (event) => trigger("click", event.detail));"""
"""What was judged how, as chat.js tells it: messages of a Chatbot have no events of their own."""


@dataclass(frozen=True, slots=True)
class _Exchange:
    """A question and what was said to it: an answer, or a notice of why there is none."""

    question: str
    answer: Answer | None = None
    notice: str = ""
    key: str = ""
    """Names the exchange, so that a second verdict on it replaces the first. Older conversations have none."""
    verdict: Verdict | None = None
    alone: bool = False
    """Asked exactly as it stands: a reader corrected how a question was understood."""

    def messages(self, refused: str = "") -> list[gr.ChatMessage]:
        """The question and what was said; `refused` is why the verdict on it could not be stored."""
        said = render.answer_html(self.answer) if self.answer else render.notice_html(self.notice)
        if self.answer and self.key:
            said += render.thumbs_html(self.key, self.verdict)
        if refused:
            said += render.notice_html(refused)
        return [_asked(self.question), _said(said)]


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


_conversation = TypeAdapter(tuple[_Exchange, ...])


class _Desk:
    """What happens on the page. The conversation comes from the browser with each event and goes back with it."""

    def __init__(
        self, stream: Stream, keep: Keep, status: Status, examples: Examples, holdings: Holdings | None
    ) -> None:
        self._stream = stream
        self._keep = keep
        self._status = status
        self._examples = examples
        self._holdings = holdings

    def open(self, stored: Any) -> tuple[gr.Chatbot, str, gr.HTML]:
        """The page as it was left, with the archive's counts and examples as they are now."""
        return self._talk(_messages(_load(stored))), self._counts(), self._start()

    def ask(self, text: str, stored: Any, alone: bool, chosen: Any = None) -> Iterator[tuple[Any, ...]]:
        """Shows the question at once, what an LLM writes as it is written, and the answer when there is one.

        `alone`: it is asked as it stands, whatever was said before.
        """
        text = text.strip()
        before = _load(stored)
        if not text:
            yield gr.skip(), gr.skip(), gr.skip(), gr.skip()
            return
        if len(text) > MAX_QUESTION:
            yield gr.skip(), [*_messages(before), _said(_too_long(text))], gr.skip(), gr.skip()
            return
        yield "", [*_messages(before), _asked(text), _said(render.pending_html())], gr.skip(), gr.skip()
        exchange = _Exchange(text)
        for step in self._exchange(narrowed(Question(text, () if alone else _history(before)), chosen), alone):
            if isinstance(step, _Exchange):
                exchange = step
            else:
                yield gr.skip(), [*_messages(before), _asked(text), _said(step)], gr.skip(), gr.skip()
        now = (*before, exchange)[-MAX_KEPT:]
        yield gr.skip(), _messages(now), _conversation.dump_python(now, mode="json"), self._counts()

    def judge(self, stored: Any, thumb: gr.EventData) -> tuple[Any, ...]:
        """Stores the reader's verdict on an answer, in the place of an earlier one, and shows it as taken."""
        conversation = _load(stored)
        key: Any = getattr(thumb, "key", None)
        verdict: Any = getattr(thumb, "verdict", None)
        place = next((place for place, past in enumerate(conversation) if past.key == key and past.answer), None)
        if place is None or verdict not in ("up", "down"):
            return gr.skip(), gr.skip()
        past = conversation[place]
        refused = self._refusal(past, conversation[:place], verdict)
        if refused:
            told = [message for one in conversation for message in one.messages(refused if one is past else "")]
            return told, gr.skip()
        now = (*conversation[:place], replace(past, verdict=verdict), *conversation[place + 1 :])
        return _messages(now), _conversation.dump_python(now, mode="json")

    def start_anew(self) -> tuple[gr.Chatbot, list[Any]]:
        """An empty conversation."""
        return self._talk([]), []

    def _talk(self, messages: list[Any]) -> gr.Chatbot:
        """The conversation with the examples that fit the archive as it is now: the sample's leave with it."""
        examples = [{"text": example} for example in self._examples()]
        welcome = self._welcome()
        return gr.Chatbot(messages, examples=examples, placeholder=welcome)  # type: ignore[arg-type]  # its types leave out ChatMessage

    def _exchange(self, question: Question, alone: bool) -> Iterator[str | _Exchange]:
        """What an LLM has written so far, as HTML, again and again; the exchange last."""
        writing, text = _Writing(), question.text
        try:
            for part in self._stream(question):
                if isinstance(part, Answer):
                    # Passages are not shown, so the browser need not keep them.
                    kept = replace(part, evidence=tuple(replace(found, text="") for found in part.evidence))
                    yield _Exchange(text, kept, key=token_hex(16), alone=alone)
                elif writing.take(part):
                    yield render.pending_html(writing.checked, writing.draft)
        except NewsdeskError as error:
            yield _Exchange(text, notice=str(error))
        except Exception:
            _log.exception("A question could not be answered.")
            yield _Exchange(text, notice="Something went wrong here; the service's log says what. You can ask again.")

    def _refusal(self, judged: _Exchange, before: Sequence[_Exchange], verdict: Verdict) -> str:
        """Stores a verdict; why that was not possible, or nothing."""
        assert judged.answer is not None
        question = Question(judged.question, () if judged.alone else _history(before))
        try:
            self._keep(Feedback.on(judged.answer, question, verdict), judged.key)
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


def _load(stored: Any) -> tuple[_Exchange, ...]:
    """The conversation that the browser kept; none when it cannot be read, as after a change of its form."""
    try:
        return _conversation.validate_python(stored)
    except ValidationError:
        return ()


def _history(before: Sequence[_Exchange]) -> tuple[Turn, ...]:
    """What was asked and answered; the short answer, where there is one, is what the next question is about."""
    return tuple(Turn(past.question, past.answer.short_answer or past.answer.text) for past in before if past.answer)


def _messages(conversation: Sequence[_Exchange]) -> list[gr.ChatMessage]:
    return [message for exchange in conversation for message in exchange.messages()]


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
