"""fluxctl: rents a GPU only while you look at pictures, and brings them home."""

__version__ = "0.1.0"
