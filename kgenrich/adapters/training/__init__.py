"""What all training shares: recipes, one loop, losses, the files and folders that it writes."""
