"""The teacher's tool: strangers' code, tested and marked (`python -m Protocols grade`, Protocols/grading.md)."""
