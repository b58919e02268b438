"""The checks, a folder a family and a module a rule.

A family's ``__init__`` has ``applies(deployment)``: its modules are imported only when a deployment has something for
them. A module whose name starts with an underscore holds what several checks share.
"""
