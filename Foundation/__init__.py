"""What `Layers/` and `Optimization/` both stand on: arguments, arrays, random numbers, threads and memory."""
