"""Makes the cases of `fixtures/histories` from what statistics offices publish, one module a country."""
