"""What moves the parameters: losses, optimizers, schedules and constraints.

`from Optimization import *` gives the modules, so that a script writes `Optimizers.Sgd(0.01)`.
"""

__all__ = ["Constraints", "Loss", "Optimizers", "Schedules"]
