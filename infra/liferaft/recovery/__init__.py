"""Recovery points: manifest, parts, finding the newest whole one; and the notes beside them."""
