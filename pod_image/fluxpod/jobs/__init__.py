"""Jobs of the pod: records and pictures as files, the queue over them, the events about them."""
