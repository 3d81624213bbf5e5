"""The program that copies a bucket between a site's store and a vault. It runs on hosts.

Debian's Python, its standard library and python3-cryptography are all that it has there: nothing of
liferaft outside this folder is imported.
"""
