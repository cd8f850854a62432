"""A scenario that failed, as files: its numbers, and the solver's model of it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from kip.sweeps.reoptimizing import Reoptimized

__all__ = ["save_case", "save_numbers"]

Floats: TypeAlias = NDArray[np.float64]


def save_case(experiment: Reoptimized, values: Floats, folder: Path) -> Path:
    """Write the numbers of a scenario as JSON and, where its plan can be compiled, the solver's model as MPS beside it.

    Returns
    -------
    Path
        The model, else the numbers.
    """
    numbers = save_numbers(experiment.parameters, values, folder)
    try:
        from kip.optimization.kernel import Options, load
        from kip.optimization.study import begin_study
        from kip.sweeps.answers import scenario_plan

        plan = scenario_plan(experiment.plan, experiment.space, values)
        study = begin_study(plan, experiment.question, experiment.limits)
        _, terms, scale = study.session.terms(experiment.question.measure)
        cost = study.session.compiled.cost_of(terms * experiment.question.sign, scale)
        solver = load(study.session.problem.with_cost(cost), 1.0, Options())
        model = numbers.with_suffix(".mps")
        solver.writeModel(str(model))
        return model if model.exists() else numbers
    except Exception:  # what failed may fail here again; the numbers are enough to see it
        return numbers


def save_numbers(parameters: Sequence[str], values: Floats, folder: Path) -> Path:
    """The values of a scenario by the names of its parameters, in a file that is named by them."""
    import hashlib

    folder.mkdir(parents=True, exist_ok=True)
    given = {name: float(value) for name, value in zip(parameters, values, strict=True)}
    mark = hashlib.sha256(np.ascontiguousarray(values, dtype=float).tobytes()).hexdigest()[:10]
    first = re.sub(r"[^A-Za-z0-9]+", "-", parameters[0])[:30] if parameters else "scenario"
    path = folder / f"case-{first}-{mark}.json"
    path.write_text(json.dumps(given, indent=1), encoding="utf-8")
    return path
