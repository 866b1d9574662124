"""What people do in Label Studio meanwhile, by luck."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable
from typing import Any

from tests.rehearsal.studio import SimServer

LABELS = {"entity": ("PERSON", "ORG"), "quote": ("QUOTE", "SPEAKER")}
STRANGER = "stranger@example.org"


class People:
    """The annotators of some projects, and whoever else can open them.

    Args:
        server: the server.
        projects: by project, the account that works there.
        luck: what they do.
    """

    def __init__(self, server: SimServer, projects: dict[int, int], luck: random.Random) -> None:
        self.server = server
        self.projects = projects
        self.luck = luck
        # The tasks that people took away or spoiled.
        self.removed: set[str] = set()
        self.spoiled: set[str] = set()
        # Their answers by number: all, those that were deleted, those to tasks that are not ours.
        self.answers: set[int] = set()
        self.deleted: set[int] = set()
        self.not_ours: set[int] = set()

    # --- single deeds: each does something, or nothing where there is nothing to do -------

    def answer(self) -> None:
        """Submit an answer to a task that has none."""
        task = self._pick(one for one in self.tasks() if not one["annotations"])
        if task is not None:
            self._submit(task)

    def answer_again(self) -> None:
        """Submit one more answer to a task that has one."""
        task = self._pick(one for one in self.tasks() if one["annotations"])
        if task is not None:
            self._submit(task)

    def skip(self) -> None:
        """Skip a task."""
        task = self._pick(one for one in self.tasks() if not one["annotations"])
        if task is not None:
            who = self.projects[task["project"]]
            made = self.server.annotate(task["id"], [], completed_by=who, was_cancelled=True)
            self.answers.add(made)

    def draft(self) -> None:
        """Begin an answer and leave it."""
        task = self._pick(self.tasks())
        if task is not None:
            self.server.save_draft(task["id"])

    def edit(self) -> None:
        """Change an answer."""
        found = self._pick_answer()
        if found is not None:
            task, answer = found
            result = self._result(task["data"]["text"])
            self.server.edit_annotation(answer["id"], result=result, was_cancelled=False)

    def withdraw(self) -> None:
        """Delete an answer."""
        found = self._pick_answer()
        if found is not None:
            self.server.delete_annotation(found[1]["id"])
            self.deleted.add(found[1]["id"])

    def stranger(self) -> None:
        """Somebody else answers in a lane."""
        known = {user.email: user.id for user in self.server.users}
        who = known[STRANGER] if STRANGER in known else self.server.add_user(STRANGER).id
        task = self._pick(self.tasks())
        if task is not None:
            self._submit(task, who)

    def move(self) -> None:
        """An answer is moved to another task of its project; no time tells it."""
        found = self._pick_answer()
        if found is not None:
            task, answer = found
            project = [one for one in self.tasks() if one["project"] == task["project"]]
            goal = self._pick(one for one in project if one["id"] != task["id"])
            if goal is not None:
                self.server.move_annotation(answer["id"], goal["id"])

    def delete_task(self) -> None:
        """Delete a task with what was answered."""
        task = self._pick(self.tasks())
        if task is not None:
            self._remove(task)

    def reuse_id(self) -> None:
        """The newest task is deleted, and its number given to a stranger's task with an answer."""
        task = max(self.tasks(), key=lambda one: one["id"], default=None)
        if task is not None:
            self._remove(task)
            self._import_foreign(task["project"], task["data"]["text"])
            self.not_ours.add(self._submit(self.server.task(max(self.server.tasks))))

    def foreign(self) -> None:
        """Somebody imports a task of their own."""
        self._import_foreign(self.luck.choice(sorted(self.projects)))

    def bulk(self) -> None:
        """A bulk action gives one time to all tasks of a project."""
        self.server.touch_all(self.luck.choice(sorted(self.projects)))

    def change_text(self) -> None:
        """A task's text is changed by hand, and then it is answered."""
        task = self._pick(self.tasks())
        if task is not None:
            data = {**task["data"], "text": f"{task['data']['text']} And more."}
            self.server.edit_task_data(task["id"], data)
            self.spoiled.add(task["data"]["uid"])
            self.not_ours.add(self._submit(task))

    def overwrite(self) -> None:
        """A task's whole data is overwritten, its uid too."""
        task = self._pick(one for one in self.tasks() if one["annotations"])
        if task is not None:
            self.server.edit_task_data(task["id"], {"text": task["data"]["text"]})
            self.removed.add(task["data"]["uid"])

    def tie(self) -> None:
        """Two answers at one moment: one is seen at once, one a while after, dated as the first."""
        tasks = [one for one in self.tasks() if not one["annotations"]]
        if tasks:
            task = self.luck.choice(tasks)
            stamp = self.server._stamp()
            world = self.server.world
            world.later(self.luck.uniform(1, 200), lambda: self._appear(task["id"], stamp))
            self.answer()

    # --- -----------------------------------------------------------------------------------

    def some(self, deeds: Iterable[str], times: int) -> None:
        """Some of these deeds, one after the other."""
        names = list(deeds)
        for _ in range(times):
            self.server.world.pass_time(self.luck.uniform(0, 2))
            self.do(self.luck.choice(names))

    def do(self, name: str) -> None:
        """One deed."""
        deed: Callable[[], None] = getattr(self, name)
        deed()

    def tasks(self) -> list[dict[str, Any]]:
        """The tasks of ours that stand in the projects and say whose they are, in order."""
        return [
            task
            for project in sorted(self.projects)
            for task in self.server.tasks_of(project)
            if str(task["data"].get("uid", "")).startswith("t-")
        ]

    def _appear(self, ls_task_id: int, stamp: str) -> None:
        task = self.server.tasks.get(ls_task_id)
        if task is None:
            return
        who = self.projects[task["project"]]
        made = self.server.annotate(ls_task_id, self._result(task["data"]["text"]), who)
        self.answers.add(made)
        _, answer = self.server._find_annotation(made)
        # Dated as its transaction began, though others wrote meanwhile.
        answer["created_at"] = answer["updated_at"] = task["updated_at"] = stamp

    def _submit(self, task: dict[str, Any], who: int | None = None) -> int:
        author = self.projects[task["project"]] if who is None else who
        result = self._result(task["data"]["text"])
        made = self.server.annotate(task["id"], result, completed_by=author, lead_time=9.5)
        self.answers.add(made)
        return made

    def _remove(self, task: dict[str, Any]) -> None:
        self.server.delete_task(task["id"])
        self.removed.add(task["data"]["uid"])
        self.deleted.update(one["id"] for one in task["annotations"])

    def _result(self, text: str) -> list[dict[str, Any]]:
        """One to three spans at lucky places; the texts hold signs beyond the BMP."""
        result = []
        for n in range(self.luck.randint(1, 3)):
            start = self.luck.randrange(len(text) - 1)
            end = self.luck.randint(start + 1, min(len(text), start + 20))
            layer = self.luck.choice(sorted(LABELS))
            value = {
                "start": start,
                "end": end,
                "text": text[start:end],
                "labels": [self.luck.choice(LABELS[layer])],
            }
            result.append({
                "id": f"r{n}-{self.luck.getrandbits(24):06x}",
                "from_name": layer,
                "to_name": "text",
                "type": "labels",
                "value": value,
            })  # fmt: skip
        return result

    def _import_foreign(self, project: int, text: str = "A stranger's text.") -> None:
        task = {"data": {"uid": "someone-elses", "text": text}}
        self.server.add_tasks(project, json.dumps([task]).encode())

    def _pick_answer(self) -> tuple[dict[str, Any], dict[str, Any]] | None:
        answers = [(task, one) for task in self.tasks() for one in task["annotations"]]
        return self.luck.choice(answers) if answers else None

    def _pick(self, tasks: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
        found = list(tasks)
        return self.luck.choice(found) if found else None
