"""What `Layers/` and `Optimization/` both stand on: arguments, arrays and random numbers."""
