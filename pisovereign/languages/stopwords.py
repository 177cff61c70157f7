"""Words that say nothing about what a text is about, in English and German.

Without this list a question's "the" or "für" outweighed its meaning in small collections. Negations
are not in it: they decide whether two texts say the same.
"""

from __future__ import annotations

_ENGLISH = """
a about above after again against all also am an and any are as at be because been before being
below between both but by can could did do does doing down during each else few for from further
had has have having he her here hers herself him himself his how i if in into is it its itself just
let may me might more most must my myself of off on once only or other our ours ourselves out over
own same shall she should so some such than that the their theirs them themselves then there these
they this those through to too under until up upon us very was we were what when where which while
who whom whose why will with would you your yours yourself yourselves
"""
_GERMAN = """
aber alle allem allen aller alles als also am an ander andere anderem anderen anderer anderes auch
auf aus bei beim bin bis bist da dabei damit dann das dass dazu dein deine deinem deinen deiner dem
den denn der deren des dessen dich die dies diese diesem diesen dieser dieses dir doch dort du durch
ein eine einem einen einer eines einig einige einigen einiger einiges er es etwas euch euer eure
eurem euren eurer für gegen gewesen hab habe haben hat hatte hatten hier hin hinter ich ihm ihn
ihnen ihr ihre ihrem ihren ihrer im in indem ins ist jede jedem jeden jeder jedes jene jenem jenen
jener jenes jetzt kann können könnte man manche manchem manchen mancher manches mein meine meinem
meinen meiner mich mir mit muss musste nach noch nun nur ob oder ohne sehr sein seine seinem seinen
seiner selbst sich sie sind so solche solchem solchen solcher soll sollte sondern sonst über um und
uns unser unsere unserem unseren unter viel vom von vor während war waren warst was weg weil weiter
welche welchem welchen welcher welches wenn wer werde werden wie wieder will wir wird wirst wo wohin
wollen wollte würde würden zu zum zur zwar zwischen
"""

ENGLISH = frozenset(word.casefold() for word in _ENGLISH.split())
GERMAN = frozenset(word.casefold() for word in _GERMAN.split())
STOP_WORDS = ENGLISH | GERMAN
