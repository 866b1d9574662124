"""The rehearsal: push and pull on a server that misbehaves by a seed, in time that is not real."""
