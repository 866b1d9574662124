"""How far annotators agree: matching their spans, what differs, and the figures with intervals.

``matching``, ``groups`` and ``comparison`` are light; numpy and scipy are only loaded inside
the functions that need them, because pages import the types.
"""
