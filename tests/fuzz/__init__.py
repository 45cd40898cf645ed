"""Mutated files: whoever reads one gets what it says, or an error of ours.

    python -m tests.fuzz --files 1000000

makes a million files from valid ones and reads each as a program would. Every file has to be read, or refused by an
error that this library names, within a second and within 64 MiB beyond its own size; meanwhile nothing may be imported,
executed or opened but the file. A file that loads has to be usable. Each is made from the seed and its number alone:

    python -m tests.fuzz --only "network bytes" --seed 0 --number 4711 --keep folder

makes that one again.
"""
