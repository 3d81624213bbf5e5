"""The sample: a microblog called chirp, its site at any cloud, its image and its program."""
