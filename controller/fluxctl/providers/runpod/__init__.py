"""Pods rented at RunPod. Nothing outside this folder knows a field name of RunPod's."""
