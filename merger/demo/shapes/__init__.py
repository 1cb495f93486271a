"""The shapes of the made-up systems: how each kind of product writes the same dossiers and documents."""
