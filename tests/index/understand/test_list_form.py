"""Which questions ask for a list, of what kind, and about what; and which only look so."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.understand.days.window import time_window
from index.understand.list_form import SurveyKind, survey_kind, survey_subject

FRIDAY = date(2017, 2, 10)

SURVEYS = [
    ("What happened in al-Bab last week?", SurveyKind.EVENTS, "al-Bab"),
    ("What happened last week?", SurveyKind.EVENTS, ""),
    ("What happened yesterday in Port Selwick?", SurveyKind.EVENTS, "Port Selwick"),
    ("What happened in March?", SurveyKind.EVENTS, ""),
    ("What happened in 2016?", SurveyKind.EVENTS, ""),
    ("What happened in the last week?", SurveyKind.EVENTS, ""),
    ("What happened in Tannet in January?", SurveyKind.EVENTS, "Tannet"),
    ("What is happening in Snowdon now?", SurveyKind.EVENTS, "Snowdon"),
    ("Summarise last week's news", SurveyKind.SUMMARY, ""),
    ("Give me a summary of today’s news", SurveyKind.SUMMARY, ""),
    ("Which news agencies carried the story?", SurveyKind.OUTLETS, "the story"),
    ("What has happened in Syria since Monday?", SurveyKind.EVENTS, "Syria"),
    ("What is happening in Syria?", SurveyKind.EVENTS, "Syria"),
    ("What's new about the tram?", SurveyKind.EVENTS, "the tram"),
    ("What’s new?", SurveyKind.EVENTS, ""),
    ("What is the latest on the harbour strike?", SurveyKind.EVENTS, "the harbour strike"),
    ("What are the latest developments in the port dispute?", SurveyKind.EVENTS, "the port dispute"),
    ("Any news about the landslide?", SurveyKind.EVENTS, "the landslide"),
    ("Latest headlines on Calder Line", SurveyKind.EVENTS, "Calder Line"),
    ("What has been reported about the trial?", SurveyKind.EVENTS, "the trial"),
    ("What was reported about the trial in January?", SurveyKind.EVENTS, "the trial"),
    ("What have the papers written about Marta Lind?", SurveyKind.EVENTS, "Marta Lind"),
    ("Summarise the port dispute", SurveyKind.SUMMARY, "the port dispute"),
    ("Please summarize the news about the landslide.", SurveyKind.SUMMARY, "the landslide"),
    ("Can you sum up the reports on the tram?", SurveyKind.SUMMARY, "the tram"),
    ("Summary of the school closure debate", SurveyKind.SUMMARY, "the school closure debate"),
    ("Give me a short overview of the election", SurveyKind.SUMMARY, "the election"),
    ("Catch me up on the port dispute", SurveyKind.SUMMARY, "the port dispute"),
    ("I need an overview of the tram debate", SurveyKind.SUMMARY, "the tram debate"),
    ("Give me everything on the landslide", SurveyKind.EVENTS, "the landslide"),
    ("What were the biggest stories of 2016?", SurveyKind.EVENTS, ""),
    ("What do we know so far about the ferry?", SurveyKind.EVENTS, "the ferry"),
    ("Which articles mention the ferry?", SurveyKind.EVENTS, "the ferry"),
    ("What stories have been written about the new pier?", SurveyKind.EVENTS, "the new pier"),
    ("Find every report on the brewery", SurveyKind.EVENTS, "the brewery"),
    ("Show me all articles about the new pier", SurveyKind.EVENTS, "the new pier"),
    ("Timeline of the landslide", SurveyKind.TIMELINE, "the landslide"),
    ("Show me a timeline of the dockers' strike", SurveyKind.TIMELINE, "the dockers' strike"),
    ("List the outlets that reported the strike on al-Bab.", SurveyKind.OUTLETS, "the strike on al-Bab"),
    ("List all newspapers that have covered the landslide", SurveyKind.OUTLETS, "the landslide"),
    ("Which outlets reported the strike on al-Bab last week?", SurveyKind.OUTLETS, "the strike on al-Bab"),
    ("Which news outlets wrote about the trial?", SurveyKind.OUTLETS, "the trial"),
    ("In which newspapers was the landslide reported?", SurveyKind.OUTLETS, "the landslide"),
    ("How many strikes were reported in January?", SurveyKind.COUNT, "strikes"),
    ("How many air strikes on al-Bab were reported last month?", SurveyKind.COUNT, "air strikes on al-Bab"),
    ("How many articles mention Edmund Prior?", SurveyKind.COUNT, "Edmund Prior"),
    ("How many stories are there about the tram?", SurveyKind.COUNT, "the tram"),
    ("How many news articles have been published about the tram this year?", SurveyKind.COUNT, "the tram"),
    ("How many reports were published on the landslide?", SurveyKind.COUNT, "the landslide"),
    ("How many outlets reported the landslide?", SurveyKind.COUNT, "the landslide"),
    ("How many times was the port dispute reported in January?", SurveyKind.COUNT, "the port dispute"),
]

FACTS = """
How many people were killed in the strike?
How many people were killed in the strikes reported in January?
How many strikes hit the town in January?
How many strikes were reported?
How many cases were reported in January?
How many deaths were reported last week?
How many people were reported missing last week?
How many shootings were reported to the police last year?
How many people in the riots were reported hurt last week?
How many stories does the tower have?
How many stories high is the hotel?
How many articles does the treaty have?
How many stories did the author write?
How many reports did the committee commission?
How many books were published in 2016?
How many jets took part in the raid?
How many times did the whale surface?
How often was the bridge inspected?
What happened to the bridge?
What happened to Maria Lopez last week?
What happened to the ferry on Monday?
What happened after the vote last week?
What happened when the sirens sounded yesterday?
What happened in al-Bab?
What is the new name of the harbour?
What new charge was suggested?
What is the latest model of the ferry?
What was reported stolen last week?
What was published first, the book or the play?
What did the newspaper say?
What did the report say about the tram?
Who wrote the summary of the report?
What did the summary say?
What is the timeline for the new bridge?
Which newspaper published the letter?
Which outlets were closed by the company?
Which sources of energy are cheapest?
Which papers did he sign?
Which agency runs the ferries?
Who reported the fire to the police?
Who first reported the story?
News of the World was closed by whom?
Which agencies carried out the attack?
Which agencies ran the relief effort?
Which agencies covered the cost of the repairs?
Which papers carried out the survey?
What was written on the banner?
How often is the field covered in snow?
How many times has the minister been reported to the police?
List the ships that sank.
On which day did the strike begin?
About how many people fled?
Where is al-Bab?
Why did the dockers walk out?
When did the strike begin?
""".strip().splitlines()


@pytest.mark.parametrize(("question", "kind", "subject"), SURVEYS)
def test_a_question_over_many_articles_is_known_by_its_form(question: str, kind: SurveyKind, subject: str) -> None:
    """The kind of list, and what it is to be about without the words of the form and of the time."""
    window = time_window(question, FRIDAY)
    assert survey_kind(question, window) is kind
    assert survey_subject(question, window) == subject


@pytest.mark.parametrize("question", FACTS)
def test_a_question_for_one_fact_stays_one(question: str) -> None:
    """A figure, a single event and a name are answered, not listed."""
    assert survey_kind(question, time_window(question, FRIDAY)) is None


@given(st.text(max_size=80))
def test_any_text_is_survived(question: str) -> None:
    """Whatever is typed; a question that is no survey keeps its words."""
    window = time_window(question, FRIDAY)
    subject = survey_subject(question, window)
    if survey_kind(question, window) is None and window is None:
        assert subject == " ".join(question.split()).strip(" ,;:?!.")
