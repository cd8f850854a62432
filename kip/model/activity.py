"""Activity: what people and goods do today, and what it emits."""

from __future__ import annotations

from kip.model.fields import Name, Noun, Path, PathByName, quantity

__all__ = ["Activity"]


class Activity(Noun):
    """A segment of what is done: car-kilometres on petrol, bus-kilometres, tonne-kilometres by lorry.

    Baseline emissions of a year are ``amount × trend × factor × Π(1 - policy)``, for each district and ledger.

    Examples
    --------
    >>> import kip
    >>> petrol = kip.Activity(name="petrol-car", unit="vkm", amount="50 Mvkm/year", factor="180 g CO2e/vkm")
    >>> petrol.amount, petrol.factor
    ({'all': 50000000.0}, {'all': 0.00018})
    """

    name: Name
    """Short name, unique among activities."""
    title: str = ""
    """Name for people; the short name when empty."""
    description: str = ""
    """What is counted, what is not."""
    unit: str = "vkm"
    """Unit of the amount, without "per year": vkm, pkm, tkm, MWh, trip…"""
    actor: str | None = None
    """Who does it."""
    inside: bool = False
    """Whether it is inside the municipal group (kommunkoncernen): its own fleets, buildings and companies."""
    amount: PathByName = quantity("{activity}/year")
    """Amount per year in each district [unit/year]: a number, {year: number}, {district: number} or {district: {year:
    number}}.
    """
    trend: Path = quantity("1", 1.0)
    """Multiplier on the amount over the years, if nothing is decided [1]."""
    factor: PathByName = quantity("t/{activity}", default_factory=lambda: {"all": 0.0})
    """Emission factor [t CO2e per unit]: one for all ledgers, or {ledger: factor}; a number or {year: number}."""
    policies: PathByName = quantity("1", default_factory=dict)
    """Policies already decided, each the share that it takes off the factor in a year [1], e.g. {"reduktionsplikt":
    {2026: 0.06}}.
    """
    covers: tuple[str, ...] = ()
    """Policies that the factor holds already; one that stands in `policies` too is counted twice."""
    indicators: PathByName = quantity("1", default_factory=dict)
    """Indicators that follow the amount, per unit of activity [indicator unit per unit]."""

    @property
    def label(self) -> str:
        """Title, or name when there is no title."""
        return self.title or self.name
