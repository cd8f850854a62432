"""Pictures: the accessor behind ``portfolio.plot``, one method for each question."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["Pictures"]


class Pictures:
    """Pictures of a portfolio. Each takes matplotlib Axes or makes them, returns them, and never shows them.

    Parameters
    ----------
    dataset : xarray.Dataset
        Of a portfolio.

    Examples
    --------
    >>> import kip
    >>> plan = kip.Plan(name="p", years=[2026], shifts=[kip.Shift(name="bus", cost=6e6, reduction=100)])
    >>> pictures = kip.evaluate(plan, ["bus"]).plot
    >>> pictures
    Pictures: wedges(), cost(), staircase(), districts(), mac_curve()
    """

    def __init__(self, dataset: xr.Dataset) -> None:
        self._dataset = dataset

    def __repr__(self) -> str:
        return "Pictures: wedges(), cost(), staircase(), districts(), mac_curve()"

    def wedges(self, ledger: str | None = None, ax: Axes | None = None, language: str = "en") -> Axes:
        """How far towards the targets; see `kip.views.plots.wedges`."""
        from kip.views.plots import wedges

        return wedges(self._dataset, ledger, ax, language)

    def cost(self, ax: Axes | None = None, language: str = "en") -> Axes:
        """Who pays, and when; see `kip.views.plots.cost`."""
        from kip.views.plots import cost

        return cost(self._dataset, ax, language)

    def staircase(self, ax: Axes | None = None, language: str = "en") -> Axes:
        """What a tonne costs in this portfolio; see `kip.views.plots_tonne.staircase`."""
        from kip.views.plots_tonne import staircase

        return staircase(self._dataset, ax, language)

    def districts(self, year: int | None = None, per_inhabitant: bool | None = None, ax: Axes | None = None, language: str = "en") -> Axes:
        """Where it happens; see `kip.views.plots.districts`."""
        from kip.views.plots import districts

        return districts(self._dataset, year, per_inhabitant, ax, language)

    def mac_curve(self, ax: Axes | None = None, language: str = "en") -> Axes:
        """The classic curve with its warning; `staircase` is what to show instead. See `kip.views.plots_tonne.mac_curve`."""
        from kip.views.plots_tonne import mac_curve

        return mac_curve(self._dataset, ax, language)
