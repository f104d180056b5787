"""What a question asks for, and what a sentence offers."""

from __future__ import annotations

import pytest

from index.answer.of_type import counts_dead, is_only_a_time, offers
from index.understand.answer_type import AnswerType, asks_for_dead, expected_answer


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who conducted the joint strike on al-Bab?", AnswerType.PERSON),
        ("How many Turkish jets took part?", AnswerType.NUMBER),
        ("What did the repair of the bridge cost?", AnswerType.NUMBER),
        ("What was the final score?", AnswerType.NUMBER),
        ("What is Hallowby's share of the bill?", AnswerType.NUMBER),
        ("What was the name of the man who paid the price?", AnswerType.PERSON),
        ("What did Mark do?", AnswerType.OTHER),
        ("What new record temperature was measured?", AnswerType.NUMBER),
        ("Which country was shaken by a 7.0-magnitude earthquake?", AnswerType.PLACE),
        ("Which airline has the lowest share of late flights?", AnswerType.NAME),
        ("What did Rudskoi say about Palmyra?", AnswerType.SPEECH),
        ("Where is al-Bab?", AnswerType.PLACE),
        ("Which country withdrew?", AnswerType.PLACE),
        ("Which airline went bankrupt?", AnswerType.NAME),
        ("When will dredging begin?", AnswerType.TIME),
        ("How soon will it begin?", AnswerType.TIME),
        ("Why did the sprinkler fail?", AnswerType.REASON),
        ("Who ran the mine when the shaft flooded?", AnswerType.PERSON),
        ("When the shaft flooded, who ran the mine?", AnswerType.PERSON),
        ("Which firm owned the mine when it flooded?", AnswerType.NAME),
        ("Why did they dig where the rock was soft?", AnswerType.REASON),
        ("Where were the miners when the shaft flooded?", AnswerType.PLACE),
        ("Who explained why the pumps failed?", AnswerType.PERSON),
        ("What happened when the pumps failed?", AnswerType.OTHER),
        ("When was it that the pumps failed, and why?", AnswerType.TIME),
        ("When did the owner say where the shaft was?", AnswerType.TIME),
        ("When and where did the shaft flood?", AnswerType.TIME),
        ("What was the day when the shaft flooded?", AnswerType.TIME),
        ("The owner knew when the shaft flooded?", AnswerType.TIME),
        ("Is he going to appeal?", AnswerType.OTHER),
        ("Who is Marta Lind?", AnswerType.OTHER),
        ("Who was Ida Brandt of Hallowby?", AnswerType.OTHER),
        ("Who is President of Syria?", AnswerType.PERSON),
        ("Who is Boris Johnson's successor?", AnswerType.PERSON),
        ("The bridge, closed when divers found cracks, is open again. How much did it cost?", AnswerType.NUMBER),
    ],
)
def test_expected_answer(question: str, kind: AnswerType) -> None:
    """The form of the question decides; of several sentences, the last that asks."""
    assert expected_answer(question) is kind


@pytest.mark.parametrize(
    ("kind", "sentence", "question", "expected"),
    [
        (AnswerType.PERSON, "The prize went to Noor Haddad.", "Who won the prize?", 1.0),
        (AnswerType.PERSON, "The prize was awarded on Friday.", "Who won the prize?", 0.0),
        (AnswerType.PERSON, "He praised Noor Haddad.", "Who praised Noor Haddad?", 0.0),
        (AnswerType.NUMBER, "Eight Turkish war planes took part.", "How many Turkish planes took part?", 1.0),
        (AnswerType.NUMBER, "It took four hours.", "How many planes took part?", 0.5),
        (AnswerType.NUMBER, "It began on January 23.", "How many planes took part?", 0.0),
        (AnswerType.NUMBER, "It will cost €84 million.", "How much will it cost?", 1.0),
        (AnswerType.TIME, "Work begins on Monday.", "When does work begin?", 1.0),
        (AnswerType.TIME, "Work begins soon after.", "When does work begin?", 0.0),
        (AnswerType.PLACE, "The town lies north of Aleppo.", "Where is the town?", 1.0),
        (AnswerType.PLACE, "They marched to Aleppo.", "Where is the town?", 0.5),
        (AnswerType.PLACE, "It snowed in January.", "Where is the town?", 0.0),
        (AnswerType.REASON, "It closed because divers found cracks.", "Why did it close?", 1.0),
        (AnswerType.REASON, "It closed on Wednesday.", "Why did it close?", 0.0),
        (AnswerType.SPEECH, "“We are ready,” the mayor said.", "What did the mayor say?", 1.0),
        (AnswerType.SPEECH, "The mayor left.", "What did the mayor say?", 0.0),
        (AnswerType.OTHER, "Whatever.", "Is it?", 0.5),
    ],
)
def test_offers(kind: AnswerType, sentence: str, question: str, expected: float) -> None:
    """Something of the type that is not in the question; a number counts half without the unit asked for."""
    assert offers(kind, sentence, question) == expected


@pytest.mark.parametrize(
    ("before", "behind", "dead"),
    [
        ("That brought the final number of dead to ", ".", True),
        ("The death toll from a landslide in the village of Lower Tarrick reached ", " on Wednesday", True),
        ("It killed at least ", " people.", True),
        ("", " elderly people died", True),
        ("killed 14 people and hurt ", "", False),
        ("It killed some. Of all families ", " left", False),
        ("", " people have not been accounted for", False),
        ("rescuers brought out ", " more bodies.", False),
        ("It killed another ", " people.", False),
        ("Some ", " families live beside the canal.", False),
        ("The nurse lives with ", " cats.", False),
        ("Divers saved ", " lives.", False),
        ("It changed the lives of ", " pupils.", False),
        ("They took the boy who lives there ", " presents.", False),
        ("The avalanche claimed ", " lives.", True),
        ("The fever cost the lives of ", " pupils.", True),
        ("", " pilgrims lost their lives.", True),
        ("", " lives were lost.", True),
    ],
)
def test_a_toll_is_told_by_words_of_death_in_its_clause(before: str, behind: str, dead: bool) -> None:
    """ "The toll had reached sixteen" says what sixteen counts; beyond another number or sentence it says nothing."""
    assert counts_dead(before, behind) is dead


@pytest.mark.parametrize(
    ("question", "dead"),
    [
        ("How many people died?", True),
        ("What is the death toll?", True),
        ("How many people came?", False),
        ("What is the bridge toll?", False),
    ],
)
def test_a_number_of_dead_is_asked_for(question: str, dead: bool) -> None:
    """By words of death, not by "toll" alone."""
    assert asks_for_dead(question) is dead


@pytest.mark.parametrize(
    ("span", "only"),
    [
        ("3 May 1953", True),
        ("on Tuesday evening", True),
        ("in the 1990s", True),
        ("May", False),
        ("March", False),
        ("Melen", False),
        ("17", False),
    ],
)
def test_a_day_is_told_from_who_is_named_like_a_month(span: str, only: bool) -> None:
    """Theresa May and the town of March are no times."""
    assert is_only_a_time(span) is only
