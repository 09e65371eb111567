"""Claude: asks it to rewrite prompts, judges what it answers, and keeps the answers."""
