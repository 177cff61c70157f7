"""The plot in the documentation shows what the program computes."""

from __future__ import annotations

import runpy

from tests.docs.blocks import ROOT, read


def test_the_plot_is_up_to_date() -> None:
    drawn = runpy.run_path(str(ROOT / "docs" / "decay_plot.py"))["draw"]()
    assert read("docs/decay.svg") == drawn, "run: python -m docs.decay_plot"
