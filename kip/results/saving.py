"""A portfolio on disk: the summary as a page, tables, one JSON file, four pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from kip.results.summary import summary
from kip.results.summary_living import made_from
from kip.views.html import document
from kip.views.labels import Language

if TYPE_CHECKING:
    from kip.results.portfolio import Portfolio

__all__ = ["save"]

_GROUPS = ("shift", "district", "actor", "year", "area", "control")
_PICTURES = ("wedges", "cost", "staircase", "districts")


def save(portfolio: Portfolio, folder: Path, language: str = "en") -> list[Path]:
    """Write everything to a folder, made if missing.

    Returns
    -------
    list of Path
        The files written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    say = Language(language)
    files = []
    tables = {"portfolio": portfolio.table(), "starts": portfolio.decisions, **{f"by_{what}": portfolio.by(what) for what in _GROUPS}}
    tables |= {"kronor": portfolio.kronor(), "kronor_by_shift": portfolio.kronor(by="shift"), "actors": portfolio.actors()}
    tables |= {"cash_flow": portfolio.cash_flow(), "cash_flow_by_shift": portfolio.cash_flow(by_shift=True)}
    tables |= {"finance": portfolio.finance_table(), "finance_by_year": portfolio.finance_table(by_year=True)}
    tables |= {"control": portfolio.control(), "asks": portfolio.asks(), "waterfall": portfolio.waterfall()}
    if portfolio.dataset.sizes["funding"]:
        tables |= {"grants": portfolio.grants, "loans": portfolio.loans, "funding_gap": portfolio.funding_gap()}
        tables |= {name: getattr(portfolio, name)() for name in ("funding_table", "sources_and_uses", "funding_balance", "projects")}
    if (portfolio.dataset["party_kind"].values == "group").any():
        tables["by_group"] = portfolio.by("group")
    if portfolio.dataset.sizes["fairness"]:
        tables["fairness"] = portfolio.fairness()
    if portfolio.plan.consequences:
        tables["consequences"] = portfolio.consequences()
    for name, table in tables.items():
        files.append(folder / f"{name}.csv")
        table.to_csv(files[-1])
    files.append(folder / "portfolio.json")
    files[-1].write_text(json.dumps(portfolio.to_dict(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    files.append(folder / "summary.html")
    files[-1].write_text(document(summary(portfolio, language)), encoding="utf-8")
    for name in _PICTURES:
        files.append(folder / f"{name}.png")
        axes = getattr(portfolio.plot, name)(language=language)
        axes.figure.savefig(files[-1], dpi=150, bbox_inches="tight", metadata={"Description": made_from(portfolio.dataset.attrs, say)})
        _close(axes.figure)
    return files


def _close(figure: object) -> None:
    import matplotlib.pyplot as plt

    plt.close(figure)  # type: ignore[arg-type]  # Axes.figure is a Figure or a SubFigure; kip makes no SubFigure
