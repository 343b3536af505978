"""What all training shares: recipes, one loop, the loss, finished runs."""
