"""People, keys and signatures."""
