"""Quotations with their kind, speaker and cue, found by rules over marks and word classes."""

from labeling.suggest.quotes.suggester import QuoteSuggester

__all__ = ["QuoteSuggester"]
