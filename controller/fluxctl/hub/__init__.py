"""The Hugging Face hub, as far as the controller asks it anything: whether a token may download a model."""
