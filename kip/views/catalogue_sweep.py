"""Words about sweeps, in English and Swedish: data only, part of the catalogue."""

from __future__ import annotations

__all__ = ["SWEEP"]

SWEEP: dict[str, tuple[str, str]] = {
    "sweep title": ("Sweep", "Scenariosvep"),
    "sweep complete": ("All {total} scenarios are finished.", "Alla {total} scenarier är klara."),
    "sweep so far": ("{finished} of {total} scenarios are finished.", "{finished} av {total} scenarier är klara."),
    "sweep interrupted": (
        "Stopped on request; what was finished is kept, the rest is open.",
        "Avbrutet på begäran; det som var klart är sparat, resten är öppet.",
    ),
    "sweep go on": (
        "Go on with sweep.resume(), or by running the same again with the same store.",
        "Fortsätt med sweep.resume(), eller kör samma svep igen med samma lagring.",
    ),
    "sweep failed": ("Scenario {scenario} failed: {reason}", "Scenario {scenario} misslyckades: {reason}"),
    "sweep more failed": ("… and {count} more; see sweep.failures.", "… och {count} till; se sweep.failures."),
    "sweep became": ("What became of the scenarios", "Hur det gick för scenarierna"),
    "sweep status": ("status", "status"),
    "sweep scenarios": ("scenarios", "scenarier"),
    "sweep outcomes": ("Outcomes over the scenarios that have one", "Utfall för de scenarier som har ett"),
    "sweep outcome": ("outcome", "utfall"),
    "sweep least": ("least", "minst"),
    "sweep 5 %": ("5 %", "5 %"),
    "sweep median": ("median", "median"),
    "sweep 95 %": ("95 %", "95 %"),
    "sweep most": ("most", "mest"),
    "sweep mean": ("mean", "medel"),
    "sweep unit": ("unit", "enhet"),
    "sweep is open": ("open", "öppet"),
    "sweep is optimal": ("optimal", "optimalt"),
    "sweep is evaluated": ("evaluated", "räknat"),
    "sweep is time_limit": ("time was up", "tiden tog slut"),
    "sweep is infeasible": ("infeasible", "olösligt"),
    "sweep is unbounded": ("unbounded", "obegränsat"),
    "sweep is interrupted": ("interrupted", "avbrutet"),
    "sweep is invalid": ("its numbers make no plan", "talen ger ingen plan"),
    "sweep is failed": ("failed", "misslyckat"),
}
