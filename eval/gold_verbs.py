"""The verbs of which drafted questions are made: "opened" belongs to "open". Knows forms; knows no sentence."""

_REGULAR = """
    open close end start stop launch found establish repair replace renovate install rename restore deliver
    order pay amount mean receive return transfer approve reject accept adopt sign ratify announce declare
    publish present visit arrive depart land move join name appoint elect promote retire resign succeed
    expire mature renew cancel suspend extend introduce ban expel raise lower reduce increase cover weigh
    last cost measure supply own contain serve carry employ hire train host organise organize complete
    finish plant harvest record sail load produce earn collect donate lend design guarantee insure invite
    agree prohibit renounce admit propose refuse list score treat test discover invent rescue count report
    attract
""".split()
_IRREGULAR = dict(
    pair.split("/")
    for pair in """
    began/begin became/become built/build bought/buy sold/sell sent/send spent/spend held/hold kept/keep made/make
    met/meet won/win lost/lose left/leave gave/give took/take rose/rise fell/fall came/come went/go wrote/write
    drew/draw shut/shut broke/break led/lead paid/pay lent/lend caught/catch grew/grow taught/teach chose/choose
    ran/run saw/see found/find brought/bring shot/shoot set/set
    """.split()
)
_DOUBLED = frozenset("stop ban expel admit transfer".split())


def _past(base: str) -> str:
    if base.endswith("e"):
        return f"{base}d"
    if base.endswith("y") and base[-2] not in "aeo":
        return f"{base[:-1]}ied"
    return f"{base}{base[-1] if base in _DOUBLED else ''}ed"


def _present(base: str) -> str:
    if base.endswith("y") and base[-2] not in "aeo":
        return f"{base[:-1]}ies"
    return f"{base}es" if base.endswith(("s", "sh", "ch", "x", "go")) else f"{base}s"


_BASES = sorted({*_REGULAR, *_IRREGULAR.values()})
PASTS = {_past(base): base for base in _REGULAR if base not in _IRREGULAR.values()} | _IRREGULAR
PRESENTS = {_present(base): base for base in _BASES}
DONE_WORDS = sorted(
    {_past(base) for base in _REGULAR}
    | set(
        "built sold bought sent held begun made shut drawn written kept given taken chosen broken led paid".split()
    )
)
