"""Booting an image in an emulator, and checking it from outside and inside.

machine.py          one emulated machine: starts, is killed, starts again
serial_shell.py     a shell inside, by means of systemd's credentials; the image knows nothing of it
api.py              what a person's browser and programs do over HTTP
firmware_files.py   what only the firmware would read
checks.py           what has to be true of the running system
power_cuts.py       pulling the plug in mid-write
updates.py          an update that works, one that does not, and pulling the plug in mid-update
customized.py       a card with the answers that Raspberry Pi Imager asks for
test_record.py      what has passed already
command.py          `make image-test`
"""
