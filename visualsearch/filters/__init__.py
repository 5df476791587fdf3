"""Examples to a ranking, a threshold and a set; the query that combines it with predicates and text."""
