"""Programs that run others, by all the ways that are known to be tried."""

from __future__ import annotations

import pytest

from pisovereign.catalog.command_line import CommandRefused, parse_command


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("sh -c 'rm -rf x'", "shell"),
        ("bash x", "shell"),
        ("busybox sh", "shell"),
        ("sudo df", "rights"),
        ("su root", "rights"),
        ("pkexec df", "rights"),
        ("cd /", "part of shells"),
        ("eval df", "part of shells"),
        ("python3 -c x", "arguments say"),
        ("python3.11 -c x", "arguments say"),
        ("perl -e x", "arguments say"),
        ("perl5.36.0 -e x", "arguments say"),
        ("lua5.4 x", "arguments say"),
        ("awk 'BEGIN { system(1) }'", "arguments say"),
        ("sed -n 1e", "arguments say"),
        ("git -c core.pager=x log", "arguments say"),
        ("vim -c '!x'", "arguments say"),
        ("env df", "another program"),
        ("xargs df", "another program"),
        ("nohup df", "another program"),
        ("nice -n 5 df", "another program"),
        ("timeout 5 df", "another program"),
        ("ssh host df", "another program"),
        ("docker run x", "another program"),
        ("systemd-run df", "another program"),
        ("busctl call x", "another program"),
        ("ld.so df", "another program"),
        ("ld-linux-aarch64.so.1 df", "another program"),
        ("find / -exec rm '{}' +", "-exec"),
        ("find / -execdir rm", "-execdir"),
        ("find / -ok rm", "-ok"),
        ("tar -cf a b --checkpoint-action=exec=x", "--checkpoint-action"),
        ("tar -cf a b --to-c=x", "--to-c"),
        ("tar -xIf x", "-xIf"),
        ("sort --compress-prog=x a", "--compress-prog"),
        ("split --filter=x a", "--filter"),
        ("rsync -ave x a b", "-ave"),
        ("tcpdump -G 1 -z x", "-z"),
        ("ip netns exec a df", "exec"),
        ("ip netns e a df", "with e"),
        ("ip -batch x", "-batch"),
        ("apt -o DPkg::Pre-Invoke::=x update", "-o"),
        ("apt-get -qoDPkg::Pre-Invoke::=x update", "-qo"),
        ("systemctl -H x status", "-H"),
        ("systemctl edit x", "edit"),
    ],
)
def test_is_refused(text: str, reason: str) -> None:
    with pytest.raises(CommandRefused, match=reason):
        parse_command(text)


@pytest.mark.parametrize(
    "text",
    [
        "df -h", "ip -brief address", "ip -6 route", "find /srv -name '*.log' -size +1M", "sshd",
        "du -sh x", "tar -czf a.tar.gz b", "sort -rn a", "split -b 1M a", "tcpdump -c 5 -i eth0",
        "apt update", "systemctl restart ssh.service", "journalctl -u ssh.service -n 5", "shred x",
        "rsync -a --delete a b", "head -n 5 x", "shutdown -h now", "echo sh bash sudo", "md5sum x",
        "curl -s http://x/", "zip -r a b", "l2ping x", "sha256sum x", "envsubst", "timedatectl",
    ],
)  # fmt: skip
def test_is_not(text: str) -> None:
    parse_command(text)
