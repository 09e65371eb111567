"""Who rents out pods: one module or folder for each provider, behind the Protocol in base."""
