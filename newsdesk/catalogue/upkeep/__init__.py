"""Looking after the catalogue: whether it is sound, copies of it, and proof that removed words are gone."""
