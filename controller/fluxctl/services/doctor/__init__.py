"""Looking whether everything that fluxctl needs is there: it asks nobody, spends nothing and changes nothing."""
