"""The messages of a chat: what a model writes is drawn, and can do nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.chat.test_tools import DENTIST, KEEP, TITLE, acting, script
from tests.support.api_process import ApiProcess
from tests.support.equipped import Equipped
from tests.support.scripted_model import Calls
from tests.web.pages import Pages, axe, fits

__all__ = ["acting"]
TAG = "<img src=x onerror=alert(1)>"
PLAIN = "I wonder what the weather of tomorrow feels like to a snail"
MARKDOWN = r"""# A heading

A *soft* and a **strong** word, `code <b>`, and $x^2 + y_1$ for $5 and $6.

| Left | Right |
| --- | ---: |
| a | 1 |

- [x] done
- one
  - inside

```python
print("<script>alert(1)</script>")
```

$$\frac{1}{2}$$

> A quote

[a site](https://example.org/a?b=c) and https://example.com and ![cat](https://example.net/cat.png)
"""
HOSTILE = (
    f"{TAG}\n\n<script>document.title = 'taken'</script>\n\n"
    "[click](javascript:alert(1)) [bank](https://bank.example@evil.example/) "
    "[apple](https://xn--80ak6aa92e.com/) <https://аррӏе.com/> ![x](http://tracker.example/p.png)\n\n"
    "safe\u202eexe.txt and\u3164hidden and \u2800 and l\u00a0l\n\n"
    + ">" * 500
    + "deep\n\n"
    + "a" * 100_000
    + "\n\n"
    + "$\\href{javascript:alert(1)}{x}$ $$\\includegraphics{https://tracker.example/q.png}$$\n\nEnd."
)


@pytest.fixture
def say(equipped: Equipped, acting: ApiProcess, pages: Pages) -> Callable[..., Locator]:
    """Say something on a page; returns the answer, which is what the model is told to write."""

    def speak(page: Page, *answers: object) -> Locator:
        script(equipped, *answers)
        page.get_by_label("Message", exact=True).fill(KEEP)
        page.get_by_label("Message", exact=True).press("Enter")
        answer = page.locator(".message.assistant.done").last
        answer.wait_for()
        return answer

    return speak


def test_calls_are_shown_with_what_came_of_them(
    acting: ApiProcess, pages: Pages, say: Callable[..., Locator]
) -> None:
    page = pages.open(acting.url)
    page.get_by_role("button", name="What can you do?").wait_for()
    axe(page)
    answer = say(
        page,
        Calls(("weather", {"location": "Berlin"}), (TAG, {})),
        Calls(("create_reminder", DENTIST), text="Let me see."),
        "It is dry.",
    )
    expect(answer.locator(".tool-line > summary, p.tool-line")).to_have_text(
        [
            "Weather: looked up",
            f"{TAG}: failed",
            f"New reminder: waits for your approval – {TITLE}",
        ]
    )
    expect(answer.locator(".markdown p").first).to_have_text("Let me see.")
    assert page.locator("main img").count() == 0
    axe(page)
    for asked in acting.request("GET", "/v1/approvals?status=pending").json():
        acting.request("POST", f"/v1/approvals/{asked['id']}/deny", json={})


def test_markdown_is_drawn(acting: ApiProcess, pages: Pages, say: Callable[..., Locator]) -> None:
    page = pages.open(acting.url, viewport={"width": 400, "height": 800})
    answer = say(page, MARKDOWN)
    expect(answer.get_by_role("heading", name="A heading")).to_be_visible()
    expect(answer.locator("strong")).to_have_text("strong")
    expect(answer.locator("table th")).to_have_text(["Left", "Right"])
    expect(answer.locator("ul ul li")).to_have_text("inside")
    expect(answer.locator("pre")).to_have_text('print("<script>alert(1)</script>")')
    expect(answer.locator("math")).to_have_count(2)
    expect(answer.locator("mfrac")).to_have_count(1)
    expect(answer.locator("p", has_text="soft")).to_contain_text("for $5 and $6.")
    links = answer.get_by_role("link")
    expect(links).to_have_text(["a site", "https://example.com", "cat"])
    expect(answer.locator("p", has_text="a site")).to_contain_text("a site (example.org/a?b=c)")
    expect(links.first).to_have_attribute("rel", "noopener noreferrer nofollow")
    assert answer.locator("img").count() == 0
    axe(page)
    fits(page)
    answer.locator(".code-block").get_by_role("button", name="Copy").click()
    expect(answer.locator(".code-block").get_by_role("button", name="Copied")).to_be_visible()


def test_hostile_text_does_nothing(
    acting: ApiProcess, pages: Pages, say: Callable[..., Locator]
) -> None:
    page = pages.open(acting.url, device="desktop", dark=True)
    answer = say(page, HOSTILE)
    expect(answer.locator("p", has_text="End.")).to_be_visible()
    expect(page).to_have_title("Chat – PiSovereign")
    assert page.locator("main :is(img, script, iframe, object, embed, form form)").count() == 0
    expect(answer.get_by_text(TAG)).to_be_visible()
    hrefs = [link.get_attribute("href") for link in answer.get_by_role("link").all()]
    assert hrefs == [
        "https://xn--80ak6aa92e.com/",
        "https://xn--80ak6aa92e.com/",
        "http://tracker.example/p.png",
    ]
    expect(answer.locator(".markdown")).to_contain_text("safe⟨U+202E⟩exe.txt and⟨U+3164⟩hidden")
    expect(answer.locator(".markdown")).to_contain_text("l\u00a0l")
    axe(page)
    fits(page)
