"""Booting an image in an emulator, and checking it from outside and inside.

machine.py          one emulated machine: starts, is killed, starts again
user_mode.py        the same for a PC's image, natively; cow.py reads what it writes
firmware.py         what starts, as `autoboot.txt` says
serial_shell.py     a shell inside, by means of systemd's credentials; the image knows nothing of it
api.py              what a person's browser and programs do over HTTP
firmware_files.py   what only the firmware would read
features.py         what people do there, which sandboxes could forbid
checks.py           what has to be true of the running system
power_cuts.py       pulling the plug in mid-write
update_files.py     a memory stick with an update that works, and two that do not
updates.py          installing them
start_chart.py      what took time in a start
stick_backup.py     a backup to a memory stick, and back
update_cuts.py      pulling the plug in each phase of an update
customized.py       a card with the answers that Raspberry Pi Imager asks for
command.py          `make image-test`
"""
