"""What a free text says: a sentence vector for likeness of meaning, and closed-vocabulary words for what can be named."""
