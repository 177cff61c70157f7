"""Commands in German."""

from __future__ import annotations

from pisovereign.parsing.patterns import (
    CommandPatterns,
    EventPatterns,
    ReminderPatterns,
    RequestPatterns,
    load_queries,
)
from pisovereign.parsing.times.german import GERMAN as TIMES

_REQUESTS = RequestPatterns(
    lead_in=(
        r"(?:hallo|hi|hey|moin|servus|ok|okay|also|so|ja|gut|super|prima|danke|und|dann|ach ja"
        r"|bitte|guten (?:morgen|tag|abend)|übrigens|mal|schnell|noch etwas|(?:hallo|hey|hi|ok"
        r"|okay) (?:pi|pisovereign|assistent|computer)|(?:pi|pisovereign|assistent"
        r"|computer)(?=[,!:]))[\s,!.:–-]+"
    ),
    polite=(
        r"(?:(?:kannst|kannste|könntest|koenntest|würdest|wuerdest|willst|magst) (?:du )?(?:(?:mir"
        r"|uns|bitte|mal|vielleicht|kurz|noch|schnell|auch)\b ?)*|können sie (?:mir |uns |bitte )*"
        r"|ich (?:möchte|will|würde|moechte|wuerde|hätte)(?: gerne?| bitte)*(?:,? dass du(?= mich"
        r"| uns))?|sei so gut und|sei so lieb und|tu mir den gefallen und|lass uns|lasst uns"
        r"|du sollst|ich will,? dass du|können wir|könnten wir|ich brauche(?= .*erinnerung))[\s,]*"
    ),
    trailer=(
        r"(?:[\s,!.?–-]+(?:bitte(?: schön)?|danke(?: schön| dir| sehr)?|vielen dank|merci"
        r"|ok(?:ay)?))?[\s,!.?–-]*"
    ),
    filler=(
        r"(?:hi|hallo|hey|moin|danke|bitte|vielen dank|ok|okay|super|prima|guten (?:morgen|tag"
        r"|abend)|tschüss)(?: (?:pi|pisovereign|dir|schön|sehr|schon mal|im voraus|zusammen))?"
    ),
    about_text=(
        r"\b(?:übersetz\w*|formulier\w*|umschreib\w*|korrigier\w*|fass\w* (?:diesen|den folgenden)"
        r"|buchstabier\w*|geschichte|gedicht|lied|aufsatz|roman|satz|satzes|absatz|wort|wörter"
        r"|wortes|bedeute\w*|heißt|beispiel\w*|rollenspiel|stell dir vor|angenommen|schrieb\w*"
        r"|sagte\w*|sagt|gesagt|fragte|gefragt|betreff:|von:|weitergeleitet)\b"
    ),
    retraction=r"\b(?:vergiss es|egal|nur spaß|doch nicht|lieber nicht|nein,? warte|lass es"
    r"|kleiner scherz)[\s.!]*$",
    undoing=(
        r"(?:lösche?|loesche?|verschiebe?|schiebe?|verlege?|storniere?|streiche?|entferne?|leere?"
        r"|ändere?|aendere?|cancel[ne]?|cancle)\b"
        r"|sage?\b(?!.*\b(?:mir|uns|was|wie|welche\w*|ob|wann|wo|wer)\b).* ab\b|sage?\b.* ab$"
        r"|.* ab ?sagen$|(?:blase?|hake?|setze?)\b.* ab$|trage?\b.* aus$"
        r"|(?:mache?|tue?|nimm|wirf|lass)\b.* (?:weg|raus|heraus|rückgängig|ausfallen)$"
        r"|(?:stelle?|schalte?)\b[^:]* (?:um|aus|ab)$|plane?\b.* um(?:$| auf\b)"
        r"|(?:setze?|stelle?|lege?)\b.* von \d[\d:.]*(?: uhr)? auf \d"
    ),
)

_EVENT_NOUN = (
    r"(?:\w*termin|meeting|treffen|besprechung|sitzung|gespräch|gespraech|anruf|telefonat"
    r"|videoanruf|videocall|call|kalendereintrag|eintrag|ereignis|veranstaltung|verabredung"
    r"|mittagessen|abendessen|frühstück|essen|kaffee|party|feier|geburtstag|workshop|seminar"
    r"|webinar|interview|kurs|stunde|training|unterricht|konferenz|besuch|untersuchung|friseur"
    r"|zahnarzt|arzt|tierarzt|physio|konzert|präsentation|probe|jahrestag|hochzeit|ausflug|prüfung"
    r"|sprechstunde|\w+abend|meeting)"
)
_WHAT = r"(?P<rest>.+?)"
_EVENTS = EventPatterns(
    clear=(
        rf"(?:trage?|schreibe?|tu) {_WHAT} ein",
        r"(?:trage?|schreibe?|tu) (?P<rest>(?:.+ )?ein:.+)",
        r"merke? (?P<rest>(?:.+ )?vor:.+)",
        rf"(?:plane?|setze?) {_WHAT} (?:ein|an)",
        r"(?:plane?|vereinbare?|verabrede?|terminiere?|organisiere?) (?P<rest>.+)",
        r"(?:blocke?|blockiere?|reserviere?)(?: mir)? (?P<rest>(?!.*\b(?:tisch|hotel|zimmer"
        r"|tickets?|karten|platz|plätze|flug)\b).+)",
        rf"merke? {_WHAT} vor",
        rf"(?:kalendereintrag|termineintrag) {_WHAT}",
        rf"{_WHAT} (?:eintragen|einplanen|vereinbaren|terminieren|ansetzen|einschreiben|verabreden"
        r"|blocken|planen)",
        r"neue[rs]? (?P<rest>(?:kalendereintrag|termin|eintrag|ereignis|meeting|treffen"
        r"|besprechung)\b.+)",
        r"(?:(?:neuen |einen )?(?:termin|kalendereintrag|eintrag|ereignis) (?:anlegen|erstellen"
        r"|eintragen|hinzufügen)|termin|meeting):\s*(?P<rest>.+)",
    ),
    vague=(
        rf"(?:lege?|setze?) {_WHAT} (?:an|fest|ein)",
        rf"(?:füge?|fuege?) {_WHAT} (?:hinzu|ein)",
        rf"mache? {_WHAT} (?:aus|ab)",
        r"(?:notiere?|mache?|erstelle?|setze?|schreibe?|packe?|buche?|leg|lege|erzeuge?"
        rf"|stelle?) {_WHAT}",
        rf"{_WHAT} (?:anlegen|erstellen|hinzufügen|hinzufuegen|machen|notieren|aufnehmen|packen"
        r"|setzen|schreiben"
        r"|festlegen|buchen|einstellen|ausmachen|abmachen)",
        r"(?P<rest>.+ in (?:den|meinen|unseren) kalender)",
    ),
    timed=(rf"(?:füge?|fuege?) {_WHAT} hinzu", rf"{_WHAT} hinzufügen"),
    headings=r"(?:kalender)?eintrag|termin|meeting|besprechung|treffen",
    nouns=rf"\b{_EVENT_NOUN}(?:e|s|en)?\b",
    prepositions=r"\b(?:über|von|für|fuer|mit|wegen|zum?|zur|in|im|am|an|auf|aus|bei|beim"
    r"|namens)\b",
    generic=r"(?:(?:kalender)?eintrag|termin|ereignis|veranstaltung)",
    continuations=r"(?:mit|beim?|zur?|zum|wegen|über|in|im|am|an|auf|bzgl\.?|namens)\b",
    calendar=(
        r"\b(?:in|im|zu|zum|auf|für)(?: (?:den|meinen|meinem|dem|unseren"
        r"|unserem))?(?: \w+)? ?kalender\b|\bin meine termine\b|\b(?:den|meinen"
        r"|unseren) kalender\b(?=[\s\x1f]*für)"
    ),
    named=(
        r"\b(?:namens|mit (?:dem )?(?:titel|namen|betreff)|genannt|titel:"
        r"|betitelt|(?:ein|hinzu|vor|termin[\s\x1f]+an):[\s\x1f]*)[\s:]*(?P<title>[^\x1f]+)"
    ),
    place=(
        r"\b(?:im|in|beim|bei|in der|in dem|in den|in die|auf dem|auf der|vor dem"
        r"|am) (?P<place>(?!\x1f)[^\x1f,]+?)(?=\s*(?:[\x1f,]|$|\b(?:mit|wegen|über|für|zum|zur|ein"
        r"|an)\b))"
    ),
    no_place=(
        r"(?:mit|zu|und|für|englisch|deutsch|ruhe|person|zukunft|anspruch|ordnung|kalender"
        r"|meinen kalender|den kalender|zeit|bezug|sachen|frage|meine|meinem)\b"
    ),
    excluded=(
        r"\b(?:nicht|kein\w*|nie|niemals|nein|wenn|falls|ob|ich|du|er|wir|man|habe?|hast|hat|haben"
        r"|hatte\w*|war|waren|wurde\w*|worden|wollte\w*|sollte\w*|soll|sollen|muss|müssen"
        r"|musste\w*|kann|kannst|können|konnte\w*|weil|dass|jede\w*|bevor|damit|nachdem|sondern"
        r"|statt|warum|wie|gebeten|zu (?:erstellen|planen|machen)|ist|sind|wird|werden|würde|hätte"
        r"|wäre|könnte\w*|vielleicht|eigentlich|gestern|bloß|sie|brauch\w*|lösch\w*|nichts"
        r"|abgesagt|verschoben|aus (?:meinem|dem|unserem) kalender)\b"
    ),
)

_A_TIME = r"(?:in|um|am|morgen|heute|übermorgen|nächste\w*|kommende\w*|\w+tag)\b"
_REMINDERS = ReminderPatterns(
    forms=(
        r"erinner[e']?(?: mich| uns)\b[\s,]*(?P<rest>.+)",
        r"erinnerst du (?:mich|uns)\b[\s,]*(?P<rest>.+)",
        r"(?:mich|uns)\b (?P<before>.*?)(?:daran |dran )?erinnern,? (?P<rest>.+)",
        r"(?:mich|uns)\b (?P<rest>.+?)(?: zu)? erinnern",
        r"(?:dass du )?(?:mich|uns)\b (?P<before>.*?)(?:daran |dran )?erinnerst,? (?P<rest>.+)",
        r"(?P<before>.+?),? erinner[e']? (?:bitte )?(?:mich|uns)\b[\s,]*(?P<rest>.+)",
        r"(?:setze?|stelle?|erstelle?|mache?|lege?|füge?|fuege?|gib)(?: mir"
        r"| uns)? (?P<before>[^,:]*?)(?:eine |ne |die |'ne )?(?:neue )?erinnerung\b(?: (?:ein|an"
        r"|hinzu)(?=\s*[:,]))?\s*(?P<rest>.+)",
        r"(?:neue |eine )?erinnerung\b\s*(?P<rest>(?:" + _A_TIME + r"|für|fuer|an|:).+)",
        r"(?:eine )?erinnerung\b\s*(?P<rest>.+) (?:setzen|anlegen|erstellen|einstellen|hinzufügen"
        r"|stellen)",
        r"(?P<before>.*?)(?:eine |ne )?erinnerung\b (?P<rest>(?:an|ans|daran|für|:).+)",
        r"(?:vergiss nicht|denk(?:e)? (?:daran|dran)),? (?:mich|uns) (?P<rest>.+?) zu erinnern",
        rf"(?:ich muss )?(?P<rest>(?:{_A_TIME}|an|ans|daran)\b.+?) erinnert werden",
        rf"(?P<rest>{_A_TIME}.+?) erinnern",
        r"lass (?:mich|uns) nicht vergessen[\s,]+(?P<rest>.+)",
    ),
    noun_markers=(
        r"an (?:den|die|das|meine[nrm]?|unsere[nrm]?|deine[nrm]?|ein(?:en?)?)\b|ans\b|an\b"
        r"|am (?=\w+en\b)|zum\b|für\b|fuer\b|wegen\b"
    ),
    clause_markers=r"(?:daran|dran)?[\s,]*(?:dass|damit)\b(?: ich| wir)?|(?:namens|mit dem titel)\b"
    r"|(?:daran|dran)\b[\s,]*|[:,–-]",
    filler=r"bitte|mal|doch|noch|nochmal|wieder|dann|auch|(?:daran|dran)(?=,? erinnern)",
    excluded=r"\b(?:nicht|kein\w*|nie|niemals|ich mich)\b",
    second=(
        r"\bund (?:(?:dann|auch|noch|nochmal|bitte) )*(?:\x1f[\x1f ,]*(?:ans?|am|zum|für|fuer|wegen"
        r"|daran|dran|dass|damit)|erinner[e']? (?:mich|uns))\b"
        r"|\b(?:\w*zu\w{3,}|zu \w{2,})n,? und (?:dann )?\x1f"
    ),
    listed=r"[,;] (?:dann )?\x1f[\x1f ,]*(?:ans?|daran|dran)\b",
    fixed=(
        r"(?P<title>weck)e? (?:mich|uns)\b(?P<left>.*)",
        r"(?:mich|uns)\b(?P<left>.*) (?P<title>weck)en",
        r"(?:stelle?|starte?|setze?|mache?|erstelle?)(?: mir)? (?:einen |den "
        r"|nen )?(?P<title>timer|wecker|alarm)\b(?P<left>.*)",
        r"(?:einen )?(?P<title>timer|wecker|alarm)\b(?P<left> (?:auf|für|um|in|von)\b.*)",
    ),
    conditional=(
        r"\b(?:wenn|falls|sobald|immer wenn|sofern|solange|es sei denn|vorausgesetzt"
        r"|außer (?:es|er|sie|ich|wir|der|die|das))\b"
    ),
    unconditional=r"(?:fragen?|prüfen|schauen|nachsehen|checken|wissen)\b[\w\s,]*$",
    replacements=(
        (r"^weck$", "Wecken"),
        (
            r"\b(ab|an|auf|aus|bei|durch|ein|fest|fort|frei|her|hin|hoch|los|mit|nach|runter|raus"
            r"|um|vor|weg|weiter|zu|zurück|zusammen|rein|rüber|vorbei|hinaus|heraus"
            r"|herunter)zu(\w{3,}n)$",
            r"\1\2",
        ),
        (r"\bzu (\w{2,}n)$", r"\1"),
                (r"^(.*\w{3,}n) (?:muss|soll)$", r"\1"),
    ),
    keywords=r"\b(?:erinner\w*|vergess\w*|vergiss|denk\w*|wecker|weck\w*|timer|alarm|bescheid"
    r"|melde?)\b",
)  # fmt: skip

GERMAN = CommandPatterns(
    language="de",
    times=TIMES,
    requests=_REQUESTS,
    events=_EVENTS,
    reminders=_REMINDERS,
    articles=r"(?:ein|eine|einen|einem|einer|der|die|das|den|dem|mein|meine|meinen|meinem|meiner"
    r"|nen|ne)\b",
    loose_ends=(
        r"(?:als|für|fuer|um|am|an|ab|vom|von|zu|mit|in|im|und|auf|bitte|mir|uns|mal|doch|noch|es"
        r"|gegen|bis|den|der|die|das|gerne?|schnell|kurz|auch|daran|dran|dafür|namens|ein)"
    ),
    opening_words=(
        "was wie welche welcher welches welchen wann wo wer zeig zeige liste sag sage gib nenn"
        " nenne habe hab haben gibt ist sind bin ob wird regnet schneit scheint brauche muss steht"
        " stehen lies öffne prüfe prüf check checke hol ruf rufe fasse fass schau schaue such such"
        " finde test teste ping pinge bitte aktuelle aktuelles mein meine meinen heutige der die"
        " das den läuft kommt kommen starte start neue irgendwelche noch mach liegt liegen lass"
        " funktioniert geht kann wieviel wieviele soll hast sind mir starten reicht könnte soll"
        " hat"
    ),
    common_words=(
        "aktuelles etwas der die das den dem des ein eine einen einem einer mein meine meinen"
        " meinem meiner unser unsere mir mich ich wir uns du dir dein deine deinen deiner ist sind"
        " bin bist sei zu für fuer von vom an am im in auf bei mit und es da dort dies diese"
        " diesem dieser dieses zeig zeige zeigen zeigst anzeigen liste auflisten auf sag sage nenn"
        " nenne gib geben gibt gibt's gibts schau an öffne öffnen lies vor prüfe prüfen check"
        " checke bitte was wie welche welcher welches welchen alle alles einige hat habe hab haben"
        " hast kann kannst wird werden jetzt gerade aktuell aktuelle aktuellen aktueller heutige"
        " heutigen mal schnell kurz noch auch denn so eigentlich momentan derzeit hier schon"
        " irgendwelche irgendein über nach viel viele wieviel wieviele brauche möchte will wissen"
        " sehen ansehen anschauen sehe momentane gern gerne mir's abrufen ruf holen hol ab doch"
        " eben zur zum als dran sagen nennen verraten mitteilen"
    ),
    machine_words=(
        "pi raspberry rpi server system rechner computer maschine gerät kiste box pisovereign"
        " assistent host systems servers rechners raspi"
    ),
    imperative_words=(
        "starte start boote reboote bitte neu neustart den pisovereign raspberry rebooten"
    ),
    place=r"(?:in|für|bei|um|aus)(?: der| dem| den)?",
    no_place_words="der die das den dem mir uns hier draußen moment heute morgen kürze zukunft"
    " ordnung etwa",
    not_asked=(
        r"\b(?:nicht|kein\w*|nie|war|waren|hatte\w*|wurde\w*|wäre|würde|sollte\w*|vielleicht|wenn"
        r"|falls|gesagt|schreib\w*|lösch\w*|verleg\w*|absag\w*|stornier\w*|streich\w*|entfern\w*"
        r"|nimm|sage?\b.* ab|schick\w*|antworte\w*|verschieb\w*|ändere?|erklär\w*|übersetz\w*|warum"
        r"|wieso|wie (?:funktioniert|kann|macht|stelle|entsteh\w*))\b"
    ),
    pronoun_words="ich wir du er sie ihr",
    definition=(
        r"was (?:ist|sind|bedeutet|heißt|meint|bedeuten)(?! ge\w+t$| los$| an$"
        r"| neu$)(?: eigentlich| denn)? (?:eine? |der begriff |das wort )?(?:\x00+|[\wäöüß-]+)"
        r"|(?:wie|wo|womit|wodurch) (?:kann|könnte|erstelle?|lege?|mache?|trage?|füge?|setze?"
        r"|schreibe?|plane?|soll|muss|stelle?)(?: ich| man| wir)\b.*"
        r"|wie funktioniert (?!die dns).*|was ist ein(?:e|en)? .*|was passiert .*|kann man .*"
        r"|warum .*|wieso .*|weshalb .*"
    ),
    mornings=r"\b(?:frühstück|weck\w*|aufstehen|sonnenaufgang|joggen)\b",
    evenings=(
        r"\b(?:(?!mittag)\w*essen|party|konzert|kino|theater|oper|feier|kneipe|bier|\w+abend"
        r"|schlafen|bett|feierabend|spieleabend)\b"
    ),
    by_name=(
        r"(?:führe?|fuehre?)(?: den| das)?(?: system)?(?: ?befehl| ?kommando)? (?P<name>.+?) aus",
        r"(?:den |das )?(?:befehl |kommando )?(?P<name>.+?) ausführen",
    ),
    ping=(
        r"(?:ping|pinge) (?:den |die )?(?:host |adresse |server "
        r"|rechner )?(?P<host>[^\s]+)(?: an)?",
        r"(?:den |die )?(?:host |adresse |server |rechner )?(?P<host>[^\s]+) (?:an)?pingen",
    ),
    queries=load_queries("de", "queries"),
    system_queries=load_queries("de", "system_queries"),
)
