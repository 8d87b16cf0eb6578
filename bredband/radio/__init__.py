"""Reach premises from masts through the air, over real terrain."""
