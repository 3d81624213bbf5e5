"""A drill's host: it calls nobody but whom it may, and tells afterwards what else was asked for."""
