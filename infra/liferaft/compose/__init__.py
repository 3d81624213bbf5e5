"""The application's Compose file: read whole by the specification, checked, and made one model."""
