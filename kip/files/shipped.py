"""The value sets that come with kip, and those that users keep in files of their own."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kip.errors import DataError, Issue, RequestError, unknown_name
from kip.model.values import ValueSet

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["shipped_fields", "shipped_sets", "value_set", "value_sets"]

_HOME = Path(__file__).resolve().parent.parent / "catalogues" / "value-sets"
_TEMPLATE = "-template"


def shipped_sets() -> list[str]:
    """Names of the value sets that come with kip; templates left out."""
    return sorted(path.stem for path in _HOME.glob("*.yaml") if not path.stem.endswith(_TEMPLATE))


def shipped_fields(name: str) -> dict[str, Any] | None:
    """Fields of a value set that comes with kip, as they stand in its file; None when there is none of that name."""
    return _read(_HOME / f"{name}.yaml") if name in shipped_sets() else None


def _read(path: Path) -> dict[str, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        data = YAML(typ="safe", pure=True).load(path.read_bytes())
    except (YAMLError, UnicodeDecodeError) as error:
        raise DataError([Issue(f"cannot be read: {str(error).splitlines()[0]}. Mend the YAML.", file=path.name)], path.name) from None
    if not isinstance(data, dict):
        raise DataError([Issue("is not a value set. Write its fields: name, source, price_year, values.", file=path.name)], path.name)
    return {key: _without_empty(value) for key, value in data.items() if value is not None}


def _without_empty(value: Any) -> Any:
    """A value that is left empty in a template is not there."""
    return {key: item for key, item in value.items() if item is not None} if isinstance(value, dict) else value


def value_set(name: str | PathLike[str], exchange_rate: float | None = None, exchange_source: str = "") -> ValueSet:
    """A value set that comes with kip, or one of your own from a YAML file.

    Parameters
    ----------
    name : str or path
        ``"asek-7"``, ``"asek-6"``, ``"norway-car-km"``, or a file such as ``"my-asek-8.yaml"``.
    exchange_rate : float, optional
        Units of the plan's currency for one of the set's, in the set's price year [1]; where the two differ.
    exchange_source : str
        Where the exchange rate comes from; required with it.

    Returns
    -------
    ValueSet
        To put into `Plan.value_sets`.

    Raises
    ------
    RequestError
        When there is no such set or file; with the nearest name.
    DataError
        When the file has problems.

    Examples
    --------
    >>> import kip
    >>> kip.value_set("asek-7").values
    {'co2': 7.0, 'co2-path': {2021: 3.85, 2030: 7.0}}
    """
    text = str(name)
    fields = shipped_fields(text)
    if fields is None:
        path = Path(text)
        template = _HOME / f"{text}{_TEMPLATE}.yaml"
        if template.is_file() and not path.is_file():
            raise RequestError(f'"{text}" comes as a template without figures. Copy {template}, fill it in, and give your file.')
        if path.suffix.casefold() not in {".yaml", ".yml"}:
            raise RequestError(unknown_name("value set", text, shipped_sets()) + " Or give a YAML file of your own.")
        if not path.is_file():
            raise RequestError(f'there is no file "{text}". Give a file that exists, or one of: {", ".join(shipped_sets())}.')
        fields = _read(path)
        known = set(fields.get("values") or {})
        for field in ("units", "covers"):
            # a template names units and words for more values than are filled in
            if isinstance(fields.get(field), dict) and known:
                fields[field] = {key: item for key, item in fields[field].items() if key in known}
    if exchange_rate is not None:
        fields |= {"exchange_rate": exchange_rate, "exchange_source": exchange_source}
    return ValueSet.model_validate(fields)


def value_sets() -> pd.DataFrame:
    """Every value that comes with kip, one row each: set, key, year, value, unit, price year, what it covers, source.

    Examples
    --------
    >>> import kip
    >>> kip.value_sets().query("set == 'asek-6'")["value"].tolist()
    [1.14]
    """
    import pandas as pd

    rows = []
    for name in shipped_sets():
        one = value_set(name)
        for key, path in one.values.items():
            for year, value in path.items() if isinstance(path, dict) else [(None, path)]:
                rows.append([name, key, year, value, one.units[key], one.price_year, one.covers.get(key, ""), one.source])
    table = pd.DataFrame(rows, columns=["set", "key", "year", "value", "unit", "price_year", "covers", "source"])
    return table.astype({"year": "Int64"})
