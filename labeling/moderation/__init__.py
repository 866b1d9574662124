"""The moderation desk: house policies, what they match in an article, and what was decided.

A policy proposes, and says in words why. A verdict is always a person's.
"""
