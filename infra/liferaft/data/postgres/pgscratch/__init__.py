"""A program for database servers: a backup is restored in a scratch place, started, checked, gone.

It never touches the cluster that lives beside it, and writes nothing into any vault.
"""
