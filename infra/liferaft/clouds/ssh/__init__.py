"""Machines with SSH that somebody else provides, and any S3 endpoint: the vendor of last resort."""
