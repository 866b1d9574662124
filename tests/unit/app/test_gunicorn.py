"""What gunicorn does with the application before it serves it."""

from __future__ import annotations

import gc
import runpy

from config import ROOT


def test_what_is_loaded_before_the_fork_is_never_looked_through_for_garbage():
    conf = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    assert conf["preload_app"]
    before = gc.get_freeze_count()
    try:
        conf["when_ready"](None)
        assert gc.get_freeze_count() > before + 10_000
    finally:
        gc.unfreeze()
