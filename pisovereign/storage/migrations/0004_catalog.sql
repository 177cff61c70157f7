-- The catalog of system commands: defaults that everybody has, and commands that users added.

CREATE TABLE catalog_commands (
    id text PRIMARY KEY,
    -- NULL: a default. It is put here once; one that was deleted does not come back.
    user_id uuid,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL,
    description text NOT NULL,
    -- As it was written, and split into words, once: strings, and objects where an argument goes.
    command text NOT NULL,
    argv jsonb NOT NULL,
    category text NOT NULL,
    risk_level text NOT NULL CHECK (risk_level IN ('safe', 'moderate', 'dangerous')),
    os text NOT NULL CHECK (os = 'linux'),
    requires_approval boolean NOT NULL,
    network boolean NOT NULL,
    privileged boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CHECK (requires_approval OR risk_level <> 'dangerous'),
    CHECK (NOT privileged OR user_id IS NULL)
);

CREATE INDEX catalog_commands_in_order ON catalog_commands (user_id, seq);

-- While the defaults are put in, the policies are not there yet: they bind the owner too.
INSERT INTO catalog_commands (id, name, description, command, argv, category, risk_level, os,
                              requires_approval, network, privileged)
SELECT 'default-' || slug, name, description, command, to_jsonb(string_to_array(command, ' ')),
       category, risk_level, 'linux', risk_level = 'dangerous', network, risk_level = 'dangerous'
FROM (VALUES
    ('disk-free', 'Disk Free Space', 'Show available disk space on all mounts',
     'df -h', 'filesystem', 'safe', false),
    ('folder-sizes', 'Folder Sizes', 'Show how much the folders in /var take; those that may not be read are named',
     'du -x -h --max-depth=1 /var', 'filesystem', 'safe', false),
    ('inodes', 'Free Inodes', 'Show how many more files each mount can hold',
     'df -i', 'filesystem', 'safe', false),
    ('block-devices', 'Block Devices', 'Show disks, cards and their partitions',
     'lsblk -o NAME,SIZE,TYPE,FSTYPE,LABEL,MOUNTPOINTS', 'filesystem', 'safe', false),
    ('mounts', 'Mounts', 'Show what is mounted, where and how',
     'findmnt --real', 'filesystem', 'safe', false),
    ('uptime', 'Uptime and Load', 'Show how long the system has been running, and its load',
     'uptime', 'system', 'safe', false),
    ('kernel', 'Kernel Version', 'Show kernel, architecture and build',
     'uname -a', 'system', 'safe', false),
    ('os-release', 'Operating System', 'Show name and version of the operating system',
     'cat /etc/os-release', 'system', 'safe', false),
    ('hostname', 'Host Name', 'Show the name of this machine',
     'hostname', 'system', 'safe', false),
    ('memory', 'Memory Usage', 'Show used and available memory (RAM) and swap',
     'free -h', 'system', 'safe', false),
    ('cpu', 'CPU Information', 'Show processor, cores and caches',
     'lscpu', 'system', 'safe', false),
    ('clock', 'Clock', 'Show time, time zone and whether the clock is synchronized',
     'timedatectl status', 'system', 'safe', false),
    ('logged-in', 'Logged-in Users', 'Show who is logged in',
     'who', 'system', 'safe', false),
    ('top-cpu', 'Processes by CPU', 'Show processes, those that use most processor time first',
     'ps -eo pid,user,pcpu,pmem,comm --sort=-pcpu', 'process', 'safe', false),
    ('top-memory', 'Processes by Memory', 'Show processes, those that use most memory first',
     'ps -eo pid,user,pmem,rss,comm --sort=-rss', 'process', 'safe', false),
    ('vmstat', 'System Activity', 'Show processes, memory, swapping, disk and CPU activity over two seconds',
     'vmstat 1 3', 'process', 'safe', false),
    ('addresses', 'Network Addresses', 'Show network interfaces and their IP addresses',
     'ip -brief address', 'network', 'safe', true),
    ('routes', 'Network Routes', 'Show routes and the default gateway',
     'ip route', 'network', 'safe', true),
    ('listening', 'Listening Sockets', 'Show TCP and UDP ports that are listened on',
     'ss -tuln', 'network', 'safe', true),
    ('dns-check', 'DNS Check', 'Look up a name on the internet to see if DNS works',
     'getent ahosts deb.debian.org', 'network', 'safe', true),
    ('ping', 'Ping a Host', 'Ping a host or address four times, such as the gateway',
     'ping -c 4 -w 10 {host:hostname}', 'network', 'safe', true),
    ('wifi', 'Wi-Fi Interfaces', 'Show wireless interfaces and the network (SSID) they are in',
     'iw dev', 'network', 'safe', true),
    ('failed-units', 'Failed Services', 'Show services and other units that failed',
     'systemctl --failed --no-pager', 'service', 'safe', false),
    ('service-status', 'PiSovereign Status', 'Show the state of the PiSovereign service',
     'systemctl status --no-pager --lines=0 pisovereign.service', 'service', 'safe', false),
    ('service-log', 'PiSovereign Log', 'Show the last 100 lines of the PiSovereign service''s log',
     'journalctl -u pisovereign.service -n 100 --no-pager', 'service', 'safe', false),
    ('kernel-errors', 'Kernel Errors', 'Show the last errors that the kernel reported',
     'journalctl -k -p err -n 50 --no-pager', 'system', 'safe', false),
    ('temperature', 'Temperature', 'Show the temperature of the Raspberry Pi''s processor',
     'vcgencmd measure_temp', 'hardware', 'safe', false),
    ('throttling', 'Throttling', 'Show if the Raspberry Pi was slowed by heat or low voltage',
     'vcgencmd get_throttled', 'hardware', 'safe', false),
    ('arm-clock', 'ARM Clock', 'Show the present clock rate of the Raspberry Pi''s processor',
     'vcgencmd measure_clock arm', 'hardware', 'safe', false),
    ('pending-updates', 'Pending Updates', 'Show packages that can be upgraded, as of the last update of the lists',
     'apt list --upgradable', 'maintenance', 'moderate', false),
    ('restart-service', 'Restart PiSovereign', 'Restart the PiSovereign service',
     'systemctl --no-block restart pisovereign.service', 'service', 'dangerous', false),
    ('reboot', 'Reboot', 'Restart the whole machine',
     'systemctl reboot', 'maintenance', 'dangerous', false)
) AS defaults (slug, name, description, command, category, risk_level, network);

UPDATE catalog_commands
SET argv = jsonb_set(argv, '{5}', '{"name": "host", "kind": "hostname", "bound": ""}')
WHERE id = 'default-ping';

ALTER TABLE catalog_commands ENABLE ROW LEVEL SECURITY;
ALTER TABLE catalog_commands FORCE ROW LEVEL SECURITY;
CREATE POLICY everybodys_or_own ON catalog_commands FOR SELECT
    USING (user_id IS NULL
        OR user_id = nullif(current_setting('pisovereign.user_id', true), '')::uuid);
CREATE POLICY add_own ON catalog_commands FOR INSERT
    WITH CHECK (user_id = nullif(current_setting('pisovereign.user_id', true), '')::uuid);
CREATE POLICY delete_everybodys_or_own ON catalog_commands FOR DELETE
    USING (user_id IS NULL
        OR user_id = nullif(current_setting('pisovereign.user_id', true), '')::uuid);

-- Commands are never changed: what was looked at is what runs.
GRANT SELECT, INSERT, DELETE ON catalog_commands TO pisovereign_app;
