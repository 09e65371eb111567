"""The nouns of renting and the pure rules about them."""
