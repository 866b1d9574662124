"""Decode → passages → all built-in suggestions on one core, and how it grows with the text.

The text is made up here, from the demo articles' paragraphs with terms of the lexicon strewn in:
twice as many quotations and ten times as many terms as news has, so it is no easy text. Beside
it, on the same text: spaCy's PhraseMatcher with the same terms (its tokenizer included), and
trafilatura alone, which only takes the text out of a page. In MB/s a high ratio is good, in ms
and s a low one.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.figure import Figure
from labeling.suggest.gazetteer import GazetteerSuggester, read_names
from labeling.suggest.interface import Document
from labeling.suggest.lexicon import Lexicon, LexiconSuggester
from labeling.suggest.lexicon_csv import read_terms
from labeling.suggest.lexicon_terms import Term, make_term
from labeling.suggest.lineup import Lineup
from labeling.suggest.quotes import QuoteSuggester
from labeling.text.blocks import blocks_of
from labeling.text.decode import decode_article
from labeling.text.passages import passages_of

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
TERMS = 2_000
ARTICLES = 250
RUNS = 5
EVERY_NTH_SENTENCE = 3


def measure() -> Iterator[Figure]:
    chance = random.Random(41)
    terms = _terms(chance)
    articles = [_article(chance, terms, 40) for _ in range(ARTICLES)]
    lineup = _lineup(terms)
    size = sum(map(len, articles)) / 1e6
    _say(f"{len(articles)} articles, {size:.2f} MB, {len(terms)} terms")
    yield from _against_others(articles, size, terms, lineup)
    yield Figure(
        "lexicon_build",
        [1000 * _seconds(lambda: Lexicon(terms).build()) for _ in range(RUNS)],
        [1000 * _seconds(lambda: _matcher(terms)) for _ in range(RUNS)],
        "ms",
    )
    yield from _growth(chance, terms, articles, lineup)


def _against_others(
    articles: list[bytes], size: float, terms: list[Term], lineup: Lineup
) -> Iterator[Figure]:
    pages = [_page(data) for data in articles]
    texts = [data.decode() for data in articles]
    nlp, matcher = _matcher(terms)
    ours, phrases, extraction = [], [], []
    _pipeline(articles[:20], lineup)
    for _ in range(RUNS):
        ours.append(size / _seconds(lambda: _pipeline(articles, lineup)))
        phrases.append(size / _seconds(lambda: [matcher(doc) for doc in nlp.pipe(texts)]))
        extraction.append(size / _seconds(lambda: _extract(pages)))
    yield Figure("text_pipeline_vs_spacy_phrasematcher", ours, phrases, "MB/s")
    yield Figure("text_pipeline_vs_trafilatura", ours, extraction, "MB/s")


def _growth(
    chance: random.Random, terms: list[Term], articles: list[bytes], lineup: Lineup
) -> Iterator[Figure]:
    """Ten times as much in ten times the time: of articles, and of one article's length."""
    once = articles[: ARTICLES // 10]
    yield Figure(
        "text_pipeline_10x_articles",
        [_seconds(lambda: _pipeline(articles, lineup)) for _ in range(3)],
        [10 * _seconds(lambda: _pipeline(once, lineup)) for _ in range(3)],
    )
    short, long = ([_article(chance, terms, n)] for n in (1_000, 10_000))
    times = len(long[0]) / len(short[0])
    yield Figure(
        "text_pipeline_10x_one_article",
        [_seconds(lambda: _pipeline(long, lineup)) for _ in range(3)],
        [times * _seconds(lambda: _pipeline(short, lineup)) for _ in range(3)],
    )


def _pipeline(articles: list[bytes], lineup: Lineup) -> int:
    found = 0
    for data in articles:
        text = decode_article(data, source="bench.txt").text
        blocks = blocks_of(text)
        passages_of("a-bench", text, blocks)
        found += sum(len(answer.spans) for answer in lineup.answers(Document(text, blocks)))
    return found


def _lineup(terms: list[Term]) -> Lineup:
    names = read_names((SEEDS / "gazetteer" / "names.csv").read_bytes(), source="names.csv").names
    lexicon = LexiconSuggester(Lexicon(terms).build())
    return Lineup([QuoteSuggester(), lexicon, GazetteerSuggester(names)])


def _terms(chance: random.Random) -> list[Term]:
    """The starter lexicon, and made-up terms up to the number wanted."""
    file = SEEDS / "lexicon" / "starter.csv"
    terms = list(read_terms(file.read_bytes(), source=file.name).terms)

    def word() -> str:
        syllables = (chance.choice("bdfgklmnprstv") + chance.choice("aeiou") for _ in range(3))
        return "".join(syllables)

    while len(terms) < TERMS:
        joint = chance.choice(" -")
        surface = f"{word()}{joint}{word()}"
        terms.append(make_term({"surface": surface, "topic": "made up", "key": f"t-{len(terms)}"}))
    return terms


def _article(chance: random.Random, terms: list[Term], sentences: int) -> bytes:
    said = _sentences()
    paragraphs, paragraph = [], []
    for n in range(sentences):
        sentence = chance.choice(said)
        if n % EVERY_NTH_SENTENCE == 0:
            sentence += f" Some called it the {chance.choice(terms).surface} of the year."
        paragraph.append(sentence)
        if len(paragraph) == 4:
            paragraphs.append(" ".join(paragraph))
            paragraph = []
    paragraphs.append(" ".join(paragraph) or "And so it went on.")
    return "\n\n".join(["Council counts again", "By Ada Orr", *paragraphs]).encode()


def _sentences() -> list[str]:
    """Body paragraphs of the demo articles, quotations and all."""
    found = []
    for path in sorted((SEEDS / "articles").rglob("*.txt")):
        text = decode_article(path.read_bytes(), source=path.name).text
        body = (text[b.start : b.end].strip() for b in blocks_of(text) if b.role == "body")
        found += [" ".join(paragraph.split()) for paragraph in body]
    return found


def _page(data: bytes) -> bytes:
    paragraphs = data.decode().split("\n\n")
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs[1:])
    return f"<html><body><article><h1>{paragraphs[0]}</h1>{body}</article></body></html>".encode()


def _extract(pages: list[bytes]) -> None:
    import trafilatura

    for page in pages:
        trafilatura.extract(page, favor_precision=True)


def _matcher(terms: list[Term]):  # noqa: ANN202 - spaCy's own classes
    import spacy
    from spacy.matcher import PhraseMatcher

    nlp = spacy.blank("en")
    matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
    forms = sorted({form for term in terms for form in (term.surface, *term.variants)})
    matcher.add("TERM", list(nlp.pipe(forms)))
    return nlp, matcher


def _seconds(work: Callable[[], object]) -> float:
    """Processor time of this process: what others do on the machine does not count."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
