"""Plan broadband rollout for Norwegian counties."""
