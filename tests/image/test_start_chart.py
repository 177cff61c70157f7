"""The chart of a start has what took time, in the order in which it began."""

from __future__ import annotations

from image.boot import start_chart
from image.boot.start_chart import Unit

ROW = """<g>
<title>{name}:
Activating: 9.777581

Before:
  other.service
</title>
  <rect class="activating" x="{x}" y="120.000" width="{width}" height="19.000" />
  <rect class="active" x="1705.522" y="120.000" width="6737.415" height="19.000" />
  <text class="left" x="982.629" y="114.000">{name}</text>
</g>
"""


def test_what_took_time_is_in_the_chart() -> None:
    rows = [
        ("pisovereign-engine.service", 3000.0, 3501.2),
        ("dev-ubda4.device", 100.0, 910.6),
        ("data.mount", 980.0, 45.0),
        ("quick.service", 990.0, 12.0),
        (r"dev-disk-by\x2dlabel.mount", 999.0, 31.0),
    ]
    plot = "".join(ROW.format(name=name, x=x, width=width) for name, x, width in rows)
    found = start_chart.units(plot)
    assert found == [
        Unit("data.mount", 9.8, 0.45),
        Unit("dev-disk-by-label.mount", 9.99, 0.31),
        Unit("pisovereign-engine.service", 30.0, 35.012),
    ]
    chart = start_chart.draw(found, "A <start>")
    assert "A &lt;start>" in chart
    assert "pisovereign-engine.service (35.0 s)" in chart
    assert chart.count("<rect") == 1 + len(found)
