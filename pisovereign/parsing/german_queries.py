"""Questions in German: about the calendar, mail and the like, and about the computer."""

from __future__ import annotations

from pisovereign.parsing.phrases import Query

QUERIES: dict[str, tuple[Query, ...]] = {
    "calendar": (
        Query(
            "kalender|terminkalender|terminplan|termine?n?|meetings?|besprechungen|verabredungen"
            "|agenda|tagesplan|wochenplan|veranstaltungen|ereignisse|stundenplan|woche|eingetragen",
            "steht stehen anstehende anstehenden nächster nächsten nächstes nächste kommende"
            " kommenden geplant eingetragen frei etwas was übersicht irgendwas irgendetwas ersten"
            " erster erstes viele aussehen sieht aus los tag woche einträge plan liegen",
        ),
        Query("frei|verfügbar|beschäftigt|verplant|belegt+bin|sind|habe|haben|hab", "zeit lust"),
        Query(
            "was+vor|an|geplant|los|ansteht|anstehen|plan",
            "steht liegt habe alles auf programm",
        ),
        Query("zeit+habe|hab"),
        Query("was+machen|mache|tun|kommt", "wir ich nächstes als", dated=True),
        Query("was+nächstes", "kommt als"),
        Query("wie+sieht|schaut|aussehen", "aus wird", dated=True),
    ),
    "weather": (
        Query(
            "wetter|wetterbericht|wetterlage|wettervorhersage|temperatur|temperaturen"
            "|außentemperatur",
            "draußen heute wie ist so wird sein bericht lage sieht aus so abrufen grad hoch nach"
            " schauen",
        ),
        Query(
            "regnet|regnen|regen|schneit|schneien|schnee|sonnig|bewölkt|windig|sturm|stürmisch"
            "|gewitter|neblig|warm|kalt|heiß|regenschirm|schirm|regenjacke|jacke|grad|nass|trocken"
            "|glatt",
            "draußen heute scheint brauche mitnehmen muss einen soll geben viel sein brauch nen"
            " bald später anziehen wird noch ich",
        ),
        Query("wie+draußen", "so aktuell"),
        Query("sonne+scheint|scheinen", "wird noch draußen die heute"),
    ),
    "emails": (
        Query(
            "e-?mails?|mails?|posteingang|postfach|inbox|mailbox|mailpostfach|post"
            "|e-mail-übersicht|mailübersicht|e-mail-zusammenfassung|mail-zusammenfassung",
            "nachsehen ob neu neue neuen sind neues neueste neuesten aktuellsten letzte letzten"
            " letzter ungelesene ungelesenen ungelesen wichtige wichtigen übersicht"
            " zusammenfassung fasse fass zusammen zusammenfassen nachrichten eingegangen"
            " angekommen gekommen erhalten bekommen zwei drei vier fünf sechs sieben acht neun"
            " zehn zwanzig liegen los",
        ),
        Query(
            "nachrichten+ungelesene|neue|neuen|letzten|neuesten|postfach|posteingang",
            "zwei drei vier fünf sechs sieben acht neun zehn aus",
        ),
    ),
    "briefing": (
        Query(
            "briefing|morgenbriefing|morgen-briefing|tagesbriefing|morgenüberblick|tagesüberblick"
            "|tagesübersicht|morgenübersicht|lagebericht|tageszusammenfassung",
            "morgen morgendliches morgendliche tägliches tägliche starte start beginne guten tag"
            " heute morgens hören lautet",
        ),
        Query(
            "überblick|zusammenfassung|übersicht+tag|tages|heute|morgen|tag",
            "guten verschaff meines fasse",
        ),
        Query("brief|briefe+mich|uns", "heute tag"),
        Query("starte|beginne+tag", ""),
        Query("was+wichtig|wichtiges|neues", "heute mich tag"),
        Query("bring+stand", "mich neuesten neusten tages"),
    ),
    "help": (
        Query("hilfe|hilf|befehle|befehlsliste|kommandos|help",
              "kennst verstehst anzeigen verfügbar liste verfügbaren möglich alle zeigen"
              " verfügbare brauche"),
        Query("was|wie|wobei+kannst|können", "mir alles helfen du so sachen machen tun für"),
        Query("möglichkeiten|funktionen|optionen|fähigkeiten", "stehen hier verfügung"),
        Query("was+fragen|verlangen|sagen|tun", "dich kann alles man"),
        Query("wie+funktionierst|bediene|benutze|benutzt", "dich man du"),
        Query("womit|wobei+helfen", "kannst du"),
    ),
    "reminders": (
        Query(
            "erinnerungen",
            "offene offenen aktive aktiven anstehende anstehenden stehen aus gesetzt ausstehende"
            " ausstehenden kommen kommenden geplant geplanten eingestellt nächsten",
        ),
        Query("woran+denken", "muss ich"),
        Query("woran+erinnern|erinnerst", "du mich sollst wirst"),
    ),
}  # fmt: skip

SYSTEM: dict[str, tuple[Query, ...]] = {
    "disk-free": (
        Query(
            "speicherplatz|festplattenplatz|plattenplatz|festplattenbelegung|plattenbelegung"
            "|festplattenspeicher|speicherbelegung|festplattenauslastung|speicherkapazität"
            "|plattenspeicher",
            "frei freien freier verfügbar übrig belegt rest bleibt genug zur verfügung",
        ),
        Query(
            "festplatte|platte|ssd|sd-karte|sd|speicherkarte|laufwerk|laufwerke|speicher"
            "|disk+platz|voll|belegt|belegung|belegten|kapazität",
            "karte frei freien noch übrig wie",
        ),
        Query("platz+frei|freier|übrig", "festplatte platte ssd karte sd-karte speicherkarte"),
    ),
    "folder-sizes": (
        Query(
            "ordner|ordnern|verzeichnisse?|verzeichnissen|ordnergrößen|verzeichnisgrößen+groß"
            "|größe|größen|größten|platz|meisten|speicherplatz|ordnergrößen|verzeichnisgrößen",
            "belegen brauchen",
        ),
    ),
    "inodes": (Query("inodes?", "genug noch frei freie belegt viele verfügbar übrig"),),
    "block-devices": (
        Query("blockgeräte|block-geräte|laufwerke|datenträger|partitionen|lsblk|festplatten",
              "angeschlossen angeschlossene angeschlossenen verbunden hängen eingebaut"),
    ),
    "mounts": (
        Query("mounts|gemountet|eingehängt|einhängepunkte|mountpoints|eingehängte|eingehängten"
        "|gemountete|gemounteten",
              "dateisysteme laufwerke"),
    ),
    "uptime": (
        Query("uptime|betriebszeit|laufzeit", "system"),
        Query("lange+läuft|an|laufen|online", "seit wann schon"),
        Query(
            "wann|seit+neustart|reboot|gestartet|neugestartet|hochgefahren|gebootet|läuft",
            "zuletzt letzten letzte war wurde boot system",
        ),
    ),
    "kernel": (Query("kernel|kernel-version|kernelversion|linux-kernel", "version läuft linux"),),
    "os-release": (
        Query(
            "betriebssystem|betriebssystemversion|distribution|distro|linux-version|os"
            "|debian-version",
            "version läuft",
        ),
    ),
    "hostname": (
        Query("hostname|rechnername|hostnamen|computername|gerätename", "lautet heißt"),
        Query("heißt+rechner|computer|pi|host|server|gerät", "netz netzwerk"),
    ),
    "memory": (
        Query(
            "arbeitsspeicher|ram|swap|hauptspeicher|arbeitsspeicherauslastung|ram-auslastung"
            "|speicherauslastung|speicherverbrauch|arbeitsspeicherverbrauch|ram-verbrauch",
            "genug frei freier belegt verfügbar übrig auslastung verbraucht genutzt voll verwendet"
            " belegung",
        ),
    ),
    "cpu": (
        Query("cpu|prozessor+info|infos|informationen|daten|details|typ|modell|kerne|welche"
        "|welcher|welchen|eingebaut|hat|verbaut",
              "steckt verbaut dieser was"),
        Query("cpu-info|cpu-infos|prozessorkerne|cpu-kerne|prozessortyp"),
    ),
    "clock": (
        Query("uhr|uhrzeit+synchronisiert|synchron|eingestellt|stimmt|richtig", "geht hier"),
        Query("systemzeit|systemuhr|zeitsynchronisation|zeitzone|ntp",
              "synchronisiert synchron eingestellt stimmt richtig geht status läuft"),
    ),
    "logged-in": (
        Query(
            "wer|jemand|nutzer|benutzer|anwender+angemeldet|eingeloggt|angemeldeten|angemeldete",
            "gerade alles",
        ),
    ),
    "top-cpu": (
        Query(
            "prozesse|prozess|programme|programm|was|wer|dienst|dienste+cpu|prozessor|rechenzeit"
            "|rechenleistung|cpu-last+braucht|brauchen|lastet|auslasten|frisst|fressen|verbraucht"
            "|verbrauchen|belastet|belasten|nutzt|nutzen|zieht|ziehen|meisten|meiste",
            "aus am ganze last rechenzeit",
        ),
        Query("prozesse", "laufen laufende laufenden"),
        Query("cpu|prozessor+auslastung|last|ausgelastet|belastung", "hoch stark"),
        Query("cpu-auslastung|prozessorlast|cpu-last|prozessorauslastung|systemlast", "hoch"),
    ),
    "top-memory": (
        Query(
            "prozesse|prozess|programme|programm|was|wer|dienst|dienste+speicher|ram"
            "|arbeitsspeicher",
            "braucht brauchen meisten meiste frisst fressen verbraucht verbrauchen belegt belegen"
            " am nutzt nutzen ganzen",
        ),
    ),
    "vmstat": (
        Query("vmstat"),
        Query("virtueller|virtuellen|virtuelle+speicher|speichers", "statistik"),
    ),
    "addresses": (
        Query("ip|ip-adresse|ip-adressen|netzwerkadresse|netzwerkadressen|netzwerkschnittstellen"
        "|ips"
              "|netzwerk-schnittstellen|ipadresse", "lautet lauten adresse lokale"),
    ),
    "routes": (
        Query(
            "routen|routing|routingtabelle|routing-tabelle|standardgateway|standard-gateway|route"
            "|gateway",
            "lautet tabelle",
        ),
    ),
    "listening": (
        Query(
            "ports|sockets|port",
            "offen offene offenen lauschen lauschende genutzt belegt belegte belegten benutzt",
        ),
        Query("dienste|wer|was+lauscht|lauschen", "netz netzwerk welchen ports"),
    ),
    "dns-check": (
        Query(
            "dns|namensauflösung|dns-auflösung",
            "funktioniert geht läuft test teste klappt auflösung prüfen ok",
        ),
    ),
    "wifi": (
        Query(
            "wlan|w-lan|wifi|wi-fi|wlan-verbindung|wlan-signal|wlan-empfang|wlan-status",
            "verbunden signal empfang stark verbindung status netz signalstärke welchem gut steht"
            " ssid netzwerk",
        ),
    ),
    "failed-units": (
        Query(
            "dienste|units|services|dienst|systemd-dienste|systemd-units+fehlgeschlagen"
            "|fehlgeschlagene|fehlgeschlagenen|abgestürzt|abgestürzte|abgestürzten|defekte"
            "|ausgefallen|ausgefallene|gescheitert|gescheiterte|kaputt|kaputte|fehlerhafte",
            "systemd laufen",
        ),
    ),
    "service-status": (
        Query("pisovereign|dienst|dienstes|pisovereign-dienst|pisovereign-dienstes+status|zustand"),
        Query("pisovereign|dienst|pisovereign-dienst+läuft|aktiv", "pisovereign"),
    ),
    "service-log": (
        Query(
            "pisovereign|dienst|dienstes|pisovereign-dienstes|pisovereign-dienst|pisovereign-log"
            "|pisovereign-logs|deine|dein+log|logs|protokoll|protokolle|journal|logdatei"
            "|logeinträge|pisovereign-log|pisovereign-logs",
            "letzten letzte einträge zeilen",
        ),
    ),
    "kernel-errors": (
        Query("kernel|dmesg|hardware+fehler|meldungen|fehlermeldungen|warnungen|probleme|log"),
        Query(
            "kernelfehler|kernel-fehler|dmesg|kernelmeldungen|kernel-meldungen|hardwarefehler",
            "letzten",
        ),
    ),
    "temperature": (
        Query(
            "cpu|prozessor|pi|raspberry|chip|platine|board|kern|soc|rechner|server|gerät|du|system"
            "|raspi+temperatur|heiß|warm|überhitzt|grad|hitze",
            "wie zu wird läuft",
        ),
        Query(
            "cpu-temperatur|prozessortemperatur|systemtemperatur|chiptemperatur|kerntemperatur"
            "|cpu-temp",
            "hoch",
        ),
    ),
    "throttling": (
        Query(
            "gedrosselt|drosselung|unterspannung|drosselt|throttling|stromversorgung|spannung"
            "|netzteil",
            "wird taktet ausreichend ok liegt vor cpu genug reicht stark",
        ),
    ),
    "arm-clock": (
        Query("taktfrequenz|taktrate|prozessortakt|cpu-takt|arm-takt|cpu-frequenz"
        "|prozessorfrequenz|cpu-taktfrequenz",
              "hoch cpu prozessors läuft prozessor"),
        Query("cpu|prozessor+takt|taktet|schnell|taktung|mhz|ghz", "läuft"),
    ),
    "pending-updates": (
        Query(
            "updates?|aktualisierungen|paketaktualisierungen|sicherheitsupdates|systemupdates"
            "|update",
            "verfügbar verfügbare ausstehend ausstehende ausstehenden neue pakete stehen aus such"
            " suche suchen nach prüfe ob anstehend anstehende",
        ),
        Query("pakete+veraltet|aktualisiert|aktualisieren|aktualisierbar", "müssen lassen"),
    ),
    "restart-service": (
        Query("starte|start|starten|neustarten|neustart+pisovereign|dienst|pisovereign-dienst"
        "|assistenten|dich"
              "+neu|neustarten|neustart", "selbst"),
    ),
    "reboot": (
        Query("starte|start|starten|neustarten|neustart|boote|booten"
              "+pi|raspberry|server|system|rechner|computer|gerät|raspi|rpi+neu|neustarten"
              "|neustart",
              ""),
        Query("reboot|reboote|rebooten|neustart", "pi raspberry server system rechner machen"),
    ),
}  # fmt: skip
