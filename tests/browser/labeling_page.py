"""Label Studio's labeling page in a real browser, worked as an annotator works it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
from playwright.sync_api import expect

from labeling.tasks import payload

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from playwright.sync_api import Locator, Page

    from tests.studio_server import StudioServer

# Where some words of the passage stand on the screen: its text is cut into many elements.
PLACE_OF_WORDS = """([words]) => {
  const root = document.querySelector('.lsf-richtext__container');
  if (!root || !root.textContent.includes(words)) return null;
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const nodes = [];
  let text = '';
  for (let node; (node = walker.nextNode()); text += node.data) nodes.push([node, text.length]);
  const first = text.indexOf(words);
  const at = (offset, last) => {
    for (const [node, start] of nodes) {
      const within = offset - start;
      if (within < node.data.length || (last && within === node.data.length)) return [node, within];
    }
  };
  const range = document.createRange();
  range.setStart(...at(first, false));
  range.setEnd(...at(first + words.length, true));
  const lines = range.getClientRects();
  const [top, bottom] = [lines[0], lines[lines.length - 1]];
  return [top.left + 1, top.top + top.height / 2, bottom.right - 1, bottom.top + bottom.height / 2];
}"""


class LabelingPage:
    """The page on which one task is annotated."""

    def __init__(self, page: Page, server: StudioServer) -> None:
        self.page = page
        self._server = server
        self._marks = page.locator(".lsf-richtext__container .htx-highlight")

    def sign_in(self) -> None:
        """Sign in as the server's admin."""
        self.page.goto(f"{self._server.url}/user/login/")
        self.page.fill("input[name=email]", self._server.admin_email)
        self.page.fill("input[name=password]", self._server.admin_password)
        self.page.click("button[type=submit]")
        self.page.wait_for_url(lambda url: "/user/login" not in url)

    def open(self, project_id: int, task_id: int) -> None:
        """Open a task by its link."""
        self.page.goto(f"{self._server.url}/projects/{project_id}/data?task={task_id}")
        expect(self.page.get_by_role("button", name="Submit")).to_be_enabled()
        expect(self.page.locator(".lsf-richtext__container")).to_be_visible()
        # The page is there before it listens: it still asks the server for several things.
        self.page.wait_for_load_state("networkidle")

    def mark(self, keys: str, words: str) -> None:
        """Press the labels' keys, then drag over the words."""
        before = self._marks.count()
        for number, key in enumerate(keys, start=1):
            self.page.keyboard.press(key)
            expect(self.page.locator(".lsf-label_selected")).to_have_count(number)
        left, top, right, bottom = self._place(words)
        self.page.mouse.move(left, top)
        self.page.mouse.down()
        self.page.mouse.move(right, bottom, steps=5)
        self.page.mouse.up()
        expect(self._marks).not_to_have_count(before)
        expect(self.page.locator(".lsf-label_selected")).to_have_count(0)

    def select(self, words: str, question: str) -> None:
        """Click a mark by its words, and see its questions appear."""
        expect(self._marks.filter(has_text=words).first).to_be_visible()
        left, top, *_ = self._place(words)
        self.page.mouse.click(left + 8, top)
        expect(self.page.get_by_role("heading", name=question)).to_be_visible()

    def answer(self, key: str, choice: str) -> None:
        """Press a choice's key, and see it checked."""
        self.page.keyboard.press(key)
        expect(self.box(choice)).to_be_checked()

    def box(self, choice: str) -> Locator:
        """The box of a choice; its hotkey stands behind its words."""
        return self.page.locator(f'.ask:visible input[type=checkbox][name="{choice}"]')

    def type_answer(self, name: str, words: str) -> None:
        """Type a free answer and press Enter."""
        field = self.page.locator(f".ask:visible input[name={name}]")
        field.click()
        self.page.keyboard.type(words)
        self.page.keyboard.press("Enter")
        expect(field).to_be_hidden()

    def link(self, words: str) -> None:
        """Draw a relation from the selected mark to the one at the words."""
        self.page.keyboard.press("Alt+r")
        left, top, *_ = self._place(words)
        self.page.mouse.click(left + 8, top)
        expect(self.page.locator(".relations-overlay g[class*=relationItem]")).to_have_count(1)

    def let_go(self) -> None:
        """Let go of the selected mark."""
        self.page.keyboard.press("u")
        expect(self.page.locator(".ask:visible")).to_have_count(0)

    def submit(self) -> list[Any]:
        """Submit, and return the result as the server has it."""
        with self.page.expect_response(
            lambda answer: "/annotations" in answer.url and answer.request.method == "POST"
        ) as posted:
            self.page.get_by_role("button", name="Submit").click()
        assert posted.value.status == 201
        result: list[Any] = posted.value.json()["result"]
        return result

    def _place(self, words: str) -> list[float]:
        # The page draws the text anew now and then, and for a moment it is not there.
        place: list[float] = self.page.wait_for_function(PLACE_OF_WORDS, arg=[words]).json_value()
        return place


def new_project(
    server: StudioServer, config: str, instruction: str, items: Sequence[Mapping[str, Any]]
) -> tuple[int, list[int]]:
    """Make a project with tasks by the server's API; return its id and theirs."""
    with httpx.Client(
        base_url=server.url,
        headers={"Authorization": f"Token {server.token}"},
        timeout=60,
        trust_env=False,
    ) as client:
        body = {"title": "Tried by hand", "label_config": config, "expert_instruction": instruction}
        made = client.post("/api/projects/", json=body)
        made.raise_for_status()
        project_id = made.json()["id"]
        stored = client.post(
            f"/api/projects/{project_id}/import?return_task_ids=true",
            content=payload(items),
            headers={"Content-Type": "application/json"},
        )
        stored.raise_for_status()
        return project_id, stored.json()["task_ids"]
