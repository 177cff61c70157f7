"""Commands in English."""

from __future__ import annotations

from pisovereign.parsing.patterns import (
    CommandPatterns,
    EventPatterns,
    ReminderPatterns,
    RequestPatterns,
    load_queries,
)
from pisovereign.parsing.times.english import ENGLISH as TIMES

_REQUESTS = RequestPatterns(
    lead_in=(
        r"(?:hi|hello|hey|hiya|ok|okay|so|well|now|then|also|and|yes|yeah|sure|great|thanks"
        r"|thank you|good (?:morning|afternoon|evening)|alright|oh|um|by the way|btw|quick(?:ly)?"
        r"|just|please|kindly|go ahead and|(?:hey |hi |hello )?(?:pi|pisovereign|assistant"
        r"|computer)(?=[,!:])|(?:hi|hello|hey) (?:there|pi|pisovereign|assistant"
        r"|computer))[\s,!.:–-]+"
    ),
    polite=(
        r"(?:(?:can|could|would|will|won't) (?:you|u)(?: please| kindly| just| maybe| quickly"
        r"| also)*|i(?:'d| would) (?:like|love)(?: you)? to|i (?:want|need) you to|i want to"
        r"|(?:can|could|shall) we|i need(?= a reminder)|i (?:need|want) to(?= be reminded)"
        r"|do me a favou?r and|be so kind (?:as to|and)|let's|let us|i(?:'d| would) like(?= (?:a"
        r"|an) (?:reminder|meeting|appointment|event|call)))(?: please)?[\s,]+"
    ),
    trailer=(
        r"(?:[\s,!.?–-]+(?:please|thanks(?: a lot| so much)?|thank you(?: very much)?|thx"
        r"|ok(?:ay)?))?[\s,!.?–-]*"
    ),
    filler=(
        r"(?:hi|hello|hey|thanks?|thank you|please|ok|okay|great|good (?:morning|afternoon"
        r"|evening)|cheers|bye)(?: (?:there|you|pi|pisovereign|all|so much|a lot|very much"
        r"|in advance))?"
    ),
    about_text=(
        r"\b(?:translate|rewrite|rephrase|paraphrase|proofread|summari[sz]e (?:this|the following)"
        r"|spell|pronounce|story|poem|song|lyrics|essay|novel|sentence|phrase|paragraph|words?"
        r"|mean(?:s|ing|t)?|example|role-?play|pretend|imagine|suppose|wrote|says?|said|told|asked"
        r"|subject:|from:|forwarded)\b"
    ),
    retraction=(
        r"\b(?:never ?mind|scratch that|just kidding|forget (?:it|that)|don't|do not|cancel that"
        r"|no,? wait|not really)[\s.!]*$"
    ),
    undoing=(
        r"(?:cancel|delete|remove|erase|clear|wipe|undo|move|reschedule|postpone|edit|rename|skip"
        r"|dismiss|snooze|(?:call|put|check|turn|switch) off"
        r"|(?:drop|delay|push|shift|change) (?:the|my|our|all|this|that|it))\b"
        r"|(?:set|push|bring)\b.* (?:back to|back by|forward)\b"
        r"|take\b.* (?:off|out of|from) (?:my|the|our) calendar\b"
    ),
)

_EVENT_NOUN = (
    r"(?:(?:calendar )?(?:event|entry)|appointment|meeting|call|video ?call|phone ?call|sync"
    r"|stand-?up|lunch|dinner|breakfast|brunch|coffee|date|party|workshop|seminar|webinar"
    r"|interview|review|session|class|lesson|course|training|workout|conference|kick-?off|visit"
    r"|check-?up|haircut|dentist|doctor|physio|rehearsal|concert|presentation|demo"
    r"|retro(?:spective)?|one-on-one|1:1|birthday|anniversary|wedding|catch-?up|get-together"
    r"|playdate|trip|slot|block|exam)"
)
_EVENTS = EventPatterns(
    clear=(
        r"(?:schedule|arrange|pencil in|calendar) (?P<rest>.+)",
        r"(?:plan|book)(?: in)? (?P<rest>(?!.*\b(?:flight|table|hotel|room|tickets?|taxi|cab|car"
        r"|holiday|vacation|trip)\b(?! (?:inspection|service|wash|check|repair))).+)",
        r"(?:block|reserve)(?: out| off)?(?: (?:my|the|our) calendar| some time"
        r"| time)? (?P<rest>.+)",
        r"new (?P<rest>(?:calendar )?(?:event|appointment|entry|meeting)\b.+)",
        r"(?:event|appointment|meeting|save the date):\s*(?P<rest>.+)",
        r"(?:put|book) me (?:down|in) for (?P<rest>.+)",
        r"mark (?P<rest>.+)",
    ),
    vague=(
        r"(?:create|make|add|set ?up|set|put|enter|insert|organi[sz]e|note(?: down)?|get me|new"
        r"|write)(?: me| us)? (?P<rest>.+)",
        r"(?P<rest>.+ (?:in|into|on|onto|to) (?:my|the|our) calendar)",
    ),
    timed=(r"add (?P<rest>.+)",),
    headings=r"(?:calendar )?(?:event|entry)|appointment|meeting",
    nouns=rf"\b{_EVENT_NOUN}s?\b",
    prepositions=r"\b(?:about|of|for|with|on|in|at|to|from|called|named|titled)\b",
    generic=r"(?:(?:calendar )?(?:event|entry|item)|appointment)",
    continuations=r"(?:with|at|about|to|on|in|regarding|concerning|re)\b",
    calendar=(
        r"\b(?:in|to|on|into|onto) (?:my|the|our|your)(?: \w+)? (?:calendar|schedule|agenda"
        r"|diary)\b|\bto calendar\b|^\x1f*(?:my|the|our) calendar\b"
    ),
    named=r"\b(?:called|named|titled|entitled|with (?:the )?title"
    r"|title[d:])[\s:]*(?P<title>[^\x1f]+)",
    place=r"\b(?:at|in|@) (?P<place>(?!\x1f)[^\x1f,]+?)(?=\s*(?:[\x1f,]|$|\b(?:with|about|for"
    r"|to discuss)\b))",
    no_place=(
        r"(?:with|to|and|for|english|german|person|private|advance|order|case|time|particular|fact"
        r"|all|least|first|once|the (?:morning|evening|afternoon|future|meantime|calendar|end))\b"
    ),
    excluded=(
        r"(?<!-)\b(?:not|never|no|don't|doesn't|didn't|won't|if|unless|whether|i|i'm|i'd|i'll|i've"
        r"|you|he|she|they|we|was|were|had|did|would|should|could|because|why|how|every|each"
        r"|instead|cancel(?:l?ed)?|wait|ago|ask|nothing|anything"
        r"|from (?:my|the|our) calendar)\b(?!-)"
    ),
)

_REMINDERS = ReminderPatterns(
    forms=(
        r"(?:remind|notify|alert|ping) (?:me|us)\b[\s,]*(?P<rest>.+)",
        r"(?P<before>.+?)[\s,]+(?:please )?remind (?:me|us)\b[\s,]*(?P<rest>.+)",
        r"(?:set|create|add|make|put|schedule|give|get)(?: me| us)?(?: up)? (?:a |an |another "
        r"|the )?(?:new )?reminder\b[\s]*(?P<rest>.+)",
        r"(?:new |a |a new )?reminder\b(?! is| was| has)[\s]*(?P<rest>(?:to|for|about|of|at|on|in"
        r"|:|tomorrow|tonight)\b.+|:.+)",
        r"(?:don't|do not) let me forget\b[\s]*(?P<rest>.+)",
        r"(?:don't|do not) forget to remind me\b[\s]*(?P<rest>.+)",
        r"make sure (?:that )?i (?:don't|do not) forget\b[\s]*(?P<rest>.+)",
        r"(?:be|get) reminded\b[\s]*(?P<rest>.+)",
        r"(?:a )?reminder (?P<rest>.+)(?<=please)",
    ),
    noun_markers=r"(?:about|of|for)\b|:\s*(?:about|for)\b",
    clause_markers=r"(?:that )?i (?:have|need|must|should|ought) to\b|(?:that )?to\b|that\b"
    r"|(?:called|named|titled|saying)\b|[:,–-]",
    filler=r"please|again|also|then|just|up|for me",
    excluded=r"\b(?:not|never|no)\b",
    second=(
        r"\band (?:(?:also|then|again|please) )*(?:\x1f[\x1f ,]*(?:(?:that )?(?:i (?:have|need) )?"
        r"to|that|about|of|for)|remind (?:me|us))\b|^[^\x1f]+\x1f+,? and (?:also )?to\b.*\x1f"
    ),
    listed=r"[,;] (?:then )?\x1f[\x1f ,]*(?:that )?to\b",
    fixed=(
        r"(?P<title>wake) me(?: up)?\b(?P<left>.*)",
        r"(?:set|start|create)(?: me)? (?:a |an |another )?(?P<title>timer|alarm)\b(?P<left>.*)",
        r"(?P<title>timer|alarm)\b(?P<left> (?:for|at|in|on)\b.*)",
    ),
    conditional=(
        r"\b(?:if|unless|as soon as|as long as|provided (?:that|it|there|he|she|they|we|the)"
        r"|whenever|every time|when i|when he|when she|when they|once i"
        r"|or not)\b"
    ),
    unconditional=r"(?:ask|check|see|find out|know|wonder|decide|asking|checking)\b[\w\s]*$",
    replacements=((r"^wake$", "wake up"),),
    keywords=r"\b(?:remind\w*|forget|alarm|timer|wake|tell me|notify|alert|ping)\b",
)

ENGLISH = CommandPatterns(
    language="en",
    times=TIMES,
    requests=_REQUESTS,
    events=_EVENTS,
    reminders=_REMINDERS,
    articles=r"(?:(?:a|an|the|my|our|some)(?: new)?|new)\b",
    loose_ends=r"(?:as|for|on|at|from|about|of|to|by|with|in|and|is|that|starting|please|me|us|up"
    r"|it)",
    opening_words=(
        "what anything did what's whats which show list display give tell do does is are any when"
        " when's how how's will read open check get see view print let fetch summari[sz]e find"
        " look have has am who who's whos where where's run execute test ping please current"
        " currently my the today's todays should need recap catch start begin brief hit am restart"
        " reboot search could can verify"
    ),
    common_words=(
        "anything a an the my me our us we i i've you your do does is are be am to of for on in at"
        " by with and there this that it its show list display give tell get see view print let"
        " look open read check please what what's whats which any all some how how's has have got"
        " can could will would now right currently current today's todays just quick quickly up"
        " out whats need want like know here moment so far still yet also else over about into"
        " from latest fetch"
    ),
    machine_words=(
        "pi pi's raspberry server system machine computer host device box board pisovereign"
        " assistant it its rpi linux box's sovereign"
    ),
    imperative_words="restart reboot please",
    place=r"(?:in|for|at|near|around)(?: the)?",
    no_place_words=(
        "the a my me us this that there here outside home today tomorrow tonight general fact it"
    ),
    not_asked=(
        r"\b(?:not|don't|never|no|was|were|had|would|maybe|perhaps|might|if|should i|said|write"
        r"|tell me a|delete|cancel|reschedul\w*|postpone|remove|drop|undo|clear|send|reply|answer"
        r"|move|change|explain|translate|why|how (?:do|does|can|to|many people))\b"
    ),
    pronoun_words="i we you he she they i'm",
    definition=(
        r"(?:(?:what|who)(?:'s| is| are| does| do)|define|explain|describe) (?:an? |the (?:word"
        r"|term|meaning of) )?(?:\x00+|[\w-]+(?<!ed))(?: mean| stand for| do)?|how (?:do|does|can"
        r"|could|should|would|to|did) (?:i|you(?! work)|we|one|people|someone|create|make|set|add"
        r"|schedule|a|an|the \w+ (?:work|get))\b.*|what (?:is|are|'s) (?:a|an) .*|what happens .*"
        r"|why .*|can (?!i\b|we\b|you\b).*|(?:have|schedule|plan) an? .*"
    ),
    mornings=r"\b(?:breakfast|wake|get up|sunrise|alarm|school run|jog)\b",
    evenings=(
        r"\b(?:dinner|supper|party|concert|cinema|movies?|theat(?:er|re)|drinks|pub|opera"
        r"|date night|bed(?:time)?|gig)\b"
    ),
    by_name=(
        r"(?:run|execute|launch)(?: the)?(?: system)?(?: command)? (?P<name>.+?)(?: command)?",
    ),
    ping=(r"ping (?:the )?(?:host |address |server |computer )?(?P<host>[^\s]+)",),
    queries=load_queries("en", "queries"),
    system_queries=load_queries("en", "system_queries"),
)
