"""Rules of the house that no tool of others checks."""

from __future__ import annotations

import ast
import re

import pytest

from config import ROOT
from tests.fences.sources import CODE, name, python_files, tracked_files, tree

LONGEST_MODULE, LONGEST_FUNCTION = 400, 50

# `config.py` reads our variables. `local/environment.py` hands the environment on to the
# processes it starts, which is not reading settings.
MAY_READ_THE_ENVIRONMENT = {"config.py", "local/environment.py"}

TEMPLATES = ROOT / "app" / "templates"
FORBIDDEN_IN_TEMPLATES = {
    "a value that is not escaped": r"\|\s*safe\b|Markup\(|autoescape\s+false",
    "an inline style": r"<style\b|\sstyle\s*=",
    "an inline script": r"<script\b(?![^>]*\bsrc=)",
    "an inline handler": r"\son[a-z]+\s*=|\bhx-on\b|javascript:",
    "something from another site": r"""(?:src|href|action)\s*=\s*["']?(?:https?:)?//""",
}

# Written in pieces, so that this file does not hold what it looks for.
MACHINE_PATHS = re.compile(r"/(?:work|root|home/[a-z]+|tmp/setup|Users/[a-z]+)" + r"/[A-Za-z.]")


def test_no_module_and_no_function_is_too_long():
    too_long = []
    for path in python_files(
        "app", "labeling", "local", "tests", "benchmarks", "config.py", "wsgi.py"
    ):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > LONGEST_MODULE:
            too_long.append(f"{name(path)}: {lines} lines")
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    too_long.append(f"{name(path)}: {node.name} has {length} lines")
    assert too_long == []


def test_only_the_settings_read_the_environment():
    readers = [
        f"{name(path)}:{node.lineno}"
        for path in python_files(*CODE)
        if name(path) not in MAY_READ_THE_ENVIRONMENT
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr in {"environ", "environb", "getenv", "putenv"}
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    ]
    assert readers == []


def test_no_shell_interprets_a_command():
    calls = [
        f"{name(path)}:{node.lineno}"
        for path in python_files(*CODE)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and any(
            key.arg == "shell" and isinstance(key.value, ast.Constant) and key.value.value is True
            for key in node.keywords
        )
    ]
    assert calls == []


@pytest.mark.parametrize("what", FORBIDDEN_IN_TEMPLATES)
def test_no_template_holds(what):
    pattern = re.compile(FORBIDDEN_IN_TEMPLATES[what], re.IGNORECASE)
    found = [
        f"{name(path)}: {match.group().strip()}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        for match in pattern.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_no_code_makes_markup_of_a_value():
    makers = [
        f"{name(path)}:{node.lineno}"
        for path in python_files("app")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Name) and node.id == "Markup"
    ]
    assert makers == []


def test_no_file_names_a_place_of_one_machine():
    found = []
    for path in tracked_files():
        if path.suffix in {".png", ".jpg", ".svg", ".woff2"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{name(path)}: {match.group()}" for match in MACHINE_PATHS.finditer(text)]
    assert found == []


def test_no_test_is_skipped_or_expected_to_fail():
    marks = {"skip", "skipif", "xfail", "importorskip"}
    found = [
        f"{name(path)}:{node.lineno}"
        for path in python_files("tests")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr in marks
        and ast.unparse(node.value) in {"pytest", "pytest.mark", "mark", "unittest"}
    ]
    assert found == []


def test_no_code_is_left_for_later():
    words = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b|raise NotImpl" + r"ementedError")
    found = [
        f"{name(path)}: {match.group()}"
        for path in python_files(*CODE, "tests", "benchmarks")
        for match in words.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []
