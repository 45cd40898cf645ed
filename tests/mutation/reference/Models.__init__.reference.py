"""Networks ready to train."""

__all__ = ["LeNet"]
