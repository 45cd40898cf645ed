"""What surrounds a training run: the command line, the data it trains on, progress and pictures."""
