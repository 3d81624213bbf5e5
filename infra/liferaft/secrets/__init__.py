"""Secrets of the application, age-encrypted for several operators."""
