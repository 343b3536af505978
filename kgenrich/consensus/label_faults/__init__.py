"""Labels that are probably wrong in their own language: broken deliberately to learn and to measure
what gives them away, and judged by what the graph's own labels of the language are like."""
