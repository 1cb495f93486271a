"""Plans: counts, what goes where, holds and the decisions that settle them."""
