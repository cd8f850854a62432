"""Robust choice over a set of scenarios: one decision for all of them, or one now and the rest later; and what knowing more is worth."""
