"""Losses, optimizers and constraints."""

__all__ = ["Constraints", "Loss", "Optimizers"]
