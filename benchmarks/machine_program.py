"""A small program that needs one secret of the Secrets Manager; the reference is its argument."""

import sys

from bw_magics import SecretsManager

print(str(SecretsManager.login().resolve(sys.argv[1])))
