"""One made-up country in databases of any two kinds, with every trap that a migration meets."""
