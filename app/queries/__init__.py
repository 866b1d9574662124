"""Reads for screens, commands and the API: a session first, frozen values or plain dicts back.

Names: ``show_`` is a documented JSON answer, ``get_`` one thing, ``list_`` several, ``count_`` a
number. Nothing here writes.
"""
