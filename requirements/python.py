"""Say what is missing before a virtual environment is made. Runs on any Python 3."""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "Flask-Social needs Python 3.11 or newer; {} is {}.{}.\n"
        "Name another one: make PYTHON=python3.12 ...".format(sys.executable, *sys.version_info)
    )
try:
    import ensurepip  # noqa: F401
    import venv  # noqa: F401
except ImportError:
    sys.exit(
        "This Python cannot make virtual environments. On Debian and Ubuntu:\n"
        "  apt-get install python{}.{}-venv".format(*sys.version_info)
    )
