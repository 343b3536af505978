"""What each command does: typed options in, a report out.

One module a verb: a struct of options, and a function of a `Workspace` and these options that gives
back a report, which is what ``--json`` prints. How far it is, it tells `Workspace.progress`. The
command line, jobs, the review page and notebooks (`kgenrich.open`) all come here.
"""
