"""The forms in which people state something about themselves, in English and German.

All patterns are matched against a sentence in small letters, with straight apostrophes. They are
narrow: what they miss can be said again, but what was learned wrongly has to be found and deleted.
"""

from __future__ import annotations

import re


def _words(text: str) -> str:
    return "|".join(re.escape(word) for word in text.split())


# What may come before a statement without changing it.
LEAD_IN = re.compile(
    r"(?:(?:hi|hello|hey|hallo)(?: (?:there|\w+(?=[,!])))?"
    r"|ok|okay|well|so|oh|by the way|btw|also|and|but|yes|yeah|thanks|thank you|fyi"
    r"|for your information|just so you know|as you know|actually|honestly|in fact|anyway"
    r"|also|übrigens|ach ja|ja|und|aber|danke|nebenbei(?: bemerkt)?|zur info|ehrlich gesagt"
    r"|tatsächlich|eigentlich|außerdem)\s*[,:!.–-]*\s+"
)
# What makes a correction of the statement that follows.
CORRECTING = re.compile(
    r"(?:no|nope|wrong|correction|i was wrong|that'?s (?:wrong|incorrect|not (?:right|true|correct)"
    r"|no longer (?:right|true|correct))|nein|falsch|korrektur|das stimmt (?:so )?nicht(?: mehr)?"
    r"|das ist (?:falsch|nicht (?:mehr )?richtig))\s*(?:[,:.!–-]+\s*|$)"
)
NO_LONGER = re.compile(
    r"\b(?:no longer|not \w+(?: \w+){0,4} any ?more|\w+n't \w+(?: \w+){0,4} any ?more"
    r"|nicht mehr|kein\w* \w+ mehr)\b"
)

# Possible, wished for or temporary: no fact tomorrow.
UNCERTAIN = re.compile(
    r"\b(?:if|unless|would|could|might|maybe|perhaps|probably|suppose|imagine|pretend|what if"
    r"|as though|wish|hope|guess|whether|wenn|falls|ob|würde\w*|wäre\w*|hätte\w*|könnte\w*"
    r"|vielleicht|womöglich|angenommen|vermutlich|wahrscheinlich|hoffe|wünschte|als ob"
    r"|today|tonight|tomorrow|yesterday|right now|at the moment|this (?:morning|evening|week)"
    r"|heute|morgen|gestern|gerade|im moment|momentan|diese woche)\b"
)
# A task about a text or a role: what comes after it belongs to the text, or to the role.
ABOUT_TEXT = re.compile(
    r"\b(?:translate|rewrite|rephrase|paraphrase|proofread|summari[sz]e|correct (?:the|this|my|it)"
    r"|fix the|role-?play|pretend|imagine|suppose|act as|story|poem|song|lyrics|dialog(?:ue)?"
    r"|script|letter|e-?mail|essay|novel|text|sentence|paragraph|following|for example"
    r"|übersetz\w*|formulier\w*|umschreib\w*|korrigier\w*|verbesser\w*|fass\w*|stell dir vor"
    r"|tu so|rollenspiel|spiel\w* die|geschichte|gedicht|lied|dialog|brief|aufsatz|roman|satz"
    r"|absatz|folgende\w*|beispiel\w*)\b"
)
SECRET = re.compile(
    r"\b(?:password|passcode|passphrase|pin|puk|cvv|cvc|iban|credit card|api key|social security"
    r"|passwort|kennwort|kreditkarte\w*)\b"
)

_ADVERBS = (
    "also still now really very so too just currently always only quite pretty actually auch noch"
    " jetzt sehr wirklich ganz immer eher schon nur ja"
)
_PASSING = _words(
    "sorry sure certain afraid glad happy sad tired hungry thirsty fine good ok okay well back here"
    " there ready done finished confused bored curious lost stuck late early busy gonna about able"
    " unable aware convinced excited worried impressed grateful thankful surprised sick ill cold"
    " hot home online offline off on out at with like the this that it what why right wrong serious"
    " speechless all alone free available your you in to of"
    " müde hungrig durstig fertig bereit sicher unsicher froh traurig gespannt verwirrt gerade hier"
    " da dabei zurück wieder krank satt spät zu auf mir dir dran dafür dagegen einverstanden"
    " beeindruckt dankbar neugierig überrascht enttäuscht gestresst beschäftigt unterwegs weg im"
    " am bei der dein deine gleich so"
)
_LASTING_ING = "living|working (?:as|at|for|in)|studying|learning|expecting"
_OBJECT_REFERS = (
    r"(?:it|that|this|them|those|these|him|her|you|your|how|what|when|where|the way|the idea"
    r"|to (?:know|ask|see|have|get|be|hear|say|learn more|point|thank))\b"
)
_ES_REFERS = (
    r"(?:(?:es|das|dies|dich|dir|ihn|sie)(?: (?:sehr|wirklich|auch|nicht|so|gern|gerne))*$"
    r"|es\b|dich\b|dir\b|dein\w*\b|dass\b|wie\b|was\b)"
)
_VAGUE = (
    r"(?:\w+ )*(?:"
    + _words(
        "question questions problem problems guess point idea ideas concern issue issues code error"
        " understanding request answer apologies bad task text program script sentence message"
        " opinion feeling doubt bug clue look time plan meeting headache file list turn"
        " frage fragen problem probleme idee vorschlag meinung code fehler bitte aufgabe text"
        " programm satz nachricht gefühl zweifel zeit ahnung lust hunger durst kopfschmerzen plan"
        " antwort datei liste vermutung anliegen eindruck"
    )
    + r")\b"
)
_NUMBERS = (
    "a|an|one|two|three|four|five|six|seven|eight|nine|ten|no|many|several"
    r"|ein\w*|zwei|drei|vier|fünf|sechs|kein\w*|viele|\d+"
)
_MY = r"(?:my|our|mein|meine|unser|unsere) "
_IS = (
    r"(?:is|are|was|were|has|have|lives?|works?|starts?|likes?|loves?|hates?|prefers?|died|speaks?"
    r"|needs?|plays?|ist|sind|war|waren|hat|haben|heißt|heißen|wohnt|lebt|arbeitet|mag|liebt"
    r"|spricht|fährt|lautet|steht|liegt|hängt|spielt|braucht)\b"
)
# Possessive, or "I am so tired" would be a statement that begins with "so".
_SELF = rf"(?:(?:{_words(_ADVERBS)}|generally|usually|absolutely) )*+"

PREFERENCES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"i {_SELF}(?:like|love|enjoy|hate|dislike|prefer|adore|can't stand|cannot stand"
        rf"|don't like|do not like|no longer like|(?:never|don't|do not|no longer) (?:eat|drink)"
        rf"|(?:can't|cannot) (?:eat|drink|tolerate)|always (?:eat|drink)|avoid)"
        rf" (?!{_OBJECT_REFERS})\w+",
        r"(?:i am|i'm) (?:really |very )?interested in (?!it\b|this\b|that\b)\w+",
        r"my (?:\w+ )?favou?rite (?!part|thing about)\w+.* (?:is|are) \w+",
        rf"ich {_SELF}(?:mag|liebe|hasse|bevorzuge|verabscheue|genieße) (?!{_ES_REFERS})\w+",
        r"ich (?:esse|trinke|vertrage) (?:.* )?(?:kein\w*|nie|niemals|nur)\b.*",
        r"(?:seit .+ )?(?:esse|trinke) ich (?:.* )?(?:kein\w*|nie|niemals|nur)\b.*",
        r"ich (?!möchte|will|wüsste|frage|hätte|würde|sage)\w+e (?:.* )?"
        r"(?:gern|gerne|ungern|lieber|am liebsten)\b.*",
        r"am liebsten \w+e ich \w+",
        r"meine? lieblings\w+ (?:ist|sind|heißt|war) \w+",
    )
)
FACTS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:i am|i'm) (?:{_LASTING_ING})\b.+",
        r"(?:i am|i'm) in my (?:early |mid |late )?(?:twenties|thirties|forties|fifties|\d+s)\b",
        rf"(?:i am|i'm) (?:no longer )?(?:not )?{_SELF}(?!(?:{_PASSING}|not|\w+ing)\b)[\w\d]+",
        r"i (?:no longer |don't |do not )?(?:live|work|speak|study|studied|own|play|teach|suffer)"
        r"\b .+",
        r"i (?:grew up|was born|come from|moved to|got married|am called) ?.+",
        rf"(?:i have|i've) been (?:an? )?(?!{_PASSING}|\w+ing\b)\w+ (?:.+ )?(?:for|since) .+",
        rf"i have (?:got )?(?:{_NUMBERS}) (?!{_VAGUE})\w+",
        r"we (?:live|are married|got married|moved to|own)\b.*",
        rf"we have (?:{_NUMBERS}) (?!{_VAGUE})\w+",
        rf"{_MY}(?!{_VAGUE})[^.,:]{{1,60}}? {_IS} .+",
        r"ich heiße \w+",
        r"ich bin (?:.+ )?(?:geboren|aufgewachsen|gezogen|umgezogen|verheiratet|geschieden)$",
        rf"ich bin (?:nicht |nicht mehr |kein\w* )?{_SELF}"
        rf"(?!(?:{_PASSING}|nicht|kein\w*)\b)[\w\d]+",
        r"ich (?:wohne|lebe|arbeite|komme aus|spreche|studiere|lerne|besitze|spiele|unterrichte"
        r"|leide)\b.+",
        rf"ich habe? (?:{_NUMBERS}) (?!{_VAGUE})(?!.*\b(?:ge\w+(?:t|en)|\w+iert)$)\w+",
        r"wir (?:wohnen|leben|sind verheiratet)\b.*",
        r"wir sind .*(?:umgezogen|gezogen)$",
        rf"wir haben (?:{_NUMBERS}) (?!{_VAGUE})(?!.*\b(?:ge\w+(?:t|en)|\w+iert)$)\w+",
    )
)
# An explicit request; the group is what to remember.
REMEMBER = re.compile(
    r"(?:please |bitte )?(?:(?:can|could|will|would) you (?:please )?)?"
    r"(?:remember|keep in mind|bear in mind|note|make a note|don't forget|do not forget"
    r"|memori[sz]e)(?:,? please)?(?: that |: ?| (?=(?:my|our|i|i'm|we)\b))"
    r"(?!to\b|when\b|how\b|what\b|who\b)(?P<en>.+)"
    r"|(?:bitte )?(?:(?:kannst|könntest) du dir (?:bitte )?merken"
    r"|merke? dir|merken sie sich|denke? daran|vergiss nicht|notiere?(?: dir)?|behalte im kopf)"
    r"(?: bitte)?(?:,? (?P<dass>dass) |: ?|, | (?=(?:ich|mein\w*|unser\w*|wir)\b))(?P<de>.+)"
)
SELF = re.compile(r"\b(?:i|i'm|my|we|our|ich|mein\w*|wir|unser\w*)\b")
# "Denk daran, die Blumen zu gießen": something to do, not to know.
TASK = re.compile(r".*\b(?:zu \w+n|\w+zu\w+en)$|to \w+")
