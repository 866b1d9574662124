"""Datasets: the canonical record of a passage."""
