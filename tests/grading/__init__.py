"""Strangers' submissions, hostile, clumsy and right, and what the teacher's tool makes of them."""
