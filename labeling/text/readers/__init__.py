"""Article files of every kind, read one article at a time.

A reader takes an open binary file and yields what it finds in it: a ``Found`` for each article
and a ``Refused`` for each row or entry that cannot be used, in the order of the file. Nothing
is read into memory beyond one article, and nothing a file says of itself (its size, its type,
its names) is believed. What stands in a found article is read afterwards, by ``read_article``.
"""

from labeling.text.readers.article import Reading, read_article
from labeling.text.readers.files import SUFFIXES, read_file, suffix_of
from labeling.text.readers.found import Form, Found, Item, Limits, ReadOptions, Refused

__all__ = [
    "SUFFIXES",
    "Form",
    "Found",
    "Item",
    "Limits",
    "ReadOptions",
    "Reading",
    "Refused",
    "read_article",
    "read_file",
    "suffix_of",
]
