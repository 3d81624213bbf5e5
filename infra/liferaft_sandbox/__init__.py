"""Simulated clouds with real hosts on one machine, for rehearsals."""
