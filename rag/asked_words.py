"""The words by which a question is recognised, in English and Russian, and the kinds of answers: tables
and patterns, no decisions."""

import re
from enum import StrEnum


class AnswerKind(StrEnum):
    """The kind of answer that a question wants."""

    PERSON = "person"
    SPEAKER = "speaker"
    NUMBER = "number"
    DATE = "date"
    PLACE = "place"
    NAME = "name"
    YES_NO = "yes_no"
    REASON = "reason"
    MANNER = "manner"
    LIST = "list"
    DEFINITION = "definition"
    OTHER = "other"


def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


PERSON_NOUNS = frozenset(
    """
    person man woman boy girl people president minister premier mayor governor senator king queen emperor
    author writer actor actress singer artist director player coach manager leader head founder inventor owner
    chairman chairwoman ceo spokesman spokeswoman secretary judge general captain scientist professor poet
    composer politician candidate winner president's child son daughter father mother wife husband brother
    sister official survivor teacher driver doctor lawyer soldier student diplomat ambassador expert journalist
    islander resident человек президент министр премьер мэр губернатор автор писатель актер актёр певец
    режиссер режиссёр игрок тренер лидер глава основатель владелец депутат чиновник посол эксперт журналист
    ученый учёный
    """.split()
)
PLACE_NOUNS = frozenset(
    """
    country city town village place state county province region district continent island river lake sea ocean
    mountain location street capital port birthplace hometown headquarters area site planet страна стране
    страны город городе города место месте деревня деревне село селе регион регионе область области остров
    острове островах районе район столица порт порту континент континенте
    """.split()
)
DATE_NOUNS = frozenset(
    """
    year date day month century decade weekday birthday deadline год году года дата день дня месяц месяце веке век
    """.split()
)
SHARE_WORDS = frozenset("percent percentage share proportion fraction процент процентов доля долю часть".split())
NUMBER_NOUNS = frozenset(
    "number amount quantity size count score rate total sum размер сумма сумму число количество".split()
)
# Nouns that are no measure themselves: what is counted follows them.
COUNTING_NOUNS = frozenset("number quantity count total число количество".split())
# Things with a name of their own: "what is the capital of" is answered by one.
NAMED_THINGS = frozenset(
    """
    name title company firm ship vessel newspaper university school team band song album book novel film movie
    show series episode agency ministry organisation organization party bank airline airport station brand
    language religion currency nickname treaty agreement law award prize street stadium hotel species breed
    название имя компания фирма судно корабль газета университет школа команда группа песня книга роман фильм
    агентство министерство организация партия банк язык договор закон премия
    """.split()
)
IRREGULAR_PLURALS = frozenset("people men women children media criteria страны города острова".split())
SINGULARS_IN_S = frozenset(
    "series species news politics physics business bus gas press process basis status".split()
)
QUESTION_WORDS = frozenset(
    """
    who whom whose what which when where why how come many much name list tell give please know who's what's
    whos whats share percent percentage year date day сколько кто кого кому кем какой какая какое какие каком
    какого какую каких каков какова когда где куда откуда почему зачем как что чем чего назовите перечислите ли
    такое такой такая скажите подскажите
    """.split()
)
# A noun phrase ends before one of these.
STOPS_NOUN = frozenset(
    """
    is are was were be been do does did has have had will would can could shall should may might must of in on
    at to for from by with about between into than that which who the a an this these those there it he she
    they you we i still ever live lived lives died die took take make made were got get own owns say said says
    work worked в на из от до для по с у к о об и или есть был была было были будет это этот работало работали
    живет живут
    """.split()
)
NO_NOUN = frozenset("more less fewer money longer of then now".split())
_ADJECTIVE_ENDINGS = (
    "al",
    "ic",
    "ish",
    "ese",
    "ous",
    "ive",
    "ful",
    "ый",
    "ий",
    "ой",
    "ая",
    "ое",
    "ые",
    "ие",
    "ого",
    "ом",
    "ых",
    "их",
)
_ADJECTIVES = frozenset(
    "former new old first last second third other two three four five big large small major main former russian "
    "american british german european famous type kind sort current present specific exact total average".split()
)
MEASURES = {
    "old": "age", "young": "age", "far": "distance", "close": "distance", "near": "distance", "tall": "height",
    "high": "height", "deep": "depth", "wide": "width", "thick": "depth", "heavy": "weight", "fast": "speed",
    "hot": "temperature", "cold": "temperature", "expensive": "price",
    "big": "size", "large": "size", "small": "size",
}  # fmt: skip


def is_adjective(word: str) -> bool:
    """Return whether a word before a noun is probably no noun itself."""
    return word in _ADJECTIVES or (len(word) > 4 and word.endswith(_ADJECTIVE_ENDINGS))


def is_plural(noun: str) -> bool:
    """Return whether an English noun looks like a plural."""
    if noun in IRREGULAR_PLURALS:
        return True
    return noun.endswith("s") and not noun.endswith(("ss", "us", "is")) and noun not in SINGULARS_IN_S


def singular(noun: str) -> str:
    """Return a noun without its plural ending, as far as spelling tells."""
    if noun.endswith("ies") and len(noun) > 4:
        return noun[:-3] + "y"
    return noun[:-1] if noun.isascii() and is_plural(noun) and noun.endswith("s") else noun


ASKING_WORDS = _pattern(
    r"\b(?:how come|who|whom|whose|what|which|when|where|why|how|кто|кого|кому|кем|ком|чей|чья|чьё|чье|чьи|чьих|"
    r"когда|где|куда|откуда|почему|зачем|отчего|сколько|скольких|насколько|как|что|чем|чего|чему|"
    r"как(?:ой|ая|ое|ие|ого|ому|им|ом|ую|их|ими|ов|ова|ово|овы))\b(?!-)"
)
# "Who is to blame", "whose fault": what answers is an account, and seldom one that all share, rather than a name.
BLAME = _pattern(r"\b(?:to blame|fault|виноват\w*|чьей вине)\b")
POLITE = _pattern(
    r"^(?:(?:hi|hello|hey|please|and|so|ok|well|but|а|и|но|скажите|подскажите|пожалуйста)\b[\s,:]*)*"
    r"(?:(?:(?:(?:can|could|would) you(?: please)? )?(?:tell|show|remind) (?:me|us)|do you know|does anyone know|"
    r"i(?: would|'d)? (?:want|like) to know) (?=who|what|when|where|why|how|which))?"
)
CONTRACTED = _pattern(r"\b(who|what|when|where|why|how)(?:['’]s|['’]?s(?= (?:the|a|his|her|its|their|your)\b))")
YES_NO = _pattern(
    r"^(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|should|shall|may|might|must|ain't|"
    r"(?:is|are|was|were|do|does|did|has|have|had|ca|could|wo|would|should)n['’]?t|правда|верно|разве|неужели)\b|"
    r"^[^?]{0,200}?\bли\b"
)
INVERTED = _pattern(
    r"\s+(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|shall|may|must)\b"
)
# "As of 2011, are there more ...", "in the war did the ..."
INVERTED_LATER = _pattern(
    r", (?:is|are|was|were|do|does|did|has|have|had|can|could|will|would)\b|"
    r"\b(?:did|does) (?:the|a|an|he|she|it|they)\b"
)
COPULA = _pattern(r"^(?:exactly )?(is|are|was|were|has been|will be|am|был[аои]?|является|такое|такой|такая)\b")
IMPERATIVE = _pattern(r"^(?:name|list|enumerate|give|назови(?:те)?|перечисли(?:те)?)\b\s*")
HOW_QUANTITY = _pattern(
    r"(many|much|few|little|long|often|frequently|recently|soon|late|early|"
    + "|".join(sorted(MEASURES, key=len, reverse=True))
    + r")\b"
)
HOW_TO = _pattern(
    r"\bhow (?:to|do (?:i|you|we|they|people)|can|could|should|would|is|are|does)\b|\bкак (?:можно|мне)\b"
)
AGO = _pattern(r"^\s*ago\b")
LASTS = _pattern(r"^\s*(?:did|does|do|has|have|had|will|would|can|could|should|after|before|until|for)\b")
PAYS = _pattern(
    r"\b(?:costs?|pays?|paid|spen[dt]|worth|earns?|earned|price[ds]?|invest\w*|fund\w*|money|charged?|sold for)\b|"
    r"\b(?:сто(?:ит|ил[аои]?|ят|или)|заплат\w*|потрат\w*|платят|выдел\w*|зарабат\w*|заработ\w*)\b"
)
RELATIVE_MUCH = _pattern(r"^\s*(?:more|less|fewer|higher|lower|bigger|of|больше|меньше)\b|\bby how much\b")
IN_UNIT = _pattern(r"\b(?:in|в) ([^\W\d_]+)\s*\??$")
# "What happened", "what makes the ...": a verb, no noun.
VERBAL = _pattern(
    r"^(?:happen\w*|\w{3,}ed\b|(?:goes|comes|came|went|began|made|lies)\b|"
    r"\w{3,}s (?:the|a|an|it|him|her|them|you|us|to|up|out|in|on|when|if|after)\b)"
)
# "Number of former islanders", "число погибших".
COUNTED_OF = _pattern(r"\b(?:(?:number|quantity|count|total) of|число|количество)\s+(?:the\s+|all\s+)?")
# "Percentage of Russians who visited": what stands behind "who" tells of which, and asks nothing.
SHARE_OF = _pattern(
    r"^(?:the )?(?:total |average |exact )?(?:number|quantity|count|percentage|share|proportion) of\b"
)
SQUARE = _pattern(r"^(?:square|cubic|квадратных|кубических) [^\W\d_]+")
# "What does a ticket cost", "what was spent on it".
COSTS = _pattern(
    r"^(?:do|does|did|will|would) .{1,80}\b(?:cost|earn)(?: (?:in|per|for) .{1,40}|\W*)$|"
    r"^(?:is|was|were) (?:spent|paid) (?:on|for)\b"
)
RUSSIAN_VERB = re.compile(r"[а-яё]{4,}(?:л|ла|ло|ли|лся|лась|лось|лись)")
CAUSED = _pattern(r"^(?:caused?|led to|made|prompted|triggered|вызвало|послужило)\b")
MAKES_UP = _pattern(r"\b(?:makes? up|made up|account(?:s|ed)? for|constitutes?|comprises?|составля\w+)\b")
SUPERLATIVE = _pattern(r"\b(?:most|least|best|worst|first|last|only|latest|[a-z]{3,}est)\b|\bсам(?:ый|ая|ое)\b")
POSSESSIVE = re.compile(r"\w['’]s\b")
OF = _pattern(
    r"\b(?:of|in|for|on|at|between|to|from|by|that|who|which|when|where|during|with|used|called|в|на|из|между)\b"
)
NEGATION = _pattern(
    r"\b(?:not|no|never|none|nobody|nothing|without|cannot|не|нет|ни|никогда|никто|без)\b|\w+n['’]t\b|"
    r"\b(?:do|does|did|is|are|was|were|has|have|had|would|could|should)nt\b"
)
NOW = _pattern(
    r"\b(?:current(?:ly)?|now|today|latest|newest|at present|presently|nowadays|these days|at the moment|so far|"
    r"most recent(?:ly)?|still|сейчас|теперь|сегодня|нынешн\w+|ныне|текущ\w+|действующ\w+|на данный момент|"
    r"последн(?:ий|яя|ее|ие)|до сих пор)\b"
)
PAST = _pattern(
    r"\b(?:was|were|did|had|former(?:ly)?|ex-\w+|last time|then|used to|previous(?:ly)?|earlier|back in|once|"
    r"был|была|было|были|бывш\w+|тогда|прежн\w+|раньше|предыдущ\w+)\b"
)
PRESENT = _pattern(
    r"\b(?:is|are|has|have|does|do|leads|heads|owns|runs|holds|chairs|governs|serves|remains?|lives?|costs?|"
    r"возглавляет|руководит|владеет|является|живет|живёт|живут|стоит|занимает|составляет)\b|\b(?:who|what)['’]s\b"
)
# "Who is Una Farrell?" asks what is known of her, not for a name; "Who is Prime Minister?" does.
WHO_IS_NAMED = re.compile(
    rf"(?!.*(?:\b(?i:{'|'.join(sorted(PERSON_NOUNS))}|pm|ceo|cfo|pope)[?.!]*$|['’]s\s))"
    r"(?:[Aa]nd |[Ss]o )?(?:[Ww]ho (?:is|was|are|were)|[Кк]то так(?:ой|ая|ие))\s+"
    r"(?:[Mm]rs?\.? |[Mm]s\.? |[Dd]r\.? )?[A-ZА-ЯЁ][\w’'-]*\.?(?:\s[A-ZА-ЯЁ][\w’'-]*\.?){0,3}\s*[?.!]*$"
)
# "When will it open", "on what day is it to open": what answers is still to come.
AHEAD = _pattern(
    r"^(?!.*\b(?:did|was|were|had|has|have)\b)(?:.{0,40}\b)?(?:when|(?:what|which) \w+|how soon)\b.*?"
    r"(?:(?<!\bhis)(?<!\bher)(?<!\bthe)(?<!\ba)\s(?:will|going to)|"
    r"\b(?:is|are) (?:\w+ ){1,6}?(?:to be|due|expected))\b|"
    r"\bкогда\b.*\b(?:будет|будут|состоится|откро[её]т\w*|начн[её]т\w*)\b"
)
QUOTED = re.compile(r"[\"“«„]([^\"“”«»„]{1,200})[\"”»“]")
YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
# "Who found the gold" asks for the finder, not for a speaker.
FINDS = _pattern(
    r"\bwho (?:first )?(?:found|declared|announced|called|calls|described|predicted|promised)\b(?! that\b)"
)
