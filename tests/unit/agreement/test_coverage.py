"""An interval holds the true value about as often as it says: simulated, with known truth.

`make bench NAME=agreement_coverage` tells the same over 1,000 runs.
"""

from __future__ import annotations

import pytest

from benchmarks.agreement_coverage import ALPHA, F1, coverage


@pytest.mark.parametrize("model", [F1, ALPHA], ids=lambda model: model.name)
def test_ninety_five_per_cent_intervals_cover_the_truth(model):
    assert 0.91 <= coverage(model, runs=200, articles=100) <= 0.99
