"""Doors to other software, one file for each; what stands behind one is imported when it is used."""
