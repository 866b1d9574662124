"""Use cases that write: each takes a session, never commits and never calls out."""
