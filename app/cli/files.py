"""Files that commands are given: text as UTF-8, rules as JSON, or a clear refusal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from app.errors import InvalidInputError


def read_text(path: Path) -> str:
    """The text of a file.

    Raises:
        InvalidInputError: it is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as err:
        raise InvalidInputError(f"{path} is not UTF-8.", remedy="Save it as UTF-8.") from err


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in a file.

    Raises:
        InvalidInputError: it is no JSON object.
    """
    try:
        said = json.loads(read_text(path))
    except ValueError as err:
        raise InvalidInputError(f"{path} is not JSON: {err}", remedy="Mend the file.") from err
    if not isinstance(said, dict):
        raise InvalidInputError(f"{path} holds no JSON object.", remedy='Write {"min_iou": 0}.')
    return said
