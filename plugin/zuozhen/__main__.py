"""``python -m zuozhen``."""

import sys

from zuozhen.cli import main

sys.exit(main())
