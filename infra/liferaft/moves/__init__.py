"""Moves as plans of steps, and the runner that executes them."""
