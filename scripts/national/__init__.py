"""Makes the national mapping files from collected facts. Run through scripts/make_mappings."""
