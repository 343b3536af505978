"""Knowledge adapters in frozen encoders (Hou et al., 2022)."""
