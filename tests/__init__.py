"""The library's own tests: laws that every layer keeps, independent oracles, and faults."""
