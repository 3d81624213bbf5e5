"""Proofs too long for the tests: what was measured, at which commit, by which command."""
