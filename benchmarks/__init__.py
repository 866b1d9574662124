"""Figures against a yardstick measured in the same run: `make bench NAME=…`, one JSON line each."""
