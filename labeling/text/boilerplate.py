"""Lines that stand in an article and are not part of it: links, credits, calls to subscribe.

A rule sees one paragraph with its whitespace collapsed, never longer than ``LONGEST``
characters, and names no person and no outlet. Every pattern is anchored at a start or at an
end, or looks for fixed words, and every repetition is bounded or cannot match in two ways.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 400
_LONGEST_LINK = 200
_LONGEST_CALL = 250
_OPENING = "‘“'\"«"
_CLOSING = "’”'\"»"
_SPEECH = re.compile('[“”"]')
_LEADING_MARKS = re.compile(r"\A[^\w‘“'\"«@©(\[]+")
_SENTENCE_END = re.compile(r"[.!?…]['\"’”)\]]*$")

_LINK_VERB = re.compile(r"(?:also |please )?(?:read|watch)\b:?\s*", re.IGNORECASE)
_QUESTION = re.compile(r"(?:how|why|what|when|where|who|live|all) ")
_AFTER_TITLE = re.compile(r"(?:here|now|next|on|in|from|at|by|via)\b[^,.;]{0,40}")
_LINK_LABEL = re.compile(
    r"(?:also )?(?:read|watch|listen|see|view)"
    r"(?: (?:more|also|next|now|on|here|live|this|it|too|our|the|full|story|video)){0,4} ?[:>»→|]"
    r"|(?:also )?(?:read|watch|listen|see) (?:more|also|next|now|too) ?[–—-] "
    r"|(?:related|recommended|further reading|see also|more|don[’']t miss|you may also like)"
    r"(?: (?:stories|story|articles?|coverage|content|news|topics?|reading|links?|video)){0,2} ?:",
    re.IGNORECASE,
)
_LINK_PHRASE = re.compile(
    r"(?:read|watch|listen to|see|view) (?:more|next|the rest|on|live|our|the|full|below|above)\b"
    r"(?: (?:full|whole|complete|original|latest|entire|live|related|rest|of|the|video|story|report"
    r"|article|interview|statement|letter|transcript|documentary|podcast|trailer|clip|coverage"
    r"|blog|review|post|text|ruling|speech|debate|moment|opinion|this|it|our|stories|news"
    r"|analysis|series|guide|explainer)){0,5}"
    r"(?:$| ?[.:]?$| (?:here|below|above|now|at|from|about|via|by|on|in)\b)",
    re.IGNORECASE,
)
_LINK_LIST = re.compile(
    r"(?:more on this(?: story)?|more (?:stories )?(?:from|in) .{1,60}|most (?:read|popular|viewed)"
    r"(?: .{1,40})?|you (?:may|might) (?:also )?like|recommended(?: for you)?|trending(?: now)?"
    r"|editor[’']?s[’']? picks?|related (?:stories|articles|coverage|content|topics|news|links)"
    r"|further reading|see also|up next|read next|what to read next|top stories)$",
    re.IGNORECASE,
)
_CALL = re.compile(
    r"(?:sign up|subscribe|register|join|get|enjoy|want|start|become)\b", re.IGNORECASE
)
_CALL_OBJECT = re.compile(
    r"\b(?:newsletters?|inbox|subscri(?:be|bers?|ption)|bulletin|e-?mail alerts?|daily briefing"
    r"|morning briefing|our app|free trial|alerts|podcast|mailing list)\b",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"(?:already a (?:subscriber|member)|this (?:article|story|content) is (?:only )?for "
    r"(?:subscribers|members)|support (?:our|independent|local) (?:journalism|news|reporting)"
    r"|to (?:continue|keep) reading|click (?:here|below|the link|on the link)|tap here"
    r"|download (?:our|the) (?:free )?app|like us on|find us on|share on|share via"
    r"|share this (?:article|story|page|post)|leave a comment|join the conversation"
    r"|view comments|comments (?:are closed|\()|(?:have|got) a (?:news )?(?:tip|story)"
    r"|contact (?:the|our) (?:author|reporter|newsroom|editor)"
    r"|e-?mail (?:us|the author|the reporter)|filed under|tags? ?:|topics? ?:"
    r"|(?:sponsored|promoted)(?: content| by .{1,60})?$|skip to (?:main |the )?content"
    r"|scroll (?:down|to)|(?:story|article) continues (?:below|after)|continue reading"
    r"|copyright (?:©|\(c\)|\d{4})|all rights reserved|©|\(c\) ?\d{4}|follow us\b|follow @"
    r"|follow @?\w+(?: \w+){0,3} on [\w ,@]{1,60}\.?[\"'”’]?$|corrections? appended\b)",
    re.IGNORECASE,
)
_ADVERT = re.compile(
    r"(?:advertisement|advertising|advert|ad)\b(?:$| ?[-–—:|] ?.{0,60}$)", re.IGNORECASE
)
_IN_ANY_PLACE = (
    "all rights reserved", "in your inbox", "into your inbox", "to your inbox", "sign up here",
    "sign up for our", "sign up to our", "subscribe here", "subscribe to our", "subscribe now",
    "subscribe today", "our newsletter",
)  # fmt: skip
_CREDIT_KIND = r"(?:photo(?:graph|graphy)?|image|picture|illustration|graphic|video|credit)s?"
_CREDIT_START = re.compile(
    rf"(?:file )?{_CREDIT_KIND}(?: (?:credits?|courtesy|source))?(?: ?:| ?/)", re.IGNORECASE
)
_FILE_PICTURE = re.compile(rf"(?:file|stock|handout|archive) {_CREDIT_KIND}\.?$", re.IGNORECASE)
_GRAPHIC_SOURCE = re.compile(r"sources? ?: [^.!?:]{1,80}\.?$", re.IGNORECASE)
_CREDIT_BY = re.compile(rf"(?i:{_CREDIT_KIND}(?: courtesy)? (?:by|of)) (?=[^\W\d_a-z])")
_CREDITS_ALONE = (_CREDIT_START, _FILE_PICTURE, _GRAPHIC_SOURCE)
_CREDIT_END = re.compile(
    rf"[.!?…”’\"')] {_CREDIT_KIND}(?: credit)?(?: ?: ?| by )[^.!?:]{{1,80}}\.?$", re.IGNORECASE
)
_CREDIT_BRACKET = re.compile(
    r"[(\[](?:[^()\[\]]{0,60}[^\W\d_a-z]\w* ?/ ?[^\W\d_a-z][^()\[\]]{0,60}"
    r"|(?i:(?:photo|image|picture|file|handout)s?\b[^()\[\]]{0,80}))[)\]]$"
)
_WHOLE_BRACKET = re.compile(r"[(\[]([^()\[\]]{2,60})[)\]]\.?$")
_SLASHED_NAMES = re.compile(r"(?:\w+ ){0,2}\w+ ?/ ?\w+(?: \w+){0,2}\.?")
_MARKUP = re.compile(r"(?:<[^<>]{1,200}>\s?){1,20}\.?")
_TRANSCRIPT = frozenset({"laughter", "applause", "cheers", "crosstalk", "inaudible", "pause"})
_SECTION = re.compile(
    r"abstract|analysis|breaking|breaking news|business|comment|culture|"
    r"economy|editorial|education|elections|environment|exclusive|full text|"
    r"health|home|letters|listen|live|loading|local news|menu|national|news|"
    r"opinion|politics|print|save|science|share|society|sport|world|"
    r"world news",
    re.IGNORECASE,
)


def boilerplate_reason(line: str, *, first: bool) -> str:
    """Say why a paragraph is boilerplate.

    Args:
        line: the paragraph without outer whitespace and with inner whitespace collapsed.
        first: whether it opens the article, where "WATCH: …" is a headline and not a link.

    Returns:
        The reason in words, or an empty string for a paragraph of the article's own.
    """
    if len(line) > LONGEST:
        return ""
    if _is_separator(line):
        return "a separator without letters or digits"
    if _MARKUP.fullmatch(line):
        return "markup without text"
    bare = _LEADING_MARKS.sub("", line, count=1) if not line[0].isalnum() else line
    if _is_credit(line):
        return "an image credit"
    return (
        _label_reason(bare)
        or _call_reason(bare.lstrip(_OPENING))
        or _link_reason(bare.strip("[]()"), first)
    )


def _is_separator(line: str) -> bool:
    if len(line) > 80 or any(char.isalnum() for char in line):
        return False
    return all(unicodedata.category(char) != "So" for char in line)


def _label_reason(line: str) -> str:
    if _ADVERT.match(line):
        return "an advertisement mark"
    if _SECTION.fullmatch(line.rstrip(".:")):
        return "the name of a section or a button"
    return ""


def _call_reason(line: str) -> str:
    if len(line) > _LONGEST_CALL:
        return ""
    if _ASIDE.match(line) or _says_to_subscribe(line):
        return "a line addressed to the reader: subscribe, share, follow or copyright"
    if _CALL.match(line) and _CALL_OBJECT.search(line):
        return "a call to subscribe"
    return ""


def _says_to_subscribe(line: str) -> bool:
    folded = line.casefold()
    # What somebody says about signing up, in quotation marks, is news.
    return any(words in folded for words in _IN_ANY_PLACE) and not _SPEECH.search(line)


def _link_reason(line: str, first: bool) -> str:
    if len(line) > _LONGEST_LINK:
        return ""
    if _LINK_LIST.match(line):
        return "the head of a list of links"
    if _LINK_PHRASE.match(line):
        return "begins with Read or Watch and points to another story"
    if _LINK_LABEL.match(line) and not (first and not re.match(r"(?i)read more|related", line)):
        return "a link label that names another story"
    if not first and _names_a_story(line):
        return "begins with Read or Watch and names another story"
    return ""


def _names_a_story(line: str) -> bool:
    verb = _LINK_VERB.match(line)
    if verb is None or verb.end() >= len(line):
        return False
    rest = line[verb.end() :]
    if rest[0] in _OPENING:
        return _is_title_in_quotes(rest)
    names = rest[0].isupper() or rest[0].isdigit() or _QUESTION.match(rest) is not None
    return names and not _SENTENCE_END.search(rest)


def _is_title_in_quotes(rest: str) -> bool:
    last = max(rest.rfind(mark) for mark in _CLOSING)
    tail = rest[last + 1 :].strip(" .:→>»")
    return last > 0 and (not tail or _AFTER_TITLE.fullmatch(tail) is not None)


def _is_credit(line: str) -> bool:
    if len(line) <= _LONGEST_LINK and any(rule.match(line) for rule in _CREDITS_ALONE):
        return True
    if _CREDIT_BY.match(line):
        return len(line.split()) <= 8 or not _SENTENCE_END.search(line)
    if _SLASHED_NAMES.fullmatch(line):
        return all(word[0].isupper() for word in line.replace("/", " ").split())
    bracket = line[max(line.rfind("("), line.rfind("[")) :]
    return bool(
        _CREDIT_END.search(line) or _CREDIT_BRACKET.match(bracket) or _is_bracketed_name(line)
    )


def _is_bracketed_name(line: str) -> bool:
    whole = _WHOLE_BRACKET.match(line)
    if whole is None or whole[1].rstrip(".").casefold() in _TRANSCRIPT:
        return False
    words = whole[1].split()
    return len(words) <= 6 and all(word[0].isupper() for word in words)
