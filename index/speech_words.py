"""The words that report speech, by what they do in a sentence. Data and inflection; knows no document.

English and Russian stand side by side: a document may hold both, and no form here belongs to both languages.
"""

from enum import StrEnum


class Verb(StrEnum):
    """What a verb of saying needs beside it."""

    SAY = "say"  # a clause or quoted words: "said that ..."
    TELL = "tell"  # first the hearer: "told reporters that ..."
    ACT = "act"  # a thing: "rejected the plan"; no words are given
    SHOW = "show"  # papers say it: "the report found that ..."
    MIND = "mind"  # what someone holds, as others report it: "believes that ..."


_ENGLISH = {
    Verb.SAY: """
    say add note claim announce warn argue insist explain stress state declare assert maintain contend remark
    observe comment reply respond answer continue conclude write tweet recall admit acknowledge concede confirm
    allege predict suggest joke quip reiterate repeat emphasize emphasise underscore underline affirm reaffirm
    testify recount boast brag complain caution counter muse opine proclaim vow pledge promise propose
    recommend report disclose estimate lament speculate swear shout yell whisper exclaim interject retort
    ask wonder clarify point hint signal indicate imply highlight theorize demand guess
    agree elaborate mention text
    """,
    Verb.TELL: "tell inform remind assure advise notify persuade",
    Verb.ACT: """
    call describe deny reject dismiss accuse blame criticize criticise condemn praise defend denounce urge
    welcome question cite mock blast slam decry rebuke ridicule oppose support endorse deride hail
    compare thank congratulate dispute refute disavow applaud express lambaste rip tout characterize label
    refer allude decline refuse encourage plead
    seek liken downplay outline lash rail reference apologize advocate challenge portray discuss quote
    invoke chide scold fault implore assail disparage
    """,
    Verb.SHOW: "show find reveal",
    Verb.MIND: "worry suspect believe think hope doubt fear want expect feel consider prefer",
}
_IRREGULAR = {
    "say": ("says", "said", "saying"),
    "tell": ("tells", "told", "telling"),
    "write": ("writes", "wrote", "writing"),
    "swear": ("swears", "swore", "swearing"),
    "think": ("thinks", "thought", "thinking"),
    "find": ("finds", "found", "finding"),
    "feel": ("feels", "felt", "feeling"),
    "show": ("shows", "showed", "showing"),
    "admit": ("admits", "admitted", "admitting"),
    "quip": ("quips", "quipped", "quipping"),
    "brag": ("brags", "bragged", "bragging"),
    "slam": ("slams", "slammed", "slamming"),
    "rip": ("rips", "ripped", "ripping"),
    "prefer": ("prefers", "preferred", "preferring"),
    "refer": ("refers", "referred", "referring"),
    "seek": ("seeks", "sought", "seeking"),
    "hint": ("hints", "hinted", "hinting"),
}
# Past forms stand in all genders and numbers: заявил, заявила, заявило, заявили.
_RUSSIAN_PAST = """
сказал заявил сообщил отметил подчеркнул добавил рассказал пояснил объяснил уточнил напомнил предупредил
утверждал указал признал признался считал полагал ответил написал подтвердил констатировал резюмировал
заметил обратил выразил опроверг назвал поделился заверил предположил прокомментировал возразил
пообещал обещал объявил потребовал призвал добавлял говорил заключил спросил посетовал
""".split()
_RUSSIAN_OTHER = """
говорит говорят заявляет заявляют считает считают полагает полагают утверждает утверждают отмечает отмечают
подчеркивает подчёркивает сообщает сообщают уверен уверена уверены поясняет добавляет рассказывает пишет
пишут напоминает объясняет отрицает отрицают отрицал отрицала отверг отвергла отвергли отвергает уточняет
указывает признает признаёт предупреждает опровергла опровергли
""".split()


def _forms(base: str) -> tuple[str, str, str]:
    """Return the third person, the past and the -ing form of an English verb."""
    if base in _IRREGULAR:
        return _IRREGULAR[base]
    if base.endswith("e"):
        return base + "s", base + "d", base[:-1] + "ing"
    if base.endswith("y") and base[-2] not in "aeo":
        return base[:-1] + "ies", base[:-1] + "ied", base + "ing"
    return base + ("es" if base.endswith(("s", "sh", "ch")) else "s"), base + "ed", base + "ing"


def _verb_tables() -> tuple[dict[str, str], dict[str, tuple[str, Verb]]]:
    kinds: dict[str, str] = {}
    lemmas: dict[str, tuple[str, Verb]] = {}
    for verb, bases in _ENGLISH.items():
        for base in bases.split():
            third, past, gerund = _forms(base)
            for form, kind in ((base, "v"), (third, "s"), (past, "V"), (gerund, "G")):
                kinds[form], lemmas[form] = kind, (base, verb)
    for base in _RUSSIAN_PAST:
        stem = base.removesuffix("ся")
        for ending in ("", "а", "о", "и"):
            form = stem + ending + ("" if stem == base else "ся" if ending == "" else "сь")
            kinds[form], lemmas[form] = "V", (base, Verb.SAY)
    for form in _RUSSIAN_OTHER:
        kinds[form], lemmas[form] = "V", (form, Verb.SAY)
    return kinds, lemmas


VERB_KINDS, LEMMAS = _verb_tables()

# Without "that", a colon or quotation marks these say something else: "continued to Ohio", "responded with force".
MARKED = frozenset(
    """
    continue respond reply answer conclude repeat state report disclose shout whisper yell text mention recount
    agree estimate swear guess point hint signal feel think consider express discuss repeat remark elaborate
    maintain
    """.split()
)
# These may stand after their words: "..., Smith said".
POSTPOSED = frozenset(
    """
    say tell add note write explain argue continue recall state warn insist remark tweet observe conclude reply
    respond comment ask believe think predict claim acknowledge admit concede declare quip joke emphasize stress
    caution counter agree contend maintain report lament boast complain muse recount show suggest find answer vow
    announce assert exclaim shout repeat elaborate confirm allege estimate hope fear
    """.split()
)
# Only those who speak do these. Other verbs need a subject that is known to speak: "the fight underscored".
STRONG = frozenset(
    """
    say tell write argue insist claim explain announce believe think admit accuse vow warn joke quip tweet
    acknowledge testify remark comment ask allege maintain contend concede reply
    """.split()
)

# These may stand before their subject: '"...," said Smith'.
INVERTED = frozenset(
    """
    said says added adds wrote writes noted notes explained explains stated states asked asks recalled commented
    continued concluded replied responded remarked argued argues insisted observed tweeted warned quipped recounted
    declared answered agreed emphasized believes thinks stressed announced boasted joked lamented exclaimed
    """.split()
) | frozenset(form for form in VERB_KINDS if "а" <= form[0] <= "я")

_WORDS = {
    "D": """
    the a an his her its their this these those our my your some many several few most all both another any no
    one two three four five six seven eight nine ten dozens hundreds every each other
    этот эта эти его её ее их наш
    """,
    "P": "he she they it он она они",
    "H": "him them me us него нее неё них",
    "E": "there here",
    "S": "i we you я мы вы",
    "I": """
    of in at on for from with by about into over after during against between among through under across near
    to toward towards within without upon via per despite including like behind outside inside around since
    besides amid throughout before until till
    в на о об от из с со для при по к ко у во про за над под
    """,
    "W": "who whom whose which what where why how который которая которые кто чего чем",
    "t": "that что",
    "K": "and or but nor и или но а",
    "J": "as when while because although though if whether than unless whereas so как если когда хотя поскольку",
    "A": "have has had having did do does haven hasn",
    "B": "is are was were be been being am 's был была было были",
    "M": "will would can could may might must shall should cannot",
    "!": """
    not never n't nothing neither didn't don't doesn't hasn't haven't hadn't won't wouldn't can't couldn't didn’t
    don’t doesn’t hasn’t haven’t hadn’t won’t wouldn’t can’t couldn’t isn't aren't wasn't weren't isn’t aren’t
    wasn’t weren’t не нет никогда
    """,
    "R": """
    also later then again earlier recently still even just once often now previously further meanwhile too
    however instead first already always ever simply soon thus yet only afterward indeed
    также тогда же ранее позже затем тоже уже еще ещё снова раньше потом недавно впрочем при этом
    """,
    "T": """
    monday tuesday wednesday thursday friday saturday sunday today yesterday tonight tomorrow morning afternoon
    evening night week weekend month year last next
    january february march april june july august september october november december jan feb aug sept oct nov dec
    сегодня вчера завтра понедельник вторник среду четверг пятницу субботу воскресенье
    """,
    "X": """
    won lost went came took gave made got met left put held ran led saw knew began became brought kept sent
    spent stood fell grew shot hit set let goes comes takes gives makes gets keeps seems became bought sold broke
    chose drew drove ate fought flew forgot forgave hid heard paid rose sat spoke struck taught understood wore
    took been gone done seen taken given won't read remains became lives works stood speaks spoken
    """,
    "k": "according согласно словам мнению данным информации оценке утверждению",
}
WORD_KINDS = {word: kind for kind, words in reversed(_WORDS.items()) for word in words.split()}

ROLES = frozenset(
    """
    president minister secretary senator sen representative rep governor gov mayor chairman chairwoman chair
    spokesman spokeswoman spokesperson ambassador envoy diplomat deputy director chief head leader official
    officer candidate nominee lawmaker congressman congresswoman analyst expert researcher professor prof doctor
    dr judge attorney lawyer general gen colonel col captain manager strategist adviser advisor aide commissioner
    premier chancellor king queen prince princess pope bishop rabbi reporter journalist author historian economist
    scientist activist organizer coordinator executive ceo founder owner editor columnist pollster consultant
    speaker whip justice sheriff lt sgt rev reverend delegate councilman councilwoman counsel mr mrs ms miss sir
    lady dame vice former prosecutor detective secretary-general co-founder billionaire actor singer businessman
    host anchor correspondent veteran student teacher engineer poet pastor politician member resident fellow
    scholar spokespersons operative democrat republican whistleblower agent inspector commander admiral major
    steward treasurer caretaker nurse surgeon physician architect designer developer contractor landlord landlady
    shopkeeper goalkeeper pianist musician sculptor novelist translator librarian curator biologist chemist
    physicist geologist meteorologist psychologist sociologist midwife veterinarian pharmacist dentist fisherman
    mechanic electrician plumber investor banker accountant auditor chairperson headteacher headmaster lecturer
    superintendent
    министр президент замминистра представитель глава депутат сенатор директор эксперт посол губернатор мэр
    премьер пресс-секретарь председатель политолог аналитик дипломат сотрудник доктор кандидат министра спикер
    профессор секретарь руководитель заместитель премьер-министр востоковед японист дел генсек
    """.split()
)

# Heads of phrases that speak without being a person.
PAPERS = frozenset(
    """
    poll polls survey surveys study studies report reports data analysis research results statement document
    documents records emails email letter memo article post paper review filing lawsuit numbers figures
    message note investigation inquiry estimate estimates census statistics tweet video findings forecast
    """.split()
)
# A capitalised run that ends in one of these names a body, not a person.
BODIES = frozenset(
    """
    ministry department agency committee party house senate congress times post journal university institute
    court council union bank commission association center centre group service office bureau board company
    corporation club foundation fund government administration parliament cabinet kremlin duma league campaign
    police army navy force states kingdom federation republic street news network tribune herald press media
    embassy convention conference act bill treaty island islands county city state america street avenue tower
    day church plan command caucus primary election war project program union league series
    война россии рф федерации думы министерство мид
    """.split()
)
PEOPLE = frozenset(
    """
    people officials experts analysts critics supporters opponents advocates lawmakers republicans democrats
    voters leaders members observers sources authorities residents witnesses police aides allies activists
    organizers economists scientists researchers lawyers prosecutors investigators investors parents women men
    woman man father mother wife husband son daughter brother sister friend source group groups campaign team
    company firm organization agency union candidates senators governors diplomats reporters journalists
    historians scholars doctors workers employees executives americans others conservatives liberals insiders
    strategists pollsters governor campaigns crowd author authors pair couple duo protesters side office panel
    """.split()
)
PLURAL_OR_MASS = frozenset(
    {"people", "police", "staff", "both", "some", "many", "others", "percent", "%", "women", "men"}
)

# What a report was made in or to, between the verb and the words: "said in a statement on Friday that".
OCCASIONS = frozenset(
    """
    statement interview interviews speech tweet tweets email emails e-mail letter post posting briefing remarks
    conference call memo release blog op-ed article editorial column address appearance filing reporters
    journalists newspaper note comment comments response debate rally event forum hearing testimony report
    parliament
    congress lawmakers television tv radio twitter facebook instagram message video show broadcast program session
    meeting press podcast reply telegram supporters crowd audience voters
    """.split()
)

FEMALE_TITLES = frozenset(
    "ms mrs miss spokeswoman chairwoman congresswoman councilwoman businesswoman lady dame".split()
)
MALE_TITLES = frozenset("mr sir spokesman chairman congressman councilman businessman".split())
FEMALE_NAMES = frozenset(
    """
    mary maria hillary sarah anna anne elizabeth kellyanne katrina jennifer jessica ashley amanda michelle melissa
    laura susan karen nancy lisa linda barbara margaret dorothy helen sandra donna carol ruth sharon patricia
    deborah debbie kimberly kate katie emily emma olivia sophia julia julie angela melania ivanka chelsea huma
    rachel megan megyn heather carly olga elena natalia svetlana tatiana ekaterina irina alina sanae yoko yuko
    saori akie yuriko keiko naomi loretta donna gloria jill jane alice cheryl christine christina claire diana
    ellen eva jean joan judith judy kathleen kathryn martha monica nina paula rebecca robin rosa samantha stephanie
    victoria virginia wendy мария ольга елена наталья светлана татьяна екатерина ирина анна юлия
    """.split()
)
MALE_NAMES = frozenset(
    """
    donald john james robert michael mike william bill david richard joseph joe thomas tom charles chris
    christopher
    daniel dan matthew matt mark paul steven steve stephen andrew andy kenneth ken kevin brian george edward ed
    ronald timothy tim jason jeffrey jeff ryan jacob gary eric jonathan larry scott frank brandon benjamin ben
    samuel sam gregory greg alexander patrick jack dennis jerry tyler aaron adam henry nathan peter zachary kyle
    walter barack bernie ted marco jeb mitt newt rudy harry chuck mitch vladimir dmitry sergei sergey andrei andrey
    alexei oleg igor ivan viktor pavel nikolai mikhail boris shinzo fumio shigeru toshimitsu akira takeshi kenta
    hideki kazuo jeremy corey reince gleb martin roger simon владимир дмитрий сергей андрей алексей олег игорь
    """.split()
)
