"""The fingerprint of a plan: of what it says, not of the order in which it says it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from kip.model.paths import key_of

if TYPE_CHECKING:
    from kip.model.plan import Plan

__all__ = ["fingerprint"]

_FIRST_COUNTS = ("actors", "ledgers")
"""Collections whose first noun has a meaning: who pays when nobody is named, and the main ledger."""
_IN_ORDER = ("profile",)
"""Lists of numbers that are read in order."""
_ORDERED_TABLES = ("changes",)
"""Tables whose entries are applied in order."""


def fingerprint(plan: Plan) -> str:
    """16 hexadecimal digits of SHA-256 over the plan's fields in one order (§53).

    Fields that have their default are left out, so that a field which kip gains later changes no fingerprint.
    """
    text = json.dumps(_noun(plan), sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _noun(noun: BaseModel) -> dict[str, Any]:
    fields = {}
    for name, info in type(noun).model_fields.items():
        value = getattr(noun, name)
        if info.is_required() or value != info.get_default(call_default_factory=True):
            fields[name] = _plain(value, name)
    return fields


def _plain(value: Any, field: str) -> Any:
    if isinstance(value, BaseModel):
        return _noun(value)
    if isinstance(value, Mapping):
        if field in _ORDERED_TABLES:
            return [[str(key), _plain(item, "")] for key, item in value.items()]
        return {str(key): _plain(item, "") for key, item in value.items()}
    if isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
        kept = 1 if field in _FIRST_COUNTS else 0
        rest = sorted(value[kept:], key=lambda noun: key_of(noun, value))
        return [_noun(noun) for noun in (*value[:kept], *rest)]
    if isinstance(value, tuple) and field not in _IN_ORDER:
        return sorted(value)
    if isinstance(value, tuple | list):
        return [_plain(item, "") for item in value]
    return float(value) if isinstance(value, float) else value
