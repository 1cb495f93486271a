"""Jobs and plans: counts, where work goes, holds and the decisions that settle them, plans made anew."""
