"""The last line of a portfolio's summary: which plan it was made from, by version and fingerprint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kip.views.labels import Language

__all__ = ["made_from"]


def made_from(attributes: Mapping[str, Any], say: Language) -> str:
    """Version and fingerprint of the plan, version of kip and time, from the attributes of a portfolio's dataset.

    Examples
    --------
    >>> made_from({"plan": "town", "plan_hash": "0123456789abcdef", "kip_version": "0.1.0", "created": "2026-01-02T03:04:05+00:00"},
    ...           Language("en"))
    'Plan town, fingerprint 0123456789abcdef. kip 0.1.0, 2026-01-02.'
    """
    if "plan_hash" not in attributes:
        return ""
    version = str(attributes.get("plan_version") or "")
    return say(
        "made from version" if version else "made from",
        plan=attributes.get("plan", ""),
        version=version,
        fingerprint=attributes["plan_hash"],
        kip=attributes.get("kip_version", ""),
        day=str(attributes.get("created", ""))[:10],
    )
