"""What would stand in the way today: asked of every vendor, and nothing is created or written."""
