"""liferaft.toml read into frozen models, every error at once."""
