"""Times in German."""

from __future__ import annotations

from pisovereign.parsing.times.expressions import DayPart
from pisovereign.parsing.times.patterns import TimePatterns, either

_ONES = {
    "ein": 1, "eins": 1, "zwei": 2, "zwo": 2, "drei": 3, "vier": 4, "fünf": 5, "fuenf": 5,
    "sechs": 6, "sieben": 7, "acht": 8, "neun": 9,
}  # fmt: skip
_HOURS = {**_ONES, "zehn": 10, "elf": 11, "zwölf": 12, "zwoelf": 12}
_TEENS = {
    "dreizehn": 13, "vierzehn": 14, "fünfzehn": 15, "fuenfzehn": 15, "sechzehn": 16,
    "siebzehn": 17, "achtzehn": 18, "neunzehn": 19,
}  # fmt: skip
_TENS = {
    "zwanzig": 20, "dreißig": 30, "dreissig": 30, "vierzig": 40, "fünfzig": 50, "fuenfzig": 50,
}  # fmt: skip
_LATE = {
    "einundzwanzig": 21, "zweiundzwanzig": 22, "dreiundzwanzig": 23, "vierundzwanzig": 24,
}  # fmt: skip
_HALVES = {
    f"{word}einhalb": number + 0.5 for word, number in _ONES.items() if word not in ("ein", "eins")
}
_NUMBERS: dict[str, float] = {
    **_HOURS, **_TEENS, **_TENS, **_HALVES,
    **{f"{one}und{tens}": number + at for tens, number in _TENS.items()
       for one, at in _ONES.items() if one != "eins"},
    "sechzig": 60, "neunzig": 90, "hundert": 100,
    "eine": 1, "einer": 1, "einem": 1, "einen": 1, "ner": 1, "'ner": 1,
    "halbe": 0.5, "halben": 0.5, "eine halbe": 0.5, "einer halben": 0.5, "ner halben": 0.5,
    "anderthalb": 1.5, "eineinhalb": 1.5, "einundeinhalb": 1.5,
}  # fmt: skip
_WEEKDAYS = {"mo": 0, "di": 1, "mi": 2, "do": 3, "fr": 4, "sa": 5, "so": 6}
_PARTS = {
    "früh": DayPart.MORNING,
    "frueh": DayPart.MORNING,
    "morgen": DayPart.MORNING,
    "morgens": DayPart.MORNING,
    "vormittag": DayPart.MORNING,
    "vormittags": DayPart.MORNING,
    "mittag": DayPart.NOON,
    "mittags": DayPart.NOON,
    "nachmittag": DayPart.AFTERNOON,
    "nachmittags": DayPart.AFTERNOON,
    "abend": DayPart.EVENING,
    "abends": DayPart.EVENING,
    "nacht": DayPart.NIGHT,
    "nachts": DayPart.NIGHT,
}
_HOLIDAYS = {
    "silvester": (12, 31),
    "neujahr": (1, 1),
    "heiligabend": (12, 24),
    "heilig abend": (12, 24),
    "weihnachten": (12, 25),
    "nikolaus": (12, 6),
    "valentinstag": (2, 14),
}

# The words of `_NUMBERS`, written so that a pattern of them is short.
_WORDS = (
    rf"(?:(?:{either(o for o in _ONES if o != 'eins')}und)?{either(_TENS)}"
    rf"|{either([*_HOURS, *_TEENS])}"
    rf"|{either(_HALVES)}|sechzig|neunzig|hundert|(?:einer?|ner) halben?|halben?|ein(?:e[rmn]?)"
    r"|'?ner|anderthalb|ein(?:und)?einhalb)"
)
_HOUR_WORDS = either([*_HOURS, *_TEENS, *_LATE, "zwanzig"])
_H12 = rf"(?:{either(_HOURS)}|1[0-2]|0?[1-9])"
_H = rf"(?:2[0-4]|1\d|0?\d|{_HOUR_WORDS})"
_M = (
    r"(?:[0-5]\d|(?:fünf|fuenf)(?:zehn|und\w{3,6}zig|zig)?|zehn|\w{3,7}und(?:zwanzig|dreißig"
    r"|vierzig)"
    rf"|{either(_TENS)})(?! ?min)"
)
_FEW = r"(?:fünf|fuenf|zehn|zwanzig|\d{1,2} min(?:uten)?)"
_UHR = r"(?:uhr\b|h\b)"
_CLEAR = (
    rf"(?:mitternacht|(?:{_FEW} (?:vor|nach) )?halb {_H12}|drei ?viertel {_H12}"
    rf"|viertel (?:vor |nach )?{_H12}|{_FEW} (?:vor|nach) {_H12}(?: uhr\b)?"
    rf"|{_H}[:.][0-5]\d ?{_UHR}|{_H} ?{_UHR}(?: {_M}(?![\w.:]))?|{_H}:[0-5]\d(?::[0-5]\d)?)"
)
_NO_UNIT = (
    r"(?! ?(?:min|stund|tag|woche|monat|jahr|sekund|mal\b|leute|person|gäste|euro|dollar|prozent"
    r"|seiten?\b|%|€|\$|/|:\d|\.(?: ?\d|[ ]?[jfmasond][a-zä]{2})|kg|km|cm|mm|gb|mb|grad))"
)
_LOOSE = rf"(?:{_CLEAR}|{_H}\.[0-5]\d(?![\d.])|{_H}{_NO_UNIT})"
_SEP = r" ?(?:bis|und|-|–) ?(?:um |ca\. |etwa )?"
_UNIT = r"(?:minuten?|min|stunden?|std)"
_AMOUNT = rf"(?:\d{{1,4}}(?:[.,]\d+)?[ -]?(?:{_UNIT}|[hm]\b|h(?=\d))|{_WORDS}[ -]?{_UNIT})"
_LENGTH = (
    rf"(?:(?:einer? )?(?:drei)?viertelstunde|{_AMOUNT}"
    rf"(?: und (?:einer? )?(?:drei)?viertelstunde|(?: und |,? )?{_AMOUNT}|(?<=h) ?\d\d)?)"
)
_DAY_UNIT = r"(?:tage?n?|wochen?|monate?n?|jahre?n?)"
_WD_FULL = r"(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag)"
_PART = r"(?:vormittag|nachmittag|mittag|abend|nacht|morgen|früh|frueh)"
_MONTH = (
    r"(?:jan(?:uar)?|jänner|feb(?:ruar)?|mär(?:z)?|maerz|mrz|apr(?:il)?|mai|jun[io]?|jul[iy]?"
    r"|aug(?:ust)?|sept?(?:ember)?|okt(?:ober)?|nov(?:ember)?|dez(?:ember)?)\b\.?"
)
_YEAR = r"(?: 20\d\d(?![:\d]))"
_D = r"(?:3[01]|[12]\d|0?[1-9])"
_ON = r"(?:(?:am|für|fuer|vom|von|ab|bis|zum|den|der|auf) (?:den )?)?"
_AT = r"(?:(?:um|gegen|ab|bis|für|fuer|auf|von|so um) (?:punkt |ca\. |circa |etwa |genau )?)"
_NEXT = r"(?:nächste[nrms]?|naechste[nrms]?)"
_COMING = r"(?:kommende[nrms]?)"
_THIS = r"(?:diese[nrms]?)"
# What no clock shows; the words are those of numbers that are no hour.
_BIG = rf"(?:\d{{1,4}}|(?:\w{{3,7}}und)?{either(_TENS)})"

RULES = {
    "instant": (
        r"(?:am |um |für |ab )?(?P<date>\d{4}-\d\d-\d\d)[t ](?:um )?(?P<time>\d\d:\d\d(?::\d\d)?)"
        r"(?: uhr)?(?P<zone>z|[+-]\d\d:\d\d)?"
    ),
    "repeated": (
        rf"jede[nrms]? (?:zweite[nrms]? )?(?:{_WD_FULL}|tag|morgen|abend|nacht|woche|werktag|monat"
        rf"|jahr|stunde)|alle (?:\d+|{_WORDS}) (?:minuten|stunden|tage|wochen)"
        rf"|(?:immer )?{_WD_FULL}s|täglich|werktags|an werktagen|wöchentlich um"
    ),
    "past": (
        rf"vor (?:\d+|{_WORDS}) (?:{_UNIT}|{_DAY_UNIT})|gestern|vorgestern"
        rf"|(?:am )?(?:letzte[nrms]?|vergangene[nrms]?|vorige[nrms]?) (?:{_WD_FULL}|woche|monat"
        r"|jahr)"
        rf"|neulich|heute morgen um"
    ),
    "offset": rf"(?:in|innerhalb von) (?:etwa |ca\. |genau )?(?P<length>{_LENGTH})",
    "ahead": (rf"(?:heute )?in (?:etwa |genau )?(?P<n>\d{{1,4}}|{_WORDS}) (?P<unit>{_DAY_UNIT})"),
    "dates": (
        rf"(?:(?:vom|von|zwischen|ab) (?:dem )?)?(?P<first>{_D}\.(?: ?{_MONTH}|(?:1[0-2]"
        r"|0?[1-9])\.)?)"
        rf" ?(?:bis|und|-|–) ?(?:zum |dem )?"
        rf"(?P<last>{_D}\. ?(?:{_MONTH}{_YEAR}?|(?:1[0-2]|0?[1-9])\.(?:20\d\d)?))"
    ),
    "span": (
        rf"(?:(?:von|zwischen|ab) (?P<a>{_LOOSE}){_SEP}(?P<b>{_LOOSE})(?P<u> ?uhr)?"
        rf"|(?:um )?(?P<a2>{_CLEAR}){_SEP}(?P<b2>{_LOOSE})"
        rf"|(?:um )?(?P<a3>{_LOOSE}){_SEP}(?P<b3>{_CLEAR})"
        rf"|(?P<loose>(?P<a4>{_H}) ?(?:bis|-|–) ?(?P<b4>{_H}))(?! ?{_UNIT}|[-/.]))"
    ),
    "whole": r"(?:für )?(?:den )?ganze[nr]? tag|ganztägig(?:e[nrms]?)?",
    "length": (
        rf"(?:(?:für|fuer|über|dauer:?|von|mit) )?(?:etwa |ca\. |rund )?(?:"
        rf"(?P<length>{_LENGTH})(?:[- ]lang)?"
        rf"|(?P<n>\d{{1,3}}|{_WORDS})[- ]?(?P<adj>minütige[nrms]?|stündige[nrms]?))"
        rf"|(?P<half>halbstündige[nrms]?)"
    ),
    "relative": rf"{_ON}(?P<day>übermorgen|uebermorgen|heute|morgen)(?: (?P<part>{_PART}))?",
    "this_part": rf"(?:{_THIS}) (?P<part>{_PART})",
    "period": (
        rf"(?:(?:für|fuer|in|an|am|während|von) )?(?:(?:der|die|den|das|dem|das) )?"
        rf"(?:(?P<next>{_NEXT}|{_COMING}) (?:(?P<n>\d{{1,3}}|{_WORDS}) )?"
        rf"(?P<unit>{_DAY_UNIT})"
        rf"|(?P<this>{_THIS}|meine|laufende[nrms]?|aktuelle[nrms]?) (?P<unit2>woche|monat)"
        rf"|rest (?:der|des) (?P<unit3>woche|monats)"
        rf"|(?:am |fürs |übers )?(?P<weekend>(?:(?:{_NEXT}|{_COMING}|{_THIS}) )?wochenende))"
        rf"(?! (?:am )?{_WD_FULL})"
    ),
    "weekday": (
        rf"(?:(?:{_ON}(?P<mod>{_THIS}|{_NEXT}|{_COMING})?|{_NEXT} woche (?P<week>am)?) ?)"
        rf"(?P<wd>{_WD_FULL})(?: ?(?P<part>{_PART}))?(?P<week2> (?:in der )?{_NEXT}n? woche)?"
        rf"|(?:am )?(?P<wd2>mo|di|mi|do|fr|sa|so)\b\.?,?(?= (?:den )?\d|, \d)"
        rf"|am (?P<wd3>mo|di|mi|do|fr|sa|so)\b\.?"
    ),
    "date": (
        rf"{_ON}(?P<date>{_D}\.? ?{_MONTH}{_YEAR}?|\d{{4}}-\d\d-\d\d"
        rf"|{_D}\. ?(?:1[0-2]|0?[1-9])\. ?(?:20\d\d(?![:\d])|\d\d(?![:\d]| ?uhr))?"
        rf"|{_D}\.(?:1[0-2]|0?[1-9])\.?(?= )(?! ?uhr)|\d{{1,2}}/\d{{1,2}}/(?:\d{{4}}|\d\d))"
    ),
    "holiday": rf"(?:(?:an|am|zu|für) )?(?P<holiday>{either(_HOLIDAYS)})",
    "day_of_month": rf"(?:am|für den|bis zum|zum) (?P<d>{_D})\.(?!\d| ?{_MONTH})",
    "clock": rf"{_AT}?(?P<clock>{_CLEAR})|{_AT} ?(?P<clock2>{_LOOSE})(?!-\d)",
    "no_clock": (
        rf"{_AT}?{_BIG}(?:[:.]\d\d?)? ?uhr\b"
        rf"|(?:um|gegen|ab|bis|von) \d{{1,3}}:\d\d(?::\d+)?{_NO_UNIT}"
        rf"|um (?:halb|(?:drei ?)?viertel(?: vor| nach)?) \d+"
        rf"|zwischen {_LOOSE} und \d{{1,3}}:\d\d|(?P<loose>\d{{1,3}}:\d\d){_NO_UNIT}"
        rf"|um (?P<weak>{_BIG}(?:[.:]\d+)?|\d\d?h(?:\d\d)?){_NO_UNIT}(?!-)"
        rf"|(?:von|zwischen) (?P<weak2>{_BIG}{_SEP}{_BIG}){_NO_UNIT}"
    ),
    "part": (
        r"(?:am (?:frühen |späten )?|in der )(?P<part>vormittag|nachmittag|mittag|abend|morgen"
        r"|nacht)|(?P<part2>morgens|vormittags|mittags|nachmittags|abends|nachts)"
        r"|zu (?P<part3>mittag)|(?P<loose>vormittag|nachmittag|mittag|abend|nacht|früh|frueh)"
    ),
}

_CLOCK = (
    rf"(?:(?P<midnight>mitternacht)"
    rf"|(?:(?P<off>\d{{1,2}}|{_WORDS})(?: min(?:uten)?)? (?P<dir>vor|nach) )?halb (?P<halb>{_H12})"
    rf"|(?P<three>drei ?viertel) (?P<h>{_H12})|(?P<quarter>viertel) (?:(?P<dir2>vor"
    rf"|nach) )?(?P<h2>{_H12})"
    rf"|(?P<off2>\d{{1,2}}|{_WORDS})(?: min(?:uten)?)? (?P<dir3>vor|nach) (?P<h3>{_H12})(?: uhr)?"
    rf"|(?P<h4>{_H})(?:[:.](?P<m>[0-5]\d)(?::[0-5]\d)?)?(?P<uhr> ?{_UHR})?(?: (?P<mw>{_M}))?)"
)

GERMAN = TimePatterns(
    name="de",
    rules=RULES,
    clock=_CLOCK,
    amounts=(
        rf"(?P<n>\d+(?:[.,]\d+)?|{_WORDS})[ -]?(?P<unit>{_UNIT}|[hm](?![a-zäöü]))|(?P<rest>\d\d)"
    ),
    numbers={**_NUMBERS, **_LATE},
    units={"h": 60, "s": 60, "m": 1},
    quarters={"dreiviertelstunde": 45, "viertelstunde": 15},
    day_units={"t": "day", "w": "week", "m": "month"},
    before=("vor",),
    days={"heute": 0, "morgen": 1, "übermorgen": 2, "uebermorgen": 2},
    weekdays=_WEEKDAYS,
    parts=_PARTS,
    holidays=_HOLIDAYS,
    exact_from=6,
    minutes_exact=True,
    following=("nächste", "naechste"),
    this=("diese",),
)
