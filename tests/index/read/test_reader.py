"""Reading: a tiny reader for real, and one that finds a word, where a test needs to know what is found."""

from __future__ import annotations

import itertools
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.read.reader import (
    MAX_ANSWER_TOKENS,
    MAX_TOKENS,
    SPANS,
    OnnxSpanModel,
    Reader,
    Reading,
    Scores,
    load_reader,
    packaged_fit,
)
from index.read.windows import Rows, Window, load_tokenizer, tokenize
from newsdesk.errors import ModelError
from tests.index.read.training.world import OWN, TOKENIZER, long_texts, texts

WHOLE = load_tokenizer(TOKENIZER, 100_000)

WINDOWS = st.builds(Window, texts(), st.one_of(texts(), long_texts()), texts() | st.just(""))


class FindsWords:
    """A model that takes some words for the first and the last of the answer, each by its score."""

    padding = 0
    at_once = 2

    def __init__(self, first: dict[str, float], last: dict[str, float], none: float = 0.0) -> None:
        self.tokenizer = load_tokenizer(TOKENIZER, MAX_TOKENS)
        scored = ({**words, "[CLS]": none / 2} for words in (first, last))
        self._scores = [{self.tokenizer.token_to_id(word): score for word, score in words.items()} for words in scored]
        self.rows: list[int] = []

    def scores(self, batch: dict[str, Rows]) -> tuple[Scores, Scores]:
        """See SpanModel."""
        self.rows.append(len(batch["input_ids"]))
        first, last = (
            np.vectorize(lambda token, known=known: known.get(token, -9.0), otypes=[np.float32])(batch["input_ids"])
            for known in self._scores
        )
        return first, last


def found(model: FindsWords, text: str, question: str = "Who?", header: str = "") -> list[tuple[str, float]]:
    """What it finds in a text, with scores."""
    (reading,) = Reader(model, packaged_fit()).read([Window(question, text, header)])
    return [(text[span.start : span.end], span.score) for span in reading.spans]


@pytest.fixture(scope="module")
def reader(tiny_exported: Path) -> Reader:
    """The tiny reader as it is shipped, with 8 bits; it finds something in everything."""
    return Reader(OnnxSpanModel(tiny_exported / "bits-8"), packaged_fit())


def tokens_of(text: str, start: int, end: int) -> int:
    """How few tokens reach from the first of these characters to the last: a character, like 한, can be several."""
    (part,) = tokenize(WHOLE, [Window("", text)])[0]
    first = max(place for place, (begin, stop) in enumerate(part.offsets) if begin == start < stop)
    last = min(place for place, (begin, stop) in enumerate(part.offsets) if begin < end == stop)
    return last - first + 1


@settings(max_examples=20)
@example(windows=[Window("Bread " * 9, "한국 한국 한국 한국 한국")])
@given(windows=st.lists(WINDOWS, min_size=1, max_size=3))
def test_spans_are_places_in_the_text(reader: Reader, windows: list[Window]) -> None:
    """Whatever is read: inside the text, none over another, best first, none longer than an answer, never too many."""
    readings = reader.read(windows)
    assert len(readings) == len(windows)
    for window, reading in zip(windows, readings, strict=True):
        assert len(reading.spans) <= SPANS
        assert [span.score for span in reading.spans] == sorted((span.score for span in reading.spans), reverse=True)
        for span in reading.spans:
            assert 0 <= span.start < span.end <= len(window.text)
            assert np.isfinite(span.score)
            assert tokens_of(window.text, span.start, span.end) <= MAX_ANSWER_TOKENS
        for one, other in itertools.combinations(reading.spans, 2):
            assert one.end <= other.start or other.end <= one.start


@given(texts())
def test_a_text_with_words_has_a_span(text: str) -> None:
    """There is always a best span, however bad it is; without a word there is none."""
    reading = Reader(FindsWords({}, {}), packaged_fit()).read([Window("Who?", text)])[0]
    (part,) = tokenize(WHOLE, [Window("Who?", text)])[0]
    assert bool(reading.spans) == bool(part.offsets)


def test_an_empty_text_gives_nothing(reader: Reader) -> None:
    """No span, and no answer is likelier than any; others are read as without it."""
    windows = [
        Window("Who?", ""),
        Window("Who?", "Ida Brandt said so."),
        Window("Who?", " \n", "A headline"),
        Window("", ""),
    ]
    readings = reader.read(windows)
    assert [reading.spans for reading in readings][::2] == [(), ()]
    assert [reading.score for reading in readings][::2] == [float("-inf")] * 2
    assert readings[1] == reader.read(windows[1:2])[0]
    assert reader.read([]) == []
    assert reader.read(windows[:1]) == [Reading(())]


def test_scores_are_against_no_answer() -> None:
    """A span's score is that of its first and last token, less that of [CLS]; the reading has that of the best."""
    model = FindsWords({"ida": 4.0, "karl": 3.0}, {"brandt": 2.0, "dunn": 1.5}, none=1.5)
    assert found(model, "It was Ida Brandt, not Karl Dunn.")[:2] == [("Ida Brandt", 4.5), ("Karl Dunn", 3.0)]
    reading = Reader(model, packaged_fit()).read([Window("Who?", "It was Ida Brandt, not Karl Dunn.")])[0]
    assert reading.score == 4.5


def test_an_answer_does_not_end_before_it_begins() -> None:
    """The last token is never before the first, however high they score."""
    model = FindsWords({"crane": 9.0}, {"red": 9.0})
    assert found(model, "red is the crane")[0][0] in ("red", "crane")


def test_a_second_answer_is_found_beside_a_much_better_one() -> None:
    """Every span around the best one scores higher than another answer at the other end; it is found none the less."""
    words = "ida crane harbour first ship clock city trams green bird".split()
    near = dict.fromkeys(words, 8.0)
    text = " ".join(words) + " and then " + "on the pier " * 5 + "lund"
    spans = found(FindsWords({**near, "ida": 9.0, "lund": 1.0}, {**near, "bird": 9.0, "lund": 1.0}), text)
    assert spans[:2] == [(" ".join(words), 18.0), ("lund", 2.0)]


def test_a_span_is_no_longer_than_an_answer() -> None:
    """First and last token that lie too far apart are not one answer; as far as is allowed, they are."""
    model = FindsWords({"ida": 9.0}, {"crane": 9.0})
    near = "Ida " + "red " * (MAX_ANSWER_TOKENS - 2) + "crane"
    assert found(model, near)[0] == (near, 18.0)
    assert found(model, near.replace("crane", "red crane"))[0][1] < 9


def test_neither_headline_nor_question_is_an_answer() -> None:
    """Only words of the text are."""
    model = FindsWords({"ida": 9.0}, {"ida": 9.0})
    assert found(model, "nine red cranes", "Who is Ida?", "Ida said so")[0][1] < 0
    assert found(model, "nine red Ida", "Who is Ida?", "Ida said so")[0] == ("Ida", 18.0)


def test_a_long_text_is_read_to_its_end() -> None:
    """An answer after 3,000 words is found at its place, and so are those before; one found twice is given once."""
    words = Random(1).choices("red crane harbour storm tram bread was is the of and".split(), k=3_000)
    for place in (0, 250, 1_500, 3_000):
        text = " ".join([*words[:place], "Ida Brandt", *words[place:]])
        spans = found(FindsWords({"ida": 9.0}, {"brandt": 9.0}), text)
        assert spans[0] == ("Ida Brandt", 18.0)
        assert all(score < 9 for _, score in spans[1:])


def test_order_does_not_matter(reader: Reader) -> None:
    """The same passages in another order are read the same, also when they are too many for one batch."""
    words = "red crane harbour storm tram bread was is the of and".split()
    rng = Random(1)
    windows = [Window("Who?", " ".join(rng.choices(words, k=60))) for _ in range(150)]  # of equal length, all of them
    readings = reader.read(windows)
    for seed in range(3):
        order = Random(seed).sample(range(len(windows)), len(windows))
        for place, reading in zip(order, reader.read([windows[place] for place in order]), strict=True):
            assert same(reading, readings[place], 1e-6)


def same(one: Reading, other: Reading, near: float) -> bool:
    """Whether two readings find the same spans with scores that near."""
    return [(span.start, span.end) for span in one.spans] == [(span.start, span.end) for span in other.spans] and [
        span.score for span in one.spans
    ] == pytest.approx([span.score for span in other.spans], abs=near)


def test_each_window_is_read_alone_and_answers_come_in_order() -> None:
    """A score depends on nothing else that was found, memory does not grow with it, and readings are not mixed up."""
    model = FindsWords({"ida": 9.0}, {"ida": 9.0})
    windows = [Window("Who?", "red crane " * number + "Ida") for number in range(120)]
    readings = Reader(model, packaged_fit()).read(windows)
    assert [windows[place].text[slice(*_ends(reading))] for place, reading in enumerate(readings)] == ["Ida"] * 120
    assert model.rows == [1] * 120


def _ends(reading: Reading) -> tuple[int, int]:
    return reading.spans[0].start, reading.spans[0].end


def test_a_trained_folder_reads_as_its_export(tiny_bert: Path, tiny_exported: Path) -> None:
    """What torch runs from the trained folder, onnxruntime runs from the exported one with 32 bits."""
    windows = [Window(each.question, each.context, each.title) for each in OWN]
    trained, exported = load_reader(str(tiny_bert)), load_reader(str(tiny_exported / "bits-32"))
    assert trained is not None
    assert exported is not None
    for one, other in zip(trained.read(windows), exported.read(windows), strict=True):
        assert one.score == pytest.approx(other.score, abs=1e-3)
        assert (one.spans[0].start, one.spans[0].end) == (other.spans[0].start, other.spans[0].end)


def test_models_of_other_makers_are_read(tmp_path: Path) -> None:
    """One without types of tokens and with another padding and other special tokens: a RoBERTa with bytes for words."""
    folder = tmp_path / "roberta"
    save_tiny_roberta(folder)
    reader = load_reader(str(folder))
    assert reader is not None
    windows = [Window("Who?", "Ida   B  said  it   in the café. " * times) for times in (1, 40, 0)]
    readings = reader.read(windows)
    assert [bool(reading.spans) for reading in readings] == [True, True, False]
    for window, reading in zip(windows, readings, strict=True):
        for span in reading.spans:
            text = window.text[span.start : span.end]
            assert text == text.strip() != ""


def save_tiny_roberta(folder: Path) -> None:
    """A random RoBERTa that reads bytes."""
    import torch
    from tokenizers import Tokenizer, pre_tokenizers, processors
    from tokenizers.models import BPE
    from transformers import PreTrainedTokenizerFast, RobertaConfig, RobertaForQuestionAnswering

    special = {"bos_token": "<s>", "pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(BPE({token: place for place, token in enumerate([*special.values(), *letters])}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True)
    fast = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # transformers leaves it untyped
        tokenizer_object=tokenizer, model_input_names=["input_ids", "attention_mask"], **special
    )
    fast.save_pretrained(folder)
    torch.manual_seed(2)
    config = RobertaConfig(
        vocab_size=len(fast), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=MAX_TOKENS + 2, pad_token_id=1, type_vocab_size=1,
    )  # fmt: skip
    RobertaForQuestionAnswering(config).save_pretrained(folder)


def test_none_is_no_reader() -> None:
    """Answering without a reader is a setting."""
    assert load_reader("none") is None


@pytest.mark.parametrize("missing", ["tokenizer.json", "reader.onnx"])
def test_an_export_that_is_not_whole_is_told(tiny_exported: Path, tmp_path: Path, missing: str) -> None:
    """Cut or missing, each file of it; the folder or file is named."""
    for name, content in (("missing", None), ("empty", b""), ("cut", b"{\x00")):
        folder = tmp_path / name
        folder.mkdir()
        for file in (tiny_exported / "bits-8").iterdir():
            data = file.read_bytes() if file.name != missing else content
            if data is not None:
                (folder / file.name).write_bytes(data)
        with pytest.raises(ModelError, match=str(folder)):
            load_reader(str(folder))


@pytest.mark.parametrize("damage", ["nowhere", "empty", "cut"])
def test_what_is_no_reader_is_told(tiny_bert: Path, tmp_path: Path, damage: str) -> None:
    """A folder or name that is none, or whose weights are cut: what it is, and what the setting can be."""
    folder = tmp_path / damage
    if damage != "nowhere":
        folder.mkdir()
    if damage == "cut":
        for file in tiny_bert.iterdir():
            (folder / file.name).write_bytes(file.read_bytes()[: -1_000 if file.suffix == ".safetensors" else None])
    with pytest.raises(ModelError, match=r"Set `reader` to a folder") as caught:
        load_reader(str(folder))
    assert str(folder) in str(caught.value)


def test_what_was_read_lately_is_not_read_again() -> None:
    """The same question beside the same text and headline gives the same reading without the model."""
    model = FindsWords({"ida": 5.0}, {"ida": 5.0})
    reader = Reader(model, packaged_fit())
    windows = [Window("Who?", "It was Ida."), Window("Who?", "It was Ola."), Window("Who?", "It was Ida.")]
    first = reader.read(windows)
    assert len(model.rows) == 2
    assert reader.read(windows[::-1]) == first[::-1]
    assert len(model.rows) == 2
    assert reader.read([Window("Who?", "It was Ida.", "Her boat")]) != []
    assert len(model.rows) == 3
