"""The course: what each part asks, why, and how to check it.

`python -m Protocols` prepares a student's folder, tests it, packs it, and draws the pictures of the pages.
"""
