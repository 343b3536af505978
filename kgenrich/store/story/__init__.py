"""What was done, said, proposed and decided: the story of every term."""
