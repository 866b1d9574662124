"""Where things are: the repository's own folders and the files of one instance."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STUDIO_VENV = ROOT / ".venv-labelstudio"
NODE_VENV = ROOT / ".venv-node"
UV_VENV = ROOT / ".venv-uv"


@dataclass(frozen=True, slots=True)
class Instance:
    """The files of one instance; several instances can live on one machine.

    Args:
        folder: the instance folder, absolute.
    """

    folder: Path

    @classmethod
    def at(cls, folder: str | Path) -> Instance:
        """The instance in ``folder``, made absolute from where the command was given."""
        return cls(Path(folder).expanduser().resolve())

    @property
    def run_file(self) -> Path:
        """Where to go and which processes serve it; exists only while everything is ready."""
        return self.folder / "run.json"

    @property
    def lock(self) -> Path:
        """Held by the one supervisor of this instance."""
        return self.folder / "supervisor.lock"

    @property
    def ledger(self) -> Path:
        """Every process started here, so that another shell, or the next run, can end it."""
        return self.folder / "processes.json"

    @property
    def ports(self) -> Path:
        """The ports used last, so that addresses stay the same from run to run."""
        return self.folder / "ports.json"

    @property
    def credentials(self) -> Path:
        """Generated passwords of the local Label Studio, readable by the owner alone."""
        return self.folder / "credentials.json"

    @property
    def studio_token(self) -> Path:
        """The local Label Studio's admin token, readable by the owner alone."""
        return self.folder / "labelstudio.token"

    @property
    def studio_data(self) -> Path:
        """The data folder of the local Label Studio."""
        return self.folder / "labelstudio"

    def log(self, part: str) -> Path:
        """The log file of a part."""
        return self.folder / "logs" / f"{part}.log"

    def make(self) -> None:
        """Make the folders, closed to other users of the machine."""
        for folder in (self.folder, self.folder / "logs", self.studio_data):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
