"""The embedded model: a small FLUX that draws coloured shapes, its data, its training and its judge."""
