"""How good it is: held-out terms, WikiKGE-10, alignment."""
