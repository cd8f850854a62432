"""What every result has in common: it shows itself as its sheet, and gives its tables as plain data."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from kip.views.sheet import Sheet

__all__ = ["Shown", "plain_value", "records"]


class Shown:
    """A result with a `sheet`: the same in a notebook, a terminal and a plain print."""

    def sheet(self) -> Sheet:
        """The result as a sheet, to show."""
        raise NotImplementedError

    def _repr_html_(self) -> str:
        from kip.views.html import page

        return page(self.sheet())

    def __repr__(self) -> str:
        from kip.views.text import plain

        return plain(self.sheet())

    def __str__(self) -> str:
        return repr(self)

    def __rich__(self) -> Any:
        from rich.text import Text

        return Text(repr(self))


def plain_value(value: Any) -> Any:
    """A number of numpy or Python as plain data; NaN and infinity become None.

    Examples
    --------
    >>> [plain_value(one) for one in (1.5, float("nan"), True, "text")]
    [1.5, None, True, 'text']
    """
    if isinstance(value, bool | str) or value is None:
        return value
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table as plain data; NaN and infinity become None."""
    return [{str(name): plain_value(value) for name, value in row.items()} for row in table.to_dict(orient="records")]
