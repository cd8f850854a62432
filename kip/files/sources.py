"""Catalogues of sources of funding: data that travels with the library, for plans to choose from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kip.errors import DataError, Issue, RequestError, unknown_name
from kip.files.draft import Draft, Trail
from kip.files.rows import add_nouns
from kip.files.tables import read_csv
from kip.model import Funding, Passport, Plan
from kip.views.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

    from kip.views.sheet import Sheet

__all__ = ["FundingCatalogue", "funding_catalogue"]

FOLDER = Path(__file__).parents[1] / "catalogues"

KIND_OF_ROLE = {"municipality": "municipal", "region": "regional", "state": "state"}
"""Roles in a catalogue that a plan's actors have by their kind; all other roles are told by the user."""


class FundingCatalogue(Shown, tuple[Funding, ...]):
    """Sources of funding as their funders describe them, with passports.

    A tuple of `Funding`. Applicants and funders are roles (municipality, region, association, company), which `add_to` turns
    into the actors of a plan.

    Attributes
    ----------
    passports : dict of Passport
        By path: ``funding.klimatfonden.cap``.
    currency : str
        Of every sum.
    """

    passports: dict[str, Passport]
    currency: str

    def __new__(cls, sources: Iterable[Funding], passports: Mapping[str, Passport], currency: str = "SEK") -> FundingCatalogue:
        catalogue = super().__new__(cls, sources)
        catalogue.passports = dict(passports)
        catalogue.currency = currency
        return catalogue

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the sources."""
        return tuple(source.name for source in self)

    def source(self, name: str) -> Funding:
        """One source by its name.

        Raises
        ------
        RequestError
            When there is none; with the nearest name.
        """
        for source in self:
            if source.name == name:
                return source
        raise RequestError(unknown_name("source of funding", name, self.names))

    def add_to(
        self,
        plan: Plan,
        sources: Sequence[str] | Mapping[str, Mapping[str, Any]],
        actors: Mapping[str, str | Sequence[str]] | None = None,
    ) -> Plan:
        """A new plan with some of the sources in it, and their passports.

        Parameters
        ----------
        plan : Plan
        sources : names, or {name: {field: value}}
            Which sources; with a table, fields of `Funding` that the plan knows better (`shifts`, `pot`, the `rate` of a loan). What is
            given is no longer unknown.
        actors : {role: name or names}, optional
            Who in the plan is "association", "company", … . A role is also the actor of that name; municipality, region and
            state are the actors of that kind. Roles that the plan does not have may not apply; a funder that it does not have
            gives money from outside the plan.

        Returns
        -------
        Plan

        Raises
        ------
        RequestError
            With everything that is wrong: unknown sources, actors and fields, a source that none of the plan's actors may
            have, a loan without rate or term, another currency.
        DataError
            When the new plan has problems, such as a window outside its years.

        Examples
        --------
        >>> import kip
        >>> plan = kip.Plan(
        ...     name="p",
        ...     years="2026-2030",
        ...     actors=[kip.Actor(name="municipality"), kip.Actor(name="clubs", kind="private")],
        ...     shifts=[kip.Shift(name="bike-kitchen", cost={"clubs": "300 kSEK"}, reduction=2)],
        ... )
        >>> plan = kip.funding_catalogue("sweden").add_to(plan, ["klimatfonden"], actors={"association": "clubs"})
        >>> plan.funding[0].funder, plan.funding[0].applicants, plan.passports["funding.klimatfonden.cap"].quality
        ('municipality', ('clubs',), 'A')
        """
        wanted: dict[str, Mapping[str, Any]] = dict(sources) if isinstance(sources, Mapping) else {name: {} for name in sources}
        wrong = [unknown_name("source of funding", name, self.names) for name in wanted if name not in self.names]
        known = [actor.name for actor in plan.actors]
        given = {role: [names] if isinstance(names, str) else list(names) for role, names in (actors or {}).items()}
        wrong += [unknown_name("actor", name, known) for names in given.values() for name in names if name not in known]
        if plan.currency != self.currency:
            wrong.append(
                f"the catalogue is in {self.currency} and the plan in {plan.currency}; currencies are never exchanged. Convert the sums."
            )
        present = {source.name for source in plan.funding}
        added: list[dict[str, Any]] = []
        passports: dict[str, Passport] = {}
        for name in wanted:
            if name not in self.names:
                continue
            if name in present:
                wrong.append(f'the plan has a source "{name}" already. Change that one, or take it away first.')
                continue
            fields = self._fields(self.source(name), wanted[name], plan, given, wrong)
            added.append(fields)
            passports |= {
                path: passport
                for path, passport in self.passports.items()
                if path.startswith(f"funding.{name}.") and path.split(".")[2] not in wanted[name]
            }
        if wrong:
            raise RequestError("\n".join(dict.fromkeys(wrong)))
        return plan.update({"funding": [*plan.funding, *added], "passports": {**passports, **plan.passports}})

    def _fields(
        self, source: Funding, changes: Mapping[str, Any], plan: Plan, given: Mapping[str, list[str]], wrong: list[str]
    ) -> dict[str, Any]:
        """Fields of a source in a plan; adds to `wrong` what stands in the way."""
        allowed = list(Funding.model_fields)
        wrong += [f'"{source.name}": {unknown_name("field", field, allowed)}' for field in changes if field not in allowed]
        fields = {field: getattr(source, field) for field in source.model_fields_set} | dict(changes)
        fields["unknown"] = tuple(field for field in source.unknown if field not in changes)
        if source.kind == "loan":
            lacking = [field for field in ("rate", "term") if field in fields["unknown"]]
            if lacking:
                example = ", ".join(f'"{field}": {"0.025" if field == "rate" else "10"}' for field in lacking)
                wrong.append(
                    f'"{source.name}" is a loan whose {" and ".join(lacking)} the catalogue does not know. '
                    f'Give the plan\'s own: {{"{source.name}": {{{example}}}}}.'
                )
        if source.funder is not None and "funder" not in changes:
            fields["funder"] = next(iter(_who(source.funder, plan, given)), None)
        if source.applicants and "applicants" not in changes:
            found = [name for role in source.applicants for name in _who(role, plan, given)]
            fields["applicants"] = tuple(name for name in dict.fromkeys(found) if name != fields.get("funder"))
            if not fields["applicants"]:
                role, names = source.applicants[0], [actor.name for actor in plan.actors]
                wrong.append(
                    f'"{source.name}" is for {" and ".join(source.applicants)}. Say who that is in the plan: '
                    f'actors={{"{role}": "{names[-1]}"}}; its actors are {", ".join(names)}.'
                )
        return fields

    def table(self) -> pd.DataFrame:
        """One row for each source: kind, who may apply, shares [1], cap and pot [currency], window, and what is not known."""
        import pandas as pd

        rows = [
            {
                "source": source.name,
                "kind": source.kind,
                "applicants": ", ".join(source.applicants),
                "share [1]": "" if "share" in source.unknown or source.kind == "loan" else _shares(source),
                f"cap [{self.currency}]": source.cap,
                f"pot [{self.currency}]": source.pot if isinstance(source.pot, float) else None,
                "years": ", ".join(map(str, source.years)),
                "not known": ", ".join(source.unknown),
            }
            for source in self
        ]
        return pd.DataFrame(rows).set_index("source")

    def sheet(self) -> Sheet:
        """The catalogue as a page."""
        from kip.views.sheet import Section, Sheet

        table = self.table().reset_index().drop(columns="not known")
        rules = tuple(f"{source.name}: {', '.join(source.unknown)}" for source in self if source.unknown)
        about = tuple(f"{source.name}: {source.label}. {source.description}" for source in self)
        passports = tuple(
            f"{path.removeprefix('funding.')} ({passport.quality}): {passport.source}{f' ({passport.note})' if passport.note else ''}"
            for path, passport in self.passports.items()
        )
        return Sheet(
            "Sources of funding",
            f"{len(self)} sources; sums in {self.currency}. Put them into a plan with kip.funding_catalogue().add_to(plan, …).",
            (
                Section("Rules", table=table, notes=("An empty cell is no limit, or a rule that is not known: see below.",)),
                Section("Rules that exist but are not known", rules),
                Section("What they are for", about),
                Section("What the numbers rest on", passports),
            ),
        )


def _shares(source: Funding) -> str:
    share = source.share
    text = f"{share['all']:g}" if set(share) == {"all"} else ", ".join(f"{name} {value:g}" for name, value in share.items())
    return text if source.share_of_cost == 1 else f"{text}; of the price {source.share_of_cost:g}"


def _who(role: str, plan: Plan, given: Mapping[str, list[str]]) -> list[str]:
    """The plan's actors in a role of the catalogue."""
    if role in given:
        return given[role]
    named = [actor.name for actor in plan.actors if actor.name == role]
    return named or [actor.name for actor in plan.actors if actor.kind == KIND_OF_ROLE.get(role)]


def funding_catalogue(country: str | PathLike[str] = "sweden") -> FundingCatalogue:
    """The sources of funding of a country, as far as their rules are known.

    Parameters
    ----------
    country : str or path, default "sweden"
        A catalogue that travels with kip, or a CSV file of your own with the columns of ``funding.csv``; passports are read from the
        file beside it, ``<name>.passports.csv``.

    Returns
    -------
    FundingCatalogue
        A tuple of `Funding`, with `passports`. Rules that exist but are not known are named in `Funding.unknown` of each.

    Raises
    ------
    RequestError
        When there is no such catalogue.
    DataError
        With every problem of the file, with row and column.

    Examples
    --------
    >>> import kip
    >>> catalogue = kip.funding_catalogue("sweden")
    >>> catalogue.source("klimatfonden").cap, catalogue.source("klimatfonden").pot
    (200000.0, 2000000.0)
    >>> catalogue.source("testbaddscheck").unknown
    ('pot', 'years', 'not_with')
    """
    path = Path(country)
    if path.suffix.casefold() != ".csv":
        path = FOLDER / f"funding-{str(country).casefold()}.csv"
    if not path.is_file():
        known = sorted(file.stem.removeprefix("funding-") for file in FOLDER.glob("funding-*.csv") if "." not in file.stem)
        raise RequestError(unknown_name("catalogue", str(country), known) + " Or give a CSV file of your own.")
    draft = Draft(str(path))
    for file, collection in ((path, "funding"), (path.with_name(f"{path.stem}.passports.csv"), "passports")):
        if file.is_file():
            table = read_csv(file)
            table.stem = collection
            add_nouns(table, draft)
    return _made(draft)


def _made(draft: Draft) -> FundingCatalogue:
    """Nouns from the rows of a catalogue, or one report of all problems in them."""
    issues, sources, passports = list(draft.issues), {}, {}

    def problem(error: DataError, trail: Trail) -> None:
        for issue in error.issues:
            place = draft.place((*trail, *issue.path.split(".")))
            issues.append(Issue(issue.message, ".".join((*trail, issue.path)), place.file, place.row, place.column))

    for number, fields in enumerate(draft.data.get("funding", [])):
        try:
            source = Funding.model_validate(fields)
        except DataError as error:
            problem(error, ("funding", str(number)))
            continue
        if source.name in sources:
            place = draft.place(("funding", str(number)))
            issues.append(Issue(f'the source "{source.name}" is there twice. Give each its own name.', "", place.file, place.row, "name"))
        sources[source.name] = source
    for path, fields in draft.data.get("passports", {}).items():
        try:
            passports[path] = Passport.model_validate(fields)
        except DataError as error:
            problem(error, ("passports", path))
        parts = path.split(".")
        if len(parts) < 3 or parts[0] != "funding" or parts[1] not in sources or parts[2] not in Funding.model_fields:
            place = draft.place(("passports", path))
            issues.append(
                Issue(f'"{path}" is no number of the catalogue. Write funding.<source>.<field>.', path, place.file, place.row, "path")
            )
    if issues:
        raise DataError(issues, draft.source)
    return FundingCatalogue(sources.values(), passports)
