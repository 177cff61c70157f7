"""Backups: everything an installation remembers, in one encrypted file.

sealed.py       the encryption: a passphrase, a header, chunks
errors.py       why a backup cannot be used
frames.py       pieces of different kinds in one compressed stream
contents.py     what the pieces say, and that they come in order
dump.py         a database to pieces, as it was at one moment
load.py         pieces to a database
make.py         an installation to a file
output.py       files that appear whole or not at all, and how many are kept
verify.py       a file read whole, before anything is done with it
restore.py      a file to an installation
switch.py       the moment at which the new takes the place of the old
passphrase.py   where the passphrase comes from
"""

__all__ = []
