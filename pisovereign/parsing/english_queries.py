"""Questions in English: about the calendar, mail and the like, and about the computer."""

from __future__ import annotations

from pisovereign.parsing.phrases import Query

QUERIES: dict[str, tuple[Query, ...]] = {
    "calendar": (
        Query(
            "calendars?|schedule|agenda|diary|appointments?|meetings?|events?|week|plans",
            "scheduled planned coming upcoming next first last? day when when's today free busy"
            " look looks looking like on going happening i'm going week month entries plans? plan"
            " time rest anything in read overview many summary list",
        ),
        Query(
            "am|are+free|busy|available|booked",
            "i we at time",
        ),
        Query("do|have+i|we+time", "any"),
        Query(
            "what|what's|whats|anything+on|planned|scheduled|happening|up|doing",
            "plans i we going have got day coming else happening next",
        ),
        Query("what|what's+on|today", "going", dated=True),
        Query("how|what|what's+look|looks|looking|like", "does do", dated=True),
        Query("what|what's|anything+have|do|got", "i we got plans going", dated=True),
        Query("plans|schedule+i|my|we|today|tomorrow", "what what's"),
    ),
    "weather": (
        Query(
            "weather|forecast|temperature|temperatures",
            "like outside report today now feel forecast conditions out there going be local"
            " degrees update info information doing looking look",
        ),
        Query(
            "rain|raining|rainy|snow|snowing|sunny|cloudy|windy|storm|stormy|foggy|warm|cold|hot"
            "|humid|freezing|chilly|wet|dry|umbrella|raincoat|jacket|coat|degrees|sun|shining",
            "going be outside like today it's need needed it's out there now jacket coat my take"
            " should bring i many feel soon later gonna",
        ),
    ),
    "emails": (
        Query(
            "e-?mails?|mails?|inbox|mailbox|gmail",
            "unread new recent newest last important messages? summary overview summari[sz]e"
            " received did came come arrived if top most waiting today anything many got i've list"
            " digest recap mail one two three four five six seven eight nine ten twenty fifty new",
        ),
        Query(
            "messages+unread|new|inbox|latest|last",
            "in recent one two three four five six seven eight nine ten many",
        ),
    ),
    "briefing": (
        Query(
            "briefing|briefings",
            "morning daily day today start begin run today's good ready do hear",
        ),
        Query("brief+me", "today day morning good on my start"),
        Query(
            "morning|daily+update|overview|summary|report|rundown|digest|roundup|recap",
            "my today start day",
        ),
        Query("start+day|morning", "my good"),
        Query("catch|fill+day|morning", "me up my in on today"),
        Query("overview|summary|rundown|recap|summari[sz]e+day", "my today"),
    ),
    "help": (
        Query("help", "me can how you list commands menu show need"),
        Query("what+can|able+do", "you kind of things all things everything else"),
        Query("commands?", "available list know there supported understand help possible all"),
        Query("options|features|abilities|capabilities|skills", "here available list there"),
        Query("what+can+ask|say", "you"),
        Query("how+use|work|works?+this|you", "does can"),
    ),
    "reminders": (
        Query(
            "reminders?",
            "open pending active upcoming set due today outstanding left next coming future i've"
            " tomorrow",
        ),
    ),
}  # fmt: skip

_MACHINE = (
    "enough much many is free left space usage used available total remaining status info details"
)
SYSTEM: dict[str, tuple[Query, ...]] = {
    "disk-free": (
        Query(
            "disks?|storage|drive|drives|ssd|sd|card|partition|filesystem|hdd+space|free|left"
            "|usage|used|full|available|remaining|room|capacity|much",
            "percent",
        ),
        Query("df"),
        Query("free|available+space", "much left"),
    ),
    "folder-sizes": (
        Query(
            "folders?|directory|directories+sizes?|big|biggest|large|largest|space|most", "take up"
        ),
        Query("du"),
    ),
    "inodes": (Query("inodes?", f"{_MACHINE} enough"),),
    "block-devices": (
        Query("block+devices?"),
        Query("lsblk"),
        Query("disks|drives|partitions", "connected attached installed"),
    ),
    "mounts": (
        Query(
            "mounts?|mounted|mountpoints?",
            "file systems? filesystems? what's drives? points?",
        ),
    ),
    "uptime": (
        Query("uptime"),
        Query("long+running|up|on", "been time"),
        Query("when+booted|rebooted|restarted|started|reboot|boot|restart", "last was since"),
    ),
    "kernel": (Query("kernel", "version running release which"), Query("uname")),
    "os-release": (
        Query("os|operating|distro|distribution|debian|raspbian",
            "system version release running installed",),
    ),
    "hostname": (Query("hostname"), Query("host|computer|machine|pi's|pi+name", "called")),
    "memory": (
        Query("memory|ram|swap", f"{_MACHINE} enough"),
    ),
    "cpu": (
        Query("cpu|processor+info|information|details|model|type|kind|cores?|many|which|have|has"),
        Query("lscpu"),
    ),
    "clock": (
        Query("system|pi+clock|time|date", "set synced synchronized ntp timezone zone"),
        Query("timedatectl"),
        Query("clock|time+synced|synchronized|ntp", "system"),
    ),
    "logged-in": (
        Query("who|users?|anyone|who's|whos|anybody+logged|log|signed", "in on else"),
    ),
    "top-cpu": (
        Query(
            "process|processes|program|programs|what|what's|task|tasks|app|apps|anything+cpu"
            "|processor+most|using|use|uses|hogging|eating|top|heavy|taking|consuming",
            "load by busy usage up much",
        ),
        Query("processes", "running list"),
        Query("top+cpu|processes", "by usage most"),
        Query("cpu|processor+load|usage|utili[sz]ation", "high busy current"),
    ),
    "top-memory": (
        Query(
            "process|processes|program|programs|what's|app|apps|task|tasks|what+memory|ram+most"
            "|using|use|uses|eating|hogging|top|by|consuming",
            "all usage up much taking",
        ),
        Query("top+memory|ram", "processes usage by"),
    ),
    "vmstat": (Query("vmstat"), Query("virtual+memory+statistics|stats")),
    "addresses": (
        Query("ip|ips|network+address|addresses|interfaces?", "addr local current lan"),
        Query("ip", "what's what your my local current"),
    ),
    "routes": (Query("routes?|routing|gateway", "table default network which"),),
    "listening": (
        Query("ports?|sockets?", "open listening tcp udp used services in use network"),
        Query("what|who|services+listening", "ports network"),
    ),
    "dns-check": (
        Query("dns", "work works working ok test resolution lookup resolve names functional fine"),
        Query("name+resolution", "work works working test"),
    ),
    "wifi": (
        Query(
            "wi-?fi|wlan|wireless",
            "connected signal strength status network good strong connection ssid on quality link"
            " info",
        ),
    ),
    "failed-units": (
        Query(
            "failed|failing|broken|crashed+services?|units?|systemd|daemons?",
            "systemd services have that",
        ),
        Query("services?|units?+failed|failing|crashed|broken|down", "running systemd"),
    ),
    "service-status": (
        Query("pisovereign|service|your+status|state", "running healthy service ok"),
        Query("pisovereign|service+running|healthy|active", "is service"),
    ),
    "service-log": (
        Query(
            "pisovereign|service|your|assistant+logs?|journal",
            "last recent entries lines newest file",
        ),
    ),
    "kernel-errors": (
        Query("kernel|dmesg|hardware+errors?|messages|warnings|problems|log"),
        Query("dmesg"),
    ),
    "temperature": (
        Query(
            "cpu|processor|pi|soc|core|chip|board|machine|server|system|pi's|you|raspberry"
            "|computer+temperature|temp|hot|warm|temps|overheating|heat",
            "how running getting too degrees",
        ),
    ),
    "throttling": (
        Query(
            "throttled|throttling|undervoltage|under-voltage|voltage|underpowered",
            "being low power supply cpu status enough",
        ),
    ),
    "arm-clock": (
        Query("cpu|arm|processor|clock+frequency|speed|mhz|ghz|clocked", "clock fast running"),
        Query("fast+cpu|processor", "running clock"),
    ),
    "pending-updates": (
        Query(
            "updates?|upgrades?|upgradable|updated",
            "available pending packages? software security system new check waiting outdated there"
            " date",
        ),
        Query("packages+outdated|upgradable|updates?", "need updating"),
    ),
    "restart-service": (
        Query("restart+pisovereign|service|yourself|assistant", "now service the"),
    ),
    "reboot": (
        Query("reboot|restart+pi|raspberry|system|server|machine|computer|device|board|rpi", "now"),
        Query("reboot", "now yourself"),
    ),
}  # fmt: skip
