"""The reverse proxy in front of the application, with its holding page."""
