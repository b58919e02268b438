"""One module a dialect: the only places that know how Terraform or CloudFormation writes an environment.

A module is named after the ``Role`` of the files it reads and has ``read(files, project) -> Declarations``. It is
imported only when such a file exists.
"""
