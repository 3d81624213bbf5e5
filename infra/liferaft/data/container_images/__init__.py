"""The container images that the application runs from."""
