"""Faults planted on purpose: what is promised of interrupts and kills, tried at every moment."""
