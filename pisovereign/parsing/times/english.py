"""Times in English."""

from __future__ import annotations

from pisovereign.parsing.times.expressions import DayPart
from pisovereign.parsing.times.patterns import TimePatterns, either

_ONES = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50}
_HOURS = dict(zip([*_ONES, "ten", "eleven", "twelve"], range(1, 13), strict=True))
_TEENS = dict(
    zip(
        ["thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"],
        range(13, 20),
        strict=True,
    )
)
_NUMBERS: dict[str, float] = {
    **_HOURS,
    **_TEENS,
    **_TENS,
    **{f"{tens}{dash}{one}": number + at for tens, number in _TENS.items()
       for at, one in enumerate(_ONES, 1) for dash in ("-", " ")},
    "sixty": 60, "ninety": 90, "a": 1, "an": 1, "a couple of": 2, "a couple": 2,
    "half a": 0.5, "half an": 0.5, "half": 0.5, "a half": 0.5,
    "one and a half": 1.5, "two and a half": 2.5, "three and a half": 3.5,
}  # fmt: skip
_WEEKDAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}
_PARTS = {
    "morning": DayPart.MORNING,
    "lunchtime": DayPart.NOON,
    "lunch time": DayPart.NOON,
    "afternoon": DayPart.AFTERNOON,
    "evening": DayPart.EVENING,
    "night": DayPart.NIGHT,
    "tonight": DayPart.EVENING,
}
_HOLIDAYS = {
    "new year's eve": (12, 31),
    "new years eve": (12, 31),
    "new year's day": (1, 1),
    "new years day": (1, 1),
    "new year": (1, 1),
    "christmas eve": (12, 24),
    "christmas day": (12, 25),
    "christmas": (12, 25),
    "boxing day": (12, 26),
    "halloween": (10, 31),
    "valentine's day": (2, 14),
}

# The words of `_NUMBERS`, written so that a pattern of them is short.
_ONE = either(_ONES)
_WORDS = (
    rf"(?:{either(_TENS)}(?:[- ]{_ONE})?|(?:one|two|three) and a half|{either([*_HOURS, *_TEENS])}"
    r"|sixty|ninety|a couple(?: of)?|half an?|a half|half|an?)"
)
_AP = r"(?:[ap]\.m\.|[ap]m\b)"
_H = rf"(?:2[0-4]|1\d|0?\d|{either(_HOURS)})"
_TO = r"(?:past|after|to|before|till?)"
_FIVES = r"(?:five|ten|twenty(?:[- ]five)?|\d{1,2} min(?:ute)?s?)"
_MINUTES = r"(?:fifteen|twenty|thirty|forty(?:[- ]five)?|fifty)"
_NUM = rf"(?:\d{{1,4}}(?:\.\d+)?|{_WORDS})"
# Clear without a preposition.
_CLEAR = (
    rf"(?:(?:12 )?(?:noon|midday)|midnight|half past {_H}|half {_H}(?= ?$|[,.!?])"
    rf"|(?:a )?quarter {_TO} {_H}|{_FIVES} {_TO} {_H}"
    rf"|{_H}:[0-5]\d(?::[0-5]\d)?(?: ?{_AP})?|{_H}(?:\.[0-5]\d)? ?{_AP}|{_H} o'?clock)"
)
_NO_UNIT = (
    r"(?! ?(?:min|hour|hr|day|week|month|year|second|times?\b|people|person|guest|euro|dollar"
    r"|pound|percent|page|%|€|\$|/|:\d|\.\d|st\b|nd\b|rd\b|th\b|kg|km|cm|mm|inch|mile|gb|mb))"
)
_LOOSE = rf"(?:{_CLEAR}|{_H}\.[0-5]\d|{_H}(?: {_MINUTES})?{_NO_UNIT})"
_SEP = r" ?(?:to|until|till|til|and|-|–) ?(?:about )?"
_UNIT = r"(?:minutes?|mins?|hours?|hrs?)"
_AMOUNT = rf"(?:\d{{1,4}}(?:\.\d+)?[ -]?(?:{_UNIT}|[hm]\b|h(?=\d))|{_WORDS}[ -]{_UNIT})"
_LENGTH = (
    rf"(?:{_AMOUNT}(?:,? and a half|(?:,? and |,? )?{_AMOUNT}|(?<=h) ?\d\d)?"
    rf"|three quarters of an hour|(?:a )?quarter of an hour)"
)
_DAY_UNIT = r"(?:days?|weeks?|months?|years?|fortnight)"
_WD = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs?(?:day)?)?|fri(?:day)?"
    r"|sat(?:urday)?|sun(?:day)?)"
)
_WD_FULL = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_YEAR = r"(?:,? 20\d\d(?![:\d]))"
_D = r"(?:3[01]|[12]\d|0?[1-9])"
_ON = r"(?:(?:on|for|by|from|this|starting(?: on)?) )?"
_AT = (
    r"(?:(?:(?:at|by|around|about|from|for|until|till|starting(?: at)?|@) ?)?(?:exactly |around "
    r"|about )?)"
)
# What no clock shows. A number alone has to end there: "at 45 Main Street" is a place.
_WRONG = (
    rf"(?!{_H}:[0-5]\d(?![\d:]))(?:\d{{1,3}}:\d\d(?::\d+)?(?: ?{_AP})?"
    rf"|\d{{1,3}} (?:o'?clock|{_AP})){_NO_UNIT}"
)
_BIG = rf"(?:\d{{1,4}}|{either(_TEENS)}|{either(_TENS)}(?:[- ]{_ONE})?)"
_ENDS = (
    r"(?= ?(?:$|[,;!?–]|[.:](?!\d)|(?:to|for|about|that|with|and|on|in|of|tomorrow|today|tonight"
    rf"|please|sharp|called|i|{_WD_FULL})\b))"
)

RULES = {
    "instant": (
        r"(?:at |on |from |for )?(?P<date>\d{4}-\d\d-\d\d)[t ](?:at )?(?P<time>\d\d:\d\d(?::\d\d)?)"
        r"(?P<zone>z|[+-]\d\d:\d\d)?"
    ),
    "repeated": (
        rf"(?:every|each) (?:single |other |second )?(?:{_WD}|day|morning|evening|night|week"
        r"|weekday"
        rf"|month|year|hour|\d+ \w+|\w+ (?:minutes|hours|days))|{_ON}{_WD_FULL}s|(?:on )?weekdays"
    ),
    "past": (
        rf"{_NUM} {either([_UNIT, _DAY_UNIT])} ago|yesterday|(?:on )?last (?:{_WD_FULL}|week|month"
        rf"|year|night|time)|the day before yesterday|this morning at"
    ),
    "offset": (
        rf"(?:in|within) (?:about |exactly )?(?P<length>{_LENGTH})"
        rf"|(?P<length2>{_LENGTH}) from now"
    ),
    "ahead": (
        rf"(?:in|within) (?:about |exactly )?(?P<n>{_NUM}|a) (?P<unit>{_DAY_UNIT})(?: time)?"
        rf"|(?P<n2>{_NUM}) (?P<unit2>{_DAY_UNIT}) from (?:now|today)"
    ),
    "dates": (
        rf"(?:(?:from|between) )?(?:the )?(?P<first>{_D}(?:st|nd|rd|th)?(?: {_MONTH})?)"
        rf" ?(?:to|until|till|and|-|–) ?(?:the )?(?P<last>{_D}(?:st|nd|rd"
        rf"|th)?(?: of)? {_MONTH}{_YEAR}?)"
        rf"|(?:(?:from|between) )?(?P<first2>{_MONTH} {_D}(?:st|nd|rd|th)?)"
        rf" ?(?:to|until|till|and|-|–) ?(?P<last2>{_MONTH} {_D}(?:st|nd|rd|th)?{_YEAR}?)"
    ),
    "span": (
        rf"(?:(?:from|between) (?P<a>{_LOOSE}){_SEP}|at (?P<a5>{_LOOSE}) ?[-–] ?)(?P<b>{_LOOSE})"
        rf"|(?:for )?(?:(?P<a2>{_CLEAR}){_SEP}(?P<b2>{_LOOSE})"
        rf"|(?P<a3>{_LOOSE}){_SEP}(?P<b3>{_CLEAR}))"
        rf"|(?P<loose>(?P<a4>{_H}) ?(?:to|-|–) ?(?P<b4>{_H}))(?! ?{_UNIT}|[-/.])"
    ),
    "whole": r"(?:for )?(?:the )?(?:all|whole|entire)[- ]day(?: long)?",
    "length": (
        rf"(?:(?:for|lasting|of|duration:?|taking) )?(?:about |around )?(?P<length>{_LENGTH})"
        rf"(?:[- ]long)?"
    ),
    "relative": rf"{_ON}(?:the )?(?P<day>day after tomorrow|tomorrow|tmrw|tmr|today)",
    "tonight": rf"{_ON}(?P<part>tonight)",
    "this_part": (
        r"(?:later )?(?:this|today in the) (?P<part>morning|afternoon|evening|lunchtime)"
    ),
    "period": (
        rf"(?:(?:for|in|over|during|of|on|at|within) )?(?:(?:the|this) )?(?:whole )?"
        rf"(?:(?P<next>next|coming|upcoming) (?:(?P<n>{_NUM}) )?(?P<unit>days?|weeks?|months?)"
        rf"|(?P<this>this|current|my) (?P<unit2>week|month)"
        r"|rest of (?:the|this) (?P<unit3>week|month)|(?:the )?(?P<weekend>(?:next "
        r"|coming )?weekend))"
        rf"(?![- ]?(?:{_WD_FULL}))"
    ),
    "weekday": (
        r"(?:(?:on|for|by|from|starting(?: on)?) )?(?:the )?(?P<mod>this coming|the coming"
        r"|coming|this"
        rf"|next|upcoming)? ?(?P<wd>{_WD_FULL})(?:'s)?(?P<week>,? next week)?"
        rf"|(?:on|for|next|this) (?P<wd2>{_WD})\b(?P<week2> next week)?"
        rf"|(?P<wd3>{_WD})\.?(?=,? (?:\d|at \d))"
        rf"|(?P<week3>next week) (?:on )?(?P<wd4>{_WD_FULL})"
    ),
    "date": (
        rf"(?:(?:on|for|by|from|starting(?: on)?) )?(?:the )?(?P<date>{_D}(?:st|nd|rd|th)?(?: of)? "
        rf"{_MONTH}{_YEAR}?|{_MONTH} (?:the )?{_D}(?:st|nd|rd|th)?(?![:\d]){_YEAR}?"
        rf"|\d{{4}}-\d\d-\d\d|\d{{1,2}}/\d{{1,2}}/(?:\d{{4}}|\d\d)"
        rf"|\d{{1,2}}\.\d{{1,2}}\.(?:\d{{4}}|\d\d)?)"
        rf"|(?:on|for) (?P<date2>\d{{1,2}}/\d{{1,2}})"
    ),
    "holiday": rf"(?:(?:on|at|for) )?(?P<holiday>{either(_HOLIDAYS)})",
    "day_of_month": rf"(?:on|for|by) the (?P<d>{_D})(?:st|nd|rd|th)",
    "clock": (
        rf"{_AT}(?P<clock>{_CLEAR})"
        rf"|(?:at|by|around|@) ?(?:(?P<clock2>(?:5|10|20|25) (?:to|past) {_H})"
        rf"|(?P<clock3>{_LOOSE})(?!-\d))"
    ),
    "no_clock": (
        rf"(?:at|by|around|about|from|for|until|till?|to|@) ?{_WRONG}|\d{{1,3}} o'?clock"
        rf"|(?:at|by|around|@) (?:half past|half|quarter {_TO}|\d\d? {_TO}) \d+{_ENDS}"
        rf"|between {_LOOSE} and \d{{1,3}}:\d\d|(?P<loose>\d{{1,3}}:\d\d){_NO_UNIT}"
        rf"|(?:at|around|@) ?(?P<weak>{_BIG}(?:[.:]\d+)?|\d\d?h(?:\d\d)?){_ENDS}"
        rf"|(?:from|between) (?P<weak2>{_BIG}{_SEP}{_BIG}){_ENDS}"
    ),
    "part": (
        r"in the (?P<part>morning|afternoon|evening)|at (?P<part2>night|lunch ?time)"
        r"|(?P<loose>morning|afternoon|evening|night)"
    ),
}

_CLOCK = (
    rf"(?:(?:12 )?(?P<noon>noon|midday)|(?P<midnight>midnight)|half(?: past)? (?P<half>{_H})"
    rf"|(?:a )?(?P<quarter>quarter) (?P<dir>{_TO}) (?P<h>{_H})"
    rf"|(?P<off>\d{{1,2}}|{_WORDS})(?: min(?:ute)?s?)? (?P<dir2>{_TO}) (?P<h2>{_H})"
    rf"|(?P<h3>{_H})(?:[:.](?P<m>[0-5]\d)(?::[0-5]\d)?| (?P<mw>{_MINUTES}))? ?(?P<ap>{_AP})?"
    rf"(?: o'?clock)?)"
)

ENGLISH = TimePatterns(
    name="en",
    rules=RULES,
    clock=_CLOCK,
    amounts=rf"(?P<n>\d+(?:\.\d+)?|{_WORDS})[ -]?(?P<unit>{_UNIT}|[hm](?![a-z]))|(?P<rest>\d\d)",
    numbers=_NUMBERS,
    units={"h": 60, "m": 1},
    quarters={"three quarters of an hour": 45, "quarter of an hour": 15},
    day_units={"d": "day", "w": "week", "m": "month"},
    before=("to", "before", "til", "till"),
    days={"today": 0, "tomorrow": 1, "tmrw": 1, "tmr": 1, "day after tomorrow": 2},
    weekdays=_WEEKDAYS,
    parts=_PARTS,
    holidays=_HOLIDAYS,
    exact_from=13,
    minutes_exact=False,
    following=("next",),
    this=("this",),
)
