"""Lines around an article are told from sentences that merely begin like them."""

from __future__ import annotations

import pytest

from labeling.text.boilerplate import boilerplate_reason

LINKS = [
    "Read more: The pool that was never built",
    "READ MORE: The pool that was never built",
    "Read more",
    "Read more »",
    "READ: The pool that was never built",
    "Read ‘Council votes to close the pool’",
    "Read 'Council votes to close the pool'",
    "Read “Council votes to close the pool” here.",
    "Read 'Council's plan for the pool'",
    "Read ‘Council votes to close the pool’ in our Sunday edition",
    "Read The pool that was never built",
    "Read Ana Torv’s column on the vote",
    "Read how the council split over a roof",
    "Also read: The roof report in full",
    "Read also: The roof report in full",
    "Read next: The roof report in full",
    "Read the full story here.",
    "Read the rest here.",
    "Read the full report",
    "Read our live blog here",
    "Read more about the pool here.",
    "Read more from the council chamber",
    "Watch: Councillor walks out",
    "WATCH | Councillor walks out",
    "Watch the full debate below",
    "Watch live: the second reading",
    "Watch Councillor walks out of the chamber",
    "Watch ‘The last swim’",
    "Watch more – the last swim",
    "▶ Watch: The last swim",
    "• Read more: The pool that was never built",
    "[Read: The pool that was never built]",
    "👉 Read more: The pool that was never built",
    "Listen: our podcast on the vote",
    "See also: What a roof costs",
    "Related: What a roof costs",
    "Related stories",
    "RELATED ARTICLES: What a roof costs",
    "Recommended: What a roof costs",
    "More on this story",
    "Most read",
    "You may also like",
    "Editor’s picks",
]
CALLS = [
    "Sign up for our newsletter to get the vote in your inbox.",
    "Subscribe to the Morning Lantern newsletter",
    "Get the best of the Lantern in your inbox every Friday.",
    "Already a subscriber? Log in",
    '"Follow Ana Torv on the network @anatorv."',
    "Correction appended.",
    "Never miss a vote: sign up here",
    "Support our journalism",
    "Follow us on social media",
    "Follow Ana Torv on Mastodon.",
    "“Follow Ana Torv on Mastodon”",
    "Follow @anatorv",
    "Share this article",
    "Click here for the full results",
    "Got a tip? Write to the newsroom.",
    "Download our app",
    "Copyright 2026 The Lantern. All rights reserved.",
    "© 2026 The Lantern",
    "(c) 2026 The Lantern",
    "Tags: pools, councils",
    "Filed under: Pools",
    "Story continues below",
    "Sponsored",
    "Sponsored by the Harrow Vale Brewery",
    "Advertisement",
    "ADVERTISEMENT - STORY CONTINUES BELOW",
    "Politics",
    "BREAKING NEWS:",
]
CREDITS = [
    "Photograph: Ana Torv/The Agency",
    "File photo.",
    "Source: Ministry of Ports.",
    "Sources: Ministry of Ports, harbour log",
    "Photo by Ana Torv",
    "PHOTO: A swimmer looks at the locked gate on Monday evening after the vote was over.",
    "Image: Harrow Vale Borough Archive",
    "File photo: the pool in 1968",
    "Picture credit: Ana Torv",
    "Swimmers at the gate on Monday. Photograph: Ana Torv/The Agency",
    "Swimmers at the gate on Monday. Photo by Ana Torv.",
    "Swimmers at the gate on Monday (Ana Torv/The Agency)",
    "(Ana Torv/The Agency)",
    "(The Agency)",
    "[Handout]",
    "(file photo from last summer)",
    "Torv/Agency.",
]
MARKS = ["* * *", "---", "•", "<embed id=4></embed>", "\u200b", "___."]
PROSE = [
    "Read was a small town when the mill opened.",
    "Read Street was closed on Friday.",
    "Read Adams, 42, told the court: “I was never there.”",
    "Read more closely, the report says the opposite.",
    "Read the full report carefully and another picture emerges.",
    "Read ‘The Long Road’ aloud, the teacher said, and the class fell silent.",
    "Read, write and count: that is the new curriculum.",
    "Readers of the report will find nothing about the roof.",
    "Read",
    "Watch makers said on Friday that they would move.",
    "Watch and wait, the doctors told him.",
    "Watch the gulls and you know the weather, fishermen say.",
    "Watched by hundreds, the gate was locked at nine.",
    "More on the vote was expected on Friday.",
    "Related species have been found upstream.",
    "Listen to anyone in the queue and you hear the same story.",
    "Subscribers of the theatre were told by letter.",
    "Join the union or lose the job, they were told.",
    "“Sign up for our march,” she told the crowd.",
    "Sponsored refugees arrived on Monday to a brass band.",
    "Copyright law is to change, ministers said.",
    "Follow the money, the auditor said.",
    "Share prices fell after the vote.",
    "Advertisements for the plan had run all week.",
    "Politics had nothing to do with it, the mayor said.",
    "She was shown a photo by the police.",
    "Source after source told the same story.",
    "Sources: who are they? Nobody at the port would say.",
    "Corrections officers were told on Monday.",
    "Pictures by the hundred arrived at the town hall.",
    "The photograph showed the roof before the storm.",
    "Everyone may bring his or her towel (and/or child)",
    "(Laughter)",
    "(APPLAUSE.)",
    "(He did not answer.)",
    "The pool (built in 1968)",
    "🗳️🗳️",
    "1968",
    "and/or",
]


@pytest.mark.parametrize("line", LINKS + CALLS + CREDITS + MARKS)
def test_a_line_that_is_not_the_article_s_own_is_boilerplate(line: str) -> None:
    assert boilerplate_reason(line, first=False)


@pytest.mark.parametrize("line", PROSE)
def test_a_sentence_that_merely_begins_like_one_is_not(line: str) -> None:
    assert boilerplate_reason(line, first=False) == ""


@pytest.mark.parametrize("line", ["Watch: Councillor walks out", "Read how the council split"])
def test_a_link_label_that_opens_the_article_is_its_headline(line: str) -> None:
    assert boilerplate_reason(line, first=True) == ""
    assert boilerplate_reason(line, first=False)


@pytest.mark.parametrize(
    ("line", "longest"),
    [("Read more: ", 200), ("Sign up for our newsletter ", 250), ("* ", 80), ("Advert: ", 68)],
)
def test_a_long_paragraph_is_never_boilerplate(line: str, longest: int) -> None:
    assert boilerplate_reason((line * 100)[:longest].strip(), first=False)
    assert boilerplate_reason((line * 100)[: longest + 20].strip(), first=False) == ""
    assert boilerplate_reason((line * 100)[:500].strip(), first=False) == ""
