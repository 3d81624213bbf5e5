"""A simulated AWS: moto's backends behind a front that refuses what AWS refuses."""
