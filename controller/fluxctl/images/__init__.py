"""Images in registries: what their names mean, and what a registry says of them."""
