"""Vendors of machines: the simulated APIs of three, and colo, which has none."""
