"""The mapping as people read it: units, edges, clauses, findings."""
