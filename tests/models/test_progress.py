from __future__ import annotations

import io

from pisovereign.models.progress import Step, TerminalProgress

MB = 1_000_000


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_log_gets_one_line_for_each_quarter() -> None:
    stream = io.StringIO()
    progress = TerminalProgress(stream)
    for done in range(0, 101):
        progress(Step("tiny", "model.gguf", "fetching", done * MB, 100 * MB))
    progress(Step("tiny", "graphs", "preparing"))
    progress.close()
    assert stream.getvalue().splitlines() == [
        "fetching tiny/model.gguf   0 %  0.0 of 100.0 MB",
        "fetching tiny/model.gguf  25 %  25.0 of 100.0 MB",
        "fetching tiny/model.gguf  50 %  50.0 of 100.0 MB",
        "fetching tiny/model.gguf  75 %  75.0 of 100.0 MB",
        "fetching tiny/model.gguf 100 %  100.0 of 100.0 MB",
        "preparing tiny/graphs",
    ]


def test_a_terminal_line_is_rewritten_and_ends_complete() -> None:
    stream = Terminal()
    progress = TerminalProgress(stream)
    for done in range(0, 1001):
        progress(Step("tiny", "a", "fetching", done, 1000))
    progress(Step("tiny", "b", "fetching", 0, 1000))
    progress.close()
    first, second, rest = stream.getvalue().split("\n")
    assert first.endswith("fetching tiny/a 100 %  0.0 of 0.0 MB")
    assert first.count("\r") < 20  # a thousand steps within a moment
    assert second == "\r\x1b[Kfetching tiny/b   0 %  0.0 of 0.0 MB"
    assert rest == ""


def test_nothing_shown_needs_no_end() -> None:
    stream = Terminal()
    TerminalProgress(stream).close()
    assert stream.getvalue() == ""
