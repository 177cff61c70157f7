"""Which commands are of known programs and words, and which are not."""

from __future__ import annotations

import re
import shlex

import pytest

from pisovereign.catalog.command_line import CommandRefused, parse_command
from pisovereign.catalog.known_programs import is_listed
from tests.docs.blocks import read

# Each runs a program of the caller's choice, or may be told to by what it reads.
RUNS_OTHERS = """
tar cIf sh a b
tar cf a b --checkpoint=1 --checkpoint-action=exec=x
tar -xf a --to-command=x
tar -x --use-compress-program x -f a
tar -cf host:a b --rsh-command=x
tar tIf x a
tar xFf x a
install -s --strip-program=x a b
install --strip-program x -s a b
sdiff --diff-program=x a b
diff3 --diff-program=x a b c
logsave a x
debugfs -R '!x' /dev/sda
debugfs -f x
ssh-agent x
ssh-agent sh -c x
service ../../tmp/x start
prove x
prove --exec x a
find / -exec x '{}' ';'
find / -execdir x ';'
find / -ok x ';'
find / -fprintf /tmp/x a
find / -files0-from x
rsync -e x a b
rsync --rsh=x a b
rsync --rsync-path=x a b
git -c core.pager=x log
git --exec-path=x log
git clone ext::x a
awk 'BEGIN { system("x") }'
gawk -f x
sed -n 1e
sed '1e x' a
xargs x
env x
env -S 'x y'
nice x
ionice x
timeout 5 x
ssh -o ProxyCommand=x host
scp -o ProxyCommand=x a b
scp -S x a b:
sftp -S x b
man -P x ls
man --pager=x ls
less a
more a
vim -c '!x'
ex a
ed a
view a
nohup x
setsid x
stdbuf -o0 x
watch x
script -c x a
flock a x
strace x
ltrace x
gdb -ex x
time x
taskset 1 x
unshare x
nsenter x
chroot / x
sort --compress-program=x a
sort --files0-from=x
sort -o a b
split --filter=x a
zip a b -T -TT x
zip a b --unzip-command=x
ip netns exec a x
ip -batch a
ip -n a link
ip -force -b a
ss -K
apt -o DPkg::Pre-Invoke::=x update
apt-get -c x update
apt edit-sources
apt changelog a
dpkg --pre-invoke=x -i a
dpkg -i a
dpkg --admindir=x -l
systemctl edit a
systemctl -H x status
systemctl link /tmp/x.service
systemctl set-environment PAGER=x
journalctl -D x
journalctl --file=x
curl -K x http://a/
curl -o /tmp/x http://a/
curl file:///etc/passwd
wget --use-askpass=x http://a/
openssl engine x
tcpdump -z x
nmap --script x host
php x
perl x
python3 x
make x
cmake -P x
busybox x
run-parts /tmp
start-stop-daemon --start --exec x
update-alternatives --install a b x 1
rpm -E x
dd if=a of=b
ld.so x
pg_dump -f x
crontab x
at now
screen -c x
tmux x
unzip -p a
7z a b c -si
cpio --rsh-command=x -i
gpg --agent-program x
ping -c 4 -I x host
hostname -F x
date -f x
date -s x
du --files0-from=x
du -X x
wc --files0-from=x
grep -f x a
diff -l a b
last -f x
dig -f x
dmesg -H
ps --help
tail -f a
head -- a
ls -z
df --unknown
cat host:a
systemctl status -H x
systemctl isolate rescue.target
nmcli connection edit a
vcgencmd x
""".strip().splitlines()

LISTED = """
df -h /srv
du -x -h --max-depth=1 /var
du -shx /var
ls -la /home
find /srv -name '*.log' -size +1M -type f
tail -n 100 /var/log/syslog
tail -n100 /var/log/syslog
head --lines 5 /etc/os-release
grep -rin 'error: x' /var/log
ps aux
ps -eo pid,user,pcpu --sort=-pcpu
ip -br -4 addr
dig +short example.org
ping -c 4 {host:hostname}
ping -c {count:int:1..10} {address:ip}
tail -n {count:int:1..100} {file:path:/var/log}
systemctl status --no-pager {service:unit}
systemctl restart ssh.service
journalctl -u {service:unit} -n 50
curl -sS --max-time 5 'https://example.org/a?b=c'
echo {what:word}
sleep 0.5
getent passwd {name:word}
""".strip().splitlines()


@pytest.mark.parametrize("text", RUNS_OTHERS)
def test_what_may_run_others_is_not_listed(text: str) -> None:
    assert not is_listed(shlex.split(text))


@pytest.mark.parametrize("text", LISTED)
def test_what_only_looks_is(text: str) -> None:
    assert is_listed(parse_command(text))


def test_every_default_is() -> None:
    found = re.findall(r"^\| `default-[a-z-]+` \| `(.*?)` \|", read("docs/catalog.md"), re.M)
    assert len(found) == 32
    assert [text for text in found if not is_listed(parse_command(text))] == []


@pytest.mark.parametrize(
    "text",
    [
        "ip {what:word}",
        "ip netns {action:word} {name:word}",
        "ping {host:word}",
        "ps {what:word}",
        "systemctl {what:word} ssh.service",
        "cat {file:word}",
        "head -n {count:word} /var/log/syslog",
        "{program:word}",
    ],
)
def test_a_place_to_fill_counts_as_all_that_may_be_put_there(text: str) -> None:
    try:
        words = parse_command(text)
    except CommandRefused:
        return
    assert not is_listed(words)


@pytest.mark.parametrize("program", ["df", "cat", "find", "ip", "systemctl", "curl", "ps", "apt"])
@pytest.mark.parametrize(
    "word", ["--", "-", "--xyz", "--exec=x", "-exec", "-o/x", "--output=/x", "@x", "+x", ""]
)
def test_what_is_not_said_to_be_known_is_not(program: str, word: str) -> None:
    assert not is_listed((program, word))


def test_other_writings_of_an_option_are_not() -> None:
    assert is_listed(("df", "--human-readable"))
    assert not is_listed(("df", "--human"))
    assert not is_listed(("df", "--human-readable=x"))
    assert not is_listed(("tail", "-n"))
    assert not is_listed(("tail", "-n", "--pid=1"))
    assert not is_listed(("tail", "-nx/y"))
