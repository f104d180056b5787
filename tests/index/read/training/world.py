"""What the reader's tests share: examples of our own, odd texts, a tiny model."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import strategies as st

from index.read.training.examples import Example
from newsdesk import packaged_model

TOKENIZER = packaged_model.folder() / "tokenizer.json"

ODD = [
    "Bread", "is", "dearer,", "said", "the", "9,300.50", "al-Bab", "café", "cafe\u0301", "Łódź", "Straße", "“no”", "it’s",
    "unfathomableness", "麦田里", "한국", "مرحبا", "😀👍🏽", "[SEP]", "[CLS]", "a\u200bb", "\ufffd", "\x00", "½", "ﬁn", "\u0301", "x" * 120,
]  # fmt: skip
GAPS = st.sampled_from([" ", "  ", "\n\n", "\u00a0", "\u2028"])


@st.composite
def texts(draw: st.DrawFn, most: int = 12) -> str:
    """Words of many kinds, and whatever else text can be."""
    words = draw(st.lists(st.one_of(st.sampled_from(ODD), st.text(max_size=6)), max_size=most))
    return "".join(word + draw(GAPS) for word in words)


@st.composite
def long_texts(draw: st.DrawFn) -> str:
    """A few to many hundreds of them."""
    words = draw(st.lists(st.one_of(st.sampled_from(ODD), st.text(min_size=1, max_size=6)), min_size=1, max_size=12))
    chosen = Random(draw(st.integers(0, 99))).choices(words, k=draw(st.integers(1, 900)))
    return draw(GAPS).join(chosen)


def example(id_: str, context: str, question: str, *answers: str, title: str = "") -> Example:
    """An example whose answers stand where the context has them first."""
    return Example(id_, title, context, question, tuple((answer, context.index(answer)) for answer in answers))


OWN = [
    example(
        "harbour",
        "The harbour of Melen was closed on Monday after a crane fell into the water. Nobody was hurt. The harbour "
        "master, Ida Brandt, said that 14 ships had to wait at sea. The crane was built in 1962 and had been painted "
        "twice since. A diver looked at it in the afternoon and found the cable torn.",
        "Who is the harbour master of Melen?",
        "Ida Brandt",
        title="Harbour_of_Melen",
    ),
    example(
        "bread",
        "Bread is dearer this year than last, the office for prices said. A loaf cost 3.20 crowns in May, which is 40 "
        "more than a year before. Bakers blamed the wheat harvest in Lower Tarn. The price of milk did not change. "
        "Next figures are expected in August, when the harvest has begun.",
        "How many crowns did a loaf cost in May?",
        "3.20",
        "3.20 crowns",
        title="Prices",
    ),
    example(
        "tram",
        "Line 4 will be opened in spring, the mayor of Orrin said on Friday. It goes from the Old Market to the "
        "university in eleven minutes. The last tram leaves at midnight. Two bridges were built for it, and a tunnel "
        "under the river Sool. The trams were made in Brask and are painted green.",
        "From where does the new tram in Orrin go to the university?",
        "the Old Market",
        title="Trams",
    ),
    example(
        "strike",
        "Teachers in Orrin ended their strike after nine days. Their union, led by Paul Wiegand, accepted 6 percent "
        "more pay. Schools open again on Thursday. The mayor thanked both sides and said that lessons which were lost "
        "would be given in the first week of the holidays.",
        "When do the schools in Orrin open again?",
        "Thursday",
        "on Thursday",
        title="Strike",
    ),
    example(
        "storm",
        "A storm tore the roof off the museum in Vell on Sunday night. Rain damaged three paintings, among them a "
        "portrait of Queen Maud. The director, Jonas Falk, said that they could be saved. The museum was insured. It "
        "stays closed until the roof is mended, which may take until October.",
        "What did rain damage in the museum of Vell?",
        "three paintings",
        title="Storm",
    ),
    example(
        "match",
        "Vell won the final against Orrin by 3 to 1. Mira Sand scored twice before the break, and the third goal was "
        "an own goal. The trainer of Orrin, Karl Dunn, resigned the same evening. More than 20,000 people watched the "
        "match in the new stadium, where the cup was handed over by the mayor.",
        "Who scored twice in the final?",
        "Mira Sand",
        title="tweet",
    ),
    example(
        "comet",
        "The comet can be seen without a glass until Wednesday. It was found in 1994 by two pupils from Brask. It "
        "comes back in 71 years. Those who get up before dawn see it above the eastern hills.",
        "Which planet does the comet pass?",
        title="Comet",
    ),
    example(
        "ferry",
        "The ferry between Melen and Vell runs every hour. A ticket costs 12 crowns, children pay half. In a storm "
        "the ferry stays in the harbour of Melen.",
        "Who owns the ferry between Melen and Vell?",
        title="Ferry",
    ),
]
"""Six with an answer and two without, all made up."""


def record(example: Example) -> dict[str, Any]:
    """The example as a line of JSON has it."""
    answers = [{"text": text, "start": start} for text, start in example.answers]
    made = {"id": example.id, "title": example.title, "context": example.context, "question": example.question}
    return {**made, "answers": answers, "is_impossible": not answers}


def write(file: Path, examples: list[Example]) -> Path:
    """Writes them as JSON lines."""
    file.write_text("".join(json.dumps(record(each)) + "\n" for each in examples), encoding="utf-8")
    return file


def save_tiny_bert(folder: Path) -> None:
    """A random BERT of one layer with 32 dimensions that knows MiniLM's words."""
    import torch
    from transformers import BertConfig, BertForQuestionAnswering

    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=30_522, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64,
        initializer_range=0.2,
    )  # fmt: skip
    BertForQuestionAnswering(config).save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(TOKENIZER.with_name(name), folder / name)
