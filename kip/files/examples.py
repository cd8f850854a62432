"""Example plans: packaged with kip, or in the repository beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kip.model.plan import Plan

__all__ = ["example", "example_folder", "example_names"]

_PACKAGE = Path(__file__).resolve().parent.parent


def _homes() -> list[Path]:
    return [_PACKAGE / "scenarios", _PACKAGE.parent / "scenarios"]


def example_names() -> list[str]:
    """Names of the example plans that come with kip."""
    return sorted({frame.parent.name for home in _homes() if home.is_dir() for frame in home.glob("*/plan.yaml")})


def example_folder(name: str) -> Path | None:
    """Folder of an example plan, or None when there is none of that name."""
    if name in {"", ".", ".."} or Path(name).name != name:
        return None
    return next((home / name for home in _homes() if (home / name / "plan.yaml").is_file()), None)


def example(name: str) -> Plan:
    """An example plan.

    Parameters
    ----------
    name : str
        ``"minimal"``, ``"kranj"``, ``"linkoping-transport"``.

    Returns
    -------
    Plan

    Raises
    ------
    RequestError
        When there is no such example; with the nearest name.

    Examples
    --------
    >>> import kip
    >>> kip.example("minimal").currency
    'SEK'
    """
    from kip.errors import RequestError, unknown_name
    from kip.files.read import read_plan

    folder = example_folder(name)
    if folder is None:
        raise RequestError(unknown_name("example", name, example_names()))
    return read_plan(folder)
