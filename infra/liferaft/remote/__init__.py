"""One SSH connection to one host: run, put, get, wait."""
