"""run.json and the other small files of an instance."""

import json
import stat
from pathlib import Path

import pytest

from local import jsonfile, runfile
from local.places import Instance

RUNNING = runfile.Running(
    dashboard="http://127.0.0.1:8000",
    labelstudio="http://127.0.0.1:8080",
    admin_email="admin@example.org",
    pids={"supervisor": 1, "web": 2, "worker": 3, "labelstudio": 4},
)


def test_run_json_tells_the_addresses_the_admin_and_the_pids(tmp_path: Path) -> None:
    instance = Instance(tmp_path)
    runfile.publish(instance, RUNNING)
    assert json.loads(instance.run_file.read_text()) == {
        "dashboard": "http://127.0.0.1:8000",
        "labelstudio": "http://127.0.0.1:8080",
        "admin_email": "admin@example.org",
        "pids": {"supervisor": 1, "web": 2, "worker": 3, "labelstudio": 4},
    }


def test_withdrawing_run_json_twice_is_fine(tmp_path: Path) -> None:
    instance = Instance(tmp_path)
    runfile.publish(instance, RUNNING)
    runfile.withdraw(instance)
    runfile.withdraw(instance)
    assert not instance.run_file.exists()


def test_a_file_that_cannot_be_written_leaves_the_old_one_whole(tmp_path: Path) -> None:
    file = tmp_path / "some.json"
    jsonfile.write(file, {"old": True})
    with pytest.raises(TypeError):
        jsonfile.write(file, {"new": object()})
    assert jsonfile.read(file) == {"old": True}
    assert [path.name for path in tmp_path.iterdir()] == ["some.json"]


def test_small_files_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    jsonfile.write_text(file, "x")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "null", "\x00"])
def test_a_file_without_an_object_reads_as_empty(tmp_path: Path, text: str) -> None:
    file = tmp_path / "odd.json"
    file.write_text(text)
    assert jsonfile.read(file) == {}


def test_the_folders_of_an_instance_are_closed_to_others(tmp_path: Path) -> None:
    instance = Instance.at(tmp_path / "deep" / "inst")
    instance.make()
    assert stat.S_IMODE(instance.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(instance.log("web").parent.stat().st_mode) == 0o700
