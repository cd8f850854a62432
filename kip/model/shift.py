"""Shift (skifte) and Enabler: what can be decided."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from kip.model.fields import (
    ByName,
    Fraction,
    FractionByName,
    Name,
    NonNegative,
    Noun,
    Number,
    Path,
    PathByName,
    Positive,
    leaves,
    quantity,
)
from kip.model.uncertain import Share, mean_of

__all__ = ["CONTROLS", "MOST_SCALED", "Control", "Enabler", "Measure", "Shift"]

MOST_SCALED = 0.999
"""Largest fraction that a scaling shift takes off: all of it has no logarithm. Who takes everything moves or avoids it."""

Control = Literal["own", "procurement", "regulation", "incentive", "dialogue"]
"""Rådighet, from the municipality's own decision to dialogue only."""

CONTROLS: tuple[Control, ...] = ("own", "procurement", "regulation", "incentive", "dialogue")
"""Levels of control in that order."""


class Measure(Noun):
    """What shifts and enablers have in common: a name, money, time, place and relations."""

    name: Name
    """Short name, unique among shifts and enablers."""
    title: str = ""
    """Name for people; the short name when empty."""
    description: str = ""
    """What is done, and what it rests on."""
    area: str = ""
    """Insatsområde: heading that the measure is grouped under."""
    control: Control = "own"
    """Rådighet of the municipality over the measure: own, procurement, regulation, incentive or dialogue."""
    control_by_actor: dict[str, Control] = Field(default={})
    """Rådighet over the part of single actors, where it is another: {actor: level}."""
    covers: tuple[str, ...] = ()
    """What its numbers are about or hold already, so that `plan.check()` can see what is counted twice: names of activities and
    policies, or effects such as fuel and tax.
    """
    cost: ByName = quantity("{currency}", default_factory=dict)
    """Investment per unit, paid in the start year [currency]: one number, or {actor: number}. A whole shift is one
    unit in each district.
    """
    cost_trend: Path = quantity("1", 1.0)
    """Multiplier on the investment over the years, e.g. falling battery prices [1]."""
    opex: ByName = quantity("{currency}/year", default_factory=dict)
    """Change of running cost per unit and year in use [currency/year]; negative is a saving: one number, or {actor:
    number}.
    """
    opex_trend: Path = quantity("1", 1.0)
    """Multiplier on the running cost over the years [1]."""
    reference_cost: ByName = quantity("{currency}", default_factory=dict)
    """Investment per unit that would have been made anyway [currency]: one number, or {actor: number}. `cost` is what comes on top of
    it; the finance office's cost is both. It is in no budget, present value or objective.
    """
    reference_opex: ByName = quantity("{currency}/year", default_factory=dict)
    """Running cost per unit and year that there would have been anyway [currency/year], as `reference_cost`."""
    payer: str | None = None
    """Who pays a cost or opex that is given as one number; the first actor of the plan when empty."""
    lead: int = Field(0, ge=0, json_schema_extra={"unit": "year"})
    """Lead time [years]: 0 means that tonnes and savings begin in the start year."""
    lifetime: int | None = Field(None, ge=1, json_schema_extra={"unit": "year"})
    """Lifetime [years] from the first year in use; to the end of the horizon when empty."""
    renew: bool = False
    """Whether it is bought again at the end of each life, at that year's price."""
    earliest: int | None = None
    """First year in which it may start."""
    latest: int | None = None
    """Last year in which it may start."""
    districts: tuple[str, ...] = ()
    """Where it can be done. A shift: everywhere that it has something to act on when empty. An enabler: once for the
    whole municipality when empty.
    """
    requires: tuple[str, ...] = ()
    """Whole shifts and enablers that must have started, the same year at the latest."""
    requires_any: tuple[str, ...] = ()
    """Whole shifts and enablers of which at least one must have started."""
    excludes: tuple[str, ...] = ()
    """Shifts and enablers that cannot be in the same portfolio (in the same district)."""
    physical: bool = True
    """Whether it is a physical investment; some funding is for those only."""
    eligible: Fraction = quantity("1", 1.0)
    """Share of the cost that funding may be had for [1]."""
    aid_intensity: FractionByName = quantity("1", {"all": 1.0})
    """Most that all grants together may be, as a share of the eligible cost [1]. One number is for the whole project, whoever
    gets the grants; {name: number} by size or name of actor is for each applicant's own part of the cost, "all" for the
    others.
    """
    own_share: Fraction = quantity("1", 0.0)
    """Least that must not be grants, as a share of the whole cost [1]."""
    cobenefits: PathByName = quantity("1", default_factory=dict)
    """Effect on indicators per unit and year in use: {indicator: number} or {indicator: {year: number}}; positive adds
    to the indicator.
    """
    uses: ByName = quantity("1", default_factory=dict)
    """Use of shared resources per unit and year in use: {resource: number}."""

    @property
    def label(self) -> str:
        """Title, or name when there is no title."""
        return self.title or self.name


class Shift(Measure):
    """A shift moves activity from one segment to another, states the reduction that it gives, or scales activities.

    *Moving* shifts name a `source` (and a `target`, unless the activity is avoided); *stated* shifts give a `reduction`;
    *scaling* shifts (a fee, a speed limit, a fuel blend) take a fraction off the activities named in `scales`. Fractions of
    several scaling shifts multiply, and act on what moving shifts have left.

    Examples
    --------
    >>> import kip
    >>> path = kip.Shift(name="cycle-path", cost="20 MSEK", reduction="16 t/year", cobenefits={"health": 3.0})
    >>> path.cost, path.reduction, path.choice
    ({'all': 20000000.0}, {'all': 16.0}, 'whole')
    >>> ev = kip.Shift(name="ev", choice="units", unit="car", source="petrol", target="electric", use="12000 vkm/year",
    ...                cost={"households": 60000}, potential={"Ryd": 900}, lifetime=15)
    """

    choice: Literal["whole", "units", "share"] = "whole"
    """How it can be chosen: "whole" (all or nothing, one start year), "units" (whole units up to the potential) or
    "share" (any amount up to the potential).
    """
    unit: str = ""
    """What one unit is: car, place, vkm/year… For reading only."""
    source: str | None = None
    """Activity that it takes from."""
    target: str | None = None
    """Activity that it moves to; empty when the activity is avoided."""
    ratio: NonNegative = quantity("1", 1.0)
    """Units of the target for each unit of the source [1], e.g. 0.8 when the trip by bicycle is shorter."""
    use: Positive = quantity("{activity}/year", 1.0)
    """Units of the source that one unit of the shift moves each year [unit/year]."""
    reduction: PathByName = quantity("t/year", default_factory=dict)
    """Stated reduction per unit and year in use [t CO2e/year], for shifts without a source: a number, {year: number}
    or {ledger: …}.
    """
    scales: PathByName = quantity("1", default_factory=dict)
    """Fraction that it takes off each activity named [1]: {activity: number or {year: number}}. A scaling shift is started as a
    whole: once for the whole municipality, or once in each of its `districts`.
    """
    scaling: Literal["activity", "energy", "carbon"] = "activity"
    """What the fraction is taken off: the amount ("activity": fewer kilometres), the energy for each unit of it ("energy"), or
    the emissions for each unit of energy ("carbon").
    """
    rebound: Fraction = quantity("1", 0.0)
    """Elasticity of the activity to its running cost [1]: with ``scaling="energy"`` the activity grows by ``(1 -
    fraction)^-rebound``.
    """
    synergy: dict[str, Number] = quantity("1", default_factory=dict)
    """Extra fraction off what both scale while both are in use [1]: {other scaling shift: fraction}; negative when they hamper
    each other. Given on one of the two.
    """
    potential: PathByName = quantity("1", default_factory=dict)
    """Largest number of units in use in a year: one number or {year: number} for all districts together, or {district:
    …}. Without it: 1 for stated shifts, all of the source for moving ones. A whole moving shift moves potential ×
    use.
    """
    potential_share: Path | None = quantity("1", None)
    """Largest share of the source's amount that it can move in a year [1]; with `potential`, the smaller of the two
    holds.
    """
    uptake: Share | None = quantity("1", None)
    """Share of the potential that can be won [1]; of the effect, for a whole shift. A number, or a distribution such as
    "triangular(0.2, 0.4, 0.6)", which is computed with its mean. When empty, that of its control in the plan's `uptake_by_control`, else 1.
    """
    open: Fraction = quantity("1", 1.0)
    """Share of the potential that is open without any enabler [1]. A whole shift can be in use only while all of it is
    open.
    """
    attribution: Fraction = quantity("1", 1.0)
    """Share of the reduction that would not have happened anyway (additionality) [1]."""
    counts_as: Literal["reduction", "complementary"] = "reduction"
    """Whether its tonnes are reductions, or complementary measures (kompletterande åtgärder: sinks, carbon capture of biogenic origin,
    verified reductions elsewhere), which stand in accounts of their own and count in net targets only.
    """
    ramp: Path | None = quantity("1", None)
    """Most new units in a year, over all districts."""
    profile: tuple[NonNegative, ...] = (1.0,)
    """Share of the full effect in the first, second, … year in use; the last one holds on [1]. Running cost, co-benefits and use
    of resources follow it; the potential counts units in use.
    """

    @property
    def expected_uptake(self) -> float:
        """Its own uptake as one number, the mean of a distribution; 1 when it gives none [1]."""
        return 1.0 if self.uptake is None else mean_of(self.uptake)

    @model_validator(mode="after")
    def _moves_or_states(self) -> Self:
        if self.source is None:
            for field in ("target", "use", "ratio", "potential_share"):
                if getattr(self, field) != type(self).model_fields[field].default:
                    raise ValueError(f'"{field}" needs a source. Name the activity in "source", or take "{field}" away.')
        elif self.reduction or self.scales:
            raise ValueError('"source" and "reduction" or "scales" exclude each other: a shift moves, states or scales. Take one away.')
        elif self.source == self.target:
            raise ValueError('"source" and "target" are the same activity. Name two different ones.')
        if self.counts_as == "complementary" and not self.reduction:
            raise ValueError('a complementary measure states its tonnes in "reduction" and has no source. Give "reduction".')
        if self.earliest is not None and self.latest is not None and self.earliest > self.latest:
            raise ValueError(f'"earliest" {self.earliest} is after "latest" {self.latest}. Swap them.')
        if not self.profile or max(self.profile) > 1:
            raise ValueError('"profile" needs at least one share, each between 0 and 1.')
        self._scales_as_a_whole()
        return self

    def _scales_as_a_whole(self) -> None:
        if not self.scales:
            for field in ("scaling", "rebound", "synergy"):
                if getattr(self, field) != type(self).model_fields[field].get_default(call_default_factory=True):
                    raise ValueError(f'"{field}" needs "scales". Name activities and fractions in "scales", or take "{field}" away.')
            return
        for path, fraction in leaves(self.scales, "scales"):
            if not 0 <= fraction <= MOST_SCALED:
                raise ValueError(f'"{path}" is {fraction:g}; a fraction must be between 0 and {MOST_SCALED:g}. Write for example "3 %".')
        for other, fraction in self.synergy.items():
            if not -MOST_SCALED <= fraction <= MOST_SCALED:
                raise ValueError(f'"synergy.{other}" is {fraction:g}; it must be between -{MOST_SCALED:g} and {MOST_SCALED:g}.')
        if self.reduction:
            raise ValueError('"scales" and "reduction" exclude each other: the tonnes follow from the fractions. Take one away.')
        if self.choice != "whole" or self.potential:
            raise ValueError('a scaling shift is started as a whole: take "potential" away, and leave "choice" at "whole".')
        if self.rebound and self.scaling != "energy":
            raise ValueError('"rebound" belongs to scaling "energy": the activity grows because it costs less. Take it away.')


class Enabler(Measure):
    """A measure with no tonnes of its own that opens potential in shifts: charging, a cycle path, a parking rule.

    Examples
    --------
    >>> import kip
    >>> kip.Enabler(name="charging", cost="190 kSEK", opens={"ev": 0.4}).opens
    {'ev': 0.4}
    """

    opens: dict[str, Fraction] = quantity("1", default_factory=dict)
    """Share of each shift's potential that it opens, in its own districts (everywhere when it has none) [1]."""
