"""Settings: where every value comes from, presets, sizes, model cards, and the recipe that they make."""
