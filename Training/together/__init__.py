"""What several processes say to each other while they train one network: see `Training.processes`."""
