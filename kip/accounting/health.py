"""Deaths avoided by walking and cycling, after WHO's Health Economic Assessment Tool (HEAT)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from kip.errors import RequestError, unknown_name

if TYPE_CHECKING:
    from kip.model import Indicator

__all__ = ["DOSES", "Dose", "Heat", "heat"]


@dataclass(frozen=True)
class Dose:
    """How mortality falls with activity: linear in minutes, up to a cap.

    Attributes
    ----------
    relative_risk : float
        Mortality at the reference dose, as a share of that without [1].
    reference : float
        Reference dose [minutes/week].
    cap : float
        Largest reduction of mortality that is counted [1].
    ages : str
        Ages that it holds for.
    source : str
    """

    relative_risk: float
    reference: float
    cap: float
    ages: str
    source: str

    def reduction(self, minutes: float) -> float:
        """Reduction of mortality at a dose [1]: ``min((1 - relative_risk) · minutes / reference, cap)``."""
        return min((1.0 - self.relative_risk) * minutes / self.reference, self.cap)


DOSES = {
    "walking": Dose(
        0.89, 168.0, 0.30, "20-74", "WHO HEAT: Kelly et al. 2014 (IJBNPA 11:132), 11.25 MET-hours a week; Smith et al. (HEAT_DRF)"
    ),
    "cycling": Dose(0.90, 100.0, 0.45, "20-64", "WHO HEAT: Kelly et al. 2014 (IJBNPA 11:132), 11.25 MET-hours a week; cap as used by HEAT"),
}
"""WHO's figures by way of moving."""


@dataclass(frozen=True)
class Heat:
    """What new minutes of walking or cycling are worth in lives.

    Attributes
    ----------
    reduction : float
        Reduction of mortality of each person [1].
    deaths : float
        Deaths avoided each year, when the effect is full [deaths/year].
    value : float
        What that is worth each year [currency/year]; NaN when no value of a life was given.
    population : float
        People who move more [person].
    life : float
        Value of a statistical life [currency]; NaN when none was given.
    dose : Dose
        Parameters that were used, with their source.
    """

    reduction: float
    deaths: float
    value: float
    population: float
    life: float
    dose: Dose

    @property
    def per_person(self) -> float:
        """Deaths avoided each year for each person [deaths/person/year]: the co-benefit of a shift whose unit is one cyclist."""
        return self.deaths / self.population if self.population else float("nan")

    def present_value(self, years: int, rate: float = 0.035, build_up: int = 5, first: int = 0) -> float:
        """Present value of the yearly worth [currency].

        Parameters
        ----------
        years : int
            Years counted.
        rate : float
            Real discount rate per year [1].
        build_up : int
            Years until the effect on health is full: a share of 1/build_up in the first, all of it in the last [years]. 1 is no build-up.
        first : {0, 1}
            0: the first year is not discounted, as in a plan (§1). 1: each year is discounted as if it fell at its end.

        Examples
        --------
        >>> result = heat("cycling", population=1000, minutes=92.7, mortality=182.4, life=40.5e6)
        >>> round(result.present_value(10, first=1))
        44158813
        """
        if build_up < 1 or years < 0 or first not in {0, 1}:
            raise RequestError(f"build_up={build_up}, years={years}, first={first}: give build_up from 1, years from 0, first 0 or 1.")
        when = np.arange(years)
        return float(self.value * (np.minimum(1.0, (when + 1) / build_up) * (1.0 + rate) ** -(when + first)).sum())

    def indicator(self, name: str = "deaths-avoided") -> Indicator:
        """An indicator that counts the deaths, with the value of a life as its money value, to put into a plan."""
        from kip.model import Indicator

        fields: dict[str, object] = {"name": name, "unit": "case", "direction": "up", "family": "health"}
        if not np.isnan(self.life):
            fields |= {"value": self.life, "value_set": "value of a statistical life"}
        return Indicator.model_validate(fields)


def heat(
    mode: str,
    population: float,
    minutes: float,
    mortality: float,
    life: float | None = None,
    before: float = 0.0,
    dose: Dose | None = None,
) -> Heat:
    """Deaths avoided, and their worth, when people walk or cycle more.

    ``deaths = population · mortality / 100 000 · min((1 - RR) · minutes / reference, cap)``, after WHO HEAT. Linear up to the cap, so
    that below it a shift may carry the effect of one person. Crashes and polluted air are not in it.

    Parameters
    ----------
    mode : {"walking", "cycling"}
    population : float
        Adults of the ages of the dose (20-74 walking, 20-64 cycling) who move more [person].
    minutes : float
        *New* minutes of each of them, a week, on average over the year [minutes/week]. What they walk or cycle already is no effect.
    mortality : float
        Deaths per 100 000 people of these ages and year, all causes [deaths/100 000/year].
    life : float, optional
        Value of a statistical life [currency]. Without it there is no money value.
    before : float
        Minutes that they move already [minutes/week]: only what fits under the cap above them is counted.
    dose : Dose, optional
        Other figures than WHO's.

    Returns
    -------
    Heat
        With `reduction`, `deaths`, `value`, and the ways to use them.

    Raises
    ------
    RequestError
        For an unknown mode, and for numbers below 0; all of them at once.

    Examples
    --------
    >>> result = heat("walking", population=100_000, minutes=70, mortality=372.4331, life=3_754_968.775)
    >>> round(result.deaths, 5), round(result.value / 100_000, 4)
    (17.06985, 640.9676)
    """
    wrong = [] if mode in DOSES else [unknown_name("way of moving", mode, list(DOSES))]
    numbers = {
        "population": population,
        "minutes": minutes,
        "mortality": mortality,
        "before": before,
        "life": 0.0 if life is None else life,
    }
    for name, number in numbers.items():
        if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number < float("inf"):
            wrong.append(f"{name}={number!r}: give a number, 0 or more.")
    if not wrong and mortality > 100_000:
        wrong.append(f"mortality={mortality:g}: it is per 100 000 people, so it must be 100 000 or less.")
    if wrong:
        raise RequestError("\n".join(wrong))
    used = dose or DOSES[mode]
    share = used.reduction(before + minutes) - used.reduction(before)
    deaths = population * mortality / 1e5 * share
    worth = float("nan") if life is None else float(life)
    return Heat(share, deaths, deaths * worth, float(population), worth, replace(used))
