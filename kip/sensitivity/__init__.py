"""Sensitivity: what moves an outcome, when a shift is chosen, what is worth measuring. Arrays in, answers out; no plan and no solver."""
