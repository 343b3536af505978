"""Terms of ontologies on their way: Babelon tables, their OWL, templates of ROBOT."""
