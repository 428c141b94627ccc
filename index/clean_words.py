"""The words by which a line shows that it belongs to the page and not to the article. Patterns only.

English and Russian. Families of words (share, read also, subscribe), never the lines of one site: what a word
list cannot know, index.clean tells by the place and the shape of a line.
"""

import re


def _any(phrases: str) -> str:
    """Return a pattern that matches any one of the lines; a blank in a line is any white space."""
    lines = (line.strip() for line in phrases.strip().split("\n"))
    return "(?:" + "|".join(re.sub(" +", r"\\s+", line) for line in lines) + ")"


_EDGE = r"^[\W_]*"
_REST = r"\s*(?P<colon>[:—–-]?)\s*(?P<rest>.*)$"

# One headline follows: on the same line after a colon, or on the next line.
PAGER = re.compile(
    _EDGE
    + _any(
        r"""
        (?:previous|next|more) in \w+
        (?:previous|prev|next|older|newer|up next)(?P<item> (?:article|post|story|item|page|entry|column|news))?
        (?:предыдущ|следующ)\w+(?P<вещь> (?:стать[яи]|новост[ьи]|материал|запись|публикаци[яи]|страниц[аы]))?
        """
    )
    + r"\s*[<>«»←→]*\s*(?P<colon>:?)\s*(?P<rest>.*)$",
    re.IGNORECASE,
)
# Headlines follow: one on the same line after a colon, or a list below. These stand inside articles too.
RELATED = re.compile(
    _EDGE
    + _any(
        r"""
        (?:you (?:may|might|will)|we think you)(?: also)? (?:like|enjoy|love|be interested in)
        also read|read (?:also|more|next|on|now|further)|(?:see|watch) also
        (?:keep|continue|further) reading|what to (?:read|watch) next
        explore more(?: on these topics)?
        (?-i:MORE)(?=\s*:(?:\s+\S+){3})
        related(?: (?:articles?|stories|story|posts?|news|links?|reading|content|topics|coverage))?
        (?:recommended|suggested|similar) (?:articles|stories|posts|news|reading|content|for you)
        more (?:stories|articles|news|from|on|like this)(?: [^\s.,:]+){0,4}
        (?:most|now) (?:read|popular|viewed|shared|commented|reading|trending)(?: (?:in|on) [\w\s]{1,25})?
        (?:trending|popular)(?: (?:now|news|stories|posts|articles))?
        don['’]t miss|must[-\s]reads?|in case you missed it|editor['’]?s['’]? (?:picks?|choice)
        (?:latest|recent|top|other) (?:news|stories|articles|posts|headlines)
        (?:читайте|читать|смотрите|смотреть|слушайте|см\.) (?:также|ещ[её]|далее|дальше|по теме)
        (?:материалы|новости|статьи|публикации|ещ[её]|другое|ранее|больше|подробнее) (?:по|на) (?:этой )?тем[еуы]
        (?:похожие|другие|последние|главные|свежие|популярные) (?:новости|статьи|материалы|записи|публикации)
        популярное|рекомендуем(?:ое)?|самое (?:читаемое|популярное|интересное)|выбор редакции|не пропустите
        новости партн[её]ров|лента новостей|вам (?:может|будет) (?:понравиться|быть интересно|интересно)
        """
    )
    + _REST,
    re.IGNORECASE,
)

# Cards follow: headline, summary, age. Without the ages "Recommended" may be a heading of the article.
CARDS = re.compile(
    rf"(?:{RELATED.pattern.removesuffix(_REST)}|{_EDGE}(?:recommended|suggested|рекомендуем))\W*$", re.IGNORECASE
)
AGE = re.compile(
    r"^\W*(?:(?:\d{1,2}|an?) ?(?:m|mins?|minutes?|h|hrs?|hours?|d|days?|weeks?) ago|yesterday|just now"
    r"|(?:\d{1,2} )?(?:мин\w*|час\w*|день|дня|дней|недел\w+) назад|вчера)\W*$",
    re.IGNORECASE,
)

# Networks whose names mean nothing else.
_NETWORK = (
    r"(?:facebook|twitter|whats\s?app|telegram|viber|vk|linkedin|reddit|pinterest|flipboard|mastodon|bluesky|threads"
    "|messenger|instagram|вконтакте|одноклассники)"
)
# What can be pressed. A line of nothing else, with or without separators between, is a row of buttons.
BUTTON = re.compile(
    "^"
    + _any(
        r"""
        (?:share|send|save|print|email|e-mail|mail|pin|like|dislike|bookmark|repost|cite|listen|copy|comment|subscribe)
        (?:share|post|tweet|send|save|print|e-?mail|pin|copy) (?:this|it|(?:via|on|to|by|with|for) \S+|link|later)
        (?:share|print|save|e-?mail|comment on|discuss) this (?:article|story|post|page|column|on \w+)
        (?:report|correct|found) (?:a|an) (?:typo|error|mistake)|listen (?:instead|now|to .{3,20})?(?:\(.{3,12}\))?
        (?:tweet|x|vkontakte|ok|line|tumblr|pocket|youtube|rss|weibo|wechat|skype|sms|digg)
        (?:copy|short|perma)\s*link|link copied|order reprints?|print article|(?:text|font) size|back to top
        skip to (?:main )?content|(?:show|load) more|(?:view|see) all|close|menu|search
        log\s?in|log\s?out|sign (?:in|up|out)
        register|my account|letters? to the editor|back issues|view comments
        (?:поделиться|отправить|сохранить|распечатать|печать|скопировать|комментировать|подписаться|нравится|слушать)
        (?:поделиться|отправить|скопировать|подписаться) (?:ссылк\w+|в \w+|на \w+|по почте|друзьям|другу)
        (?:войти|вход|регистрация|поиск|меню|наверх|закрыть|показать (?:ещ[её]|вс[её])|ответить|обсудить)
        (?:вк|ок|телеграмм?|твиттер|фейсбук|дзен|ссылка|вотсап|вайбер|жж)
        """
        + _NETWORK
    )
    + "$",
    re.IGNORECASE,
)
# Names of networks in a row, whatever stands between them.
NETWORKS = re.compile(rf"^\W*(?:{_NETWORK}\b\W*){{2,}}$", re.IGNORECASE)
SHARE_LABEL = re.compile(
    _EDGE + r"(?:share(?:\s+(?:this|on|via|it|to|with)(?:\s+\w+){0,3})?|поделиться|поделитесь)\s*:[^\d.!?]*$",
    re.IGNORECASE,
)

# Offers of the page to its reader: how to take in the article, and how long that takes.
WIDGET = re.compile(
    _EDGE
    + _any(
        r"""
        (?:no|not enough|short on|pressed for|don['’]t have|have no) (?:the )?time\b.{0,30}\?
        in a (?:hurry|rush)\s*\?.{0,40}
        (?:get|show|see|view|generate|read) (?:a|an|the|me|this|ai)(?: (?:ai|quick|short|brief))? summary
        (?:get|show|see|view|generate|read) (?:a|an|the) summary of this \w+
        (?:ai )?summari[sz]e(?: (?:this|the|with)\b.{0,30})?|tl;?dr|quick read|read aloud|audio version
        (?:estimated )?read(?:ing)? time\b.{0,30}|\d+[-\s]?min(?:ute)?s?(?: to)? read
        (?:listen|watch|play|hear)(?: (?:to|instead|now|this|the|audio|article|story)){0,4}(?:\s*\(.{1,20}\))?
        нет времени\b.{0,30}\??|кратко|пересказ|время (?:на )?чтени[яе].{0,20}|читать \d+ мин\w*
        """
    )
    + r"\W*$",
    re.IGNORECASE,
)

# Offers that fill their line and that no author makes, wherever they stand.
OFFER = re.compile(
    _EDGE
    + _any(
        r"""
        (?:get|show|view|generate) (?:a|an|the|ai)(?: (?:ai|quick|short|brief))? summary(?: of this \w+)?
        (?:share|print|save|e-?mail) this (?:article|story|post)
        (?:listen to|play|hear) this (?:article|story)(?:\s*\W?\d.{0,12})?
        (?:no|not enough|short on) time to read\?
        поделиться (?:статьёй|статьей|новостью|материалом)|(?:слушать|прослушать) статью.{0,12}
        """
    )
    + r"[^\w.:]*$",
    re.IGNORECASE,
)

# Notices that fill their line, wherever it stands.
NOTICE = re.compile(
    _EDGE
    + _any(
        r"""
        (?:advertise?ment|advertorial|sponsored content|paid content|реклама|на правах рекламы)\W*
        (?:©|\(c\)\s|copyright (?:©|\(c\)|\d{4}(?!\s+(?-i:[a-z])))).*
        (?:all rights reserved|все права защищены)\b.*
        (?:photo|image|picture)(?:s? (?:credits?|source|courtesy))?\s*[:/©].*
        (?:фото(?:графия)?|источник фото)\s*[:/©].*
        переведено(?: (?:сервисом|автоматически|с помощью|при помощи|с \w+ языка|машин).*)?
        перевод (?:выполнен|сделан|сервис).*
        translated (?:automatically|(?:from \w+ )?(?:by|with|using) (?:\w+ )?(?:machine|ai|google|deepl|yandex)).*
        this (?:article|text|page|story) was originally (?:published|written) in \w+ and translated .*
        read (?:this )?(?:article |story )?in:(?:\W+\w+){1,8}
        """
    )
    + "$",
    re.IGNORECASE,
)
# Labels above and below an article. Inside one the same words may be a heading or a line of a form.
OUTSIDE = re.compile(
    _EDGE
    + _any(
        r"""
        (?:(?:\d[\d.,]*|no|нет) )?(?:comments?|replies|views?|shares?|комментари(?:й|я|и|ев)|просмотр(?:а|ов|ы)?)
        (?:comments?|replies|views?|комментари(?:й|я|и|ев)|просмотры)\s*[:(]?\s*\d[\d.,]*\)?
        (?:leave|post|add|write) (?:a|your) (?:comment|reply)\b.*|(?:оставить|добавить|написать) комментарий.*
        (?:tags?|keywords|filed under|posted in|categor(?:y|ies)|теги?|метки|рубрик[аи]|ключевые слова)\s*:.*
        [\w\s]{0,25}по теме\s*:.*|copyright by .*|translated by .*
        """
    )
    + r"\W*$",
    re.IGNORECASE,
)
# Sentences that speak of the page. Counted only at the edges of an article.
APPEAL = re.compile(
    _any(
        r"""
        ^\W*(?:please )?subscribe\b|^\W*enter your e-?mail\b
        ^\W*get (?:our|the) (?:latest|best|top)? ?(?:updates|news|stories|headlines)\b
        \b(?:sign up|subscribe|click here)\b.{0,80}\b(?:newsletters?|inbox|updates|alerts|podcast)\b
        \bnewsletters?\b.{0,80}\b(?:inbox|click here|subscribe|sign up)\b
        \bclick here (?:for (?:more|all)|to (?:subscribe|read|join|sign|see more))\b
        \b(?:delivered|straight|right|sent|directly) (?:to|in|into)(?: \w+){0,2} your (?:e-?mail )?inbox\b
        ^\W*follow .{2,60}? on (?:twitter|x|facebook|instagram|threads|bluesky|telegram|linkedin|youtube)\b
        ^\W*reach .{2,60}? on twitter\b
        \bfollow (?:us|me|her|him|them|@\w+)\b.{0,30}\b(?:on|at) (?:twitter|x|facebook|instagram|telegram|http)\b
        \ball rights reserved\b
        \b(?:material|content|article|text)\b.{0,40}\bmay not be (?:published|reproduced|copied)\b
        \bnon-?commercial use only\b|\bterms (?:of (?:use|service)|and conditions) apply\b
        \b(?:links?|if you (?:buy|click|purchase))\b.{0,80}\b(?:we|us|site)\b.{0,60}\b(?:commission|share of the)\b
        \baffiliate links?\b
        \bauthor['’]?s? (?:opinions?|views?)\b.{0,60}\b(?:editor\w*|(?:her|his|their) own)\b
        \b(?:opinions?|views) expressed\b.{0,60}\b(?:editor\w*|(?:her|his|their) own)\b
        \bcomments? (?:are|is) (?:closed|moderated)\b|\bplease try again later\b|^this article has been sent to\b
        \b(?:we|site|website|page) (?:uses?|stores?)\b.{0,60}\b(?:cookies|on your device)\b
        \bcookie (?:policy|settings)\b
        ^\W*machine[-\s]translated\b|\bthis (?:article|text|page|story) (?:was|is|has been)(?: \w+)? translated\b
        подпи(?:сывайтесь|шитесь)\b|следите за (?:наш|новост|нами)
        нашли (?:ошибку|опечатку)|сообщить об ошибке|ctrl\s*\+\s*enter|^\W*перепечатка
        (?:мы|сайт) использу\w+ .{0,40}(?:cookie|куки)|политика конфиденциальности
        при (?:использовании|копировании|цитировании) (?:материалов|ссылка)
        мнение (?:автора|редакции).{0,60}(?:редакци|автор)
        """
    ),
    re.IGNORECASE,
)
# Sentences that ask the reader for something, as the author of a letter does too: the page has to show itself.
INVITATION = re.compile(
    _any(
        r"""
        ^\W*(?:please )?(?:sign up (?:now|today|here|(?:for|to) (?:our|free))|donate)\b
        ^\W*(?:please )?(?:join|follow|support|contact) (?:us|our|me|@)\b|^\W*(?:tell|send) us\b
        ^\W*(?:download|get) our\b|^\W*become a (?:member|subscriber|supporter)\b|^\W*have a (?:tip|story)\b
        ^.{0,30}\b(?:e-?mail|write to|reach(?:ed)?|contact|tip)\b.{0,80}(?:\S@\S+\.\w|@\w{3,}|twitter\.com)
        ^\W*(?:присоединяйтесь к|вступайте в)
        """
    ),
    re.IGNORECASE,
)
# What only a page has. A sentence about it may name a day or a number and is the page's still.
ABOUT_PAGE = re.compile(
    r"""\b(?:newsletters?|inbox|cookies?|subscri\w+|click\ here|rights\ reserved|reproduced|affiliate|podcasts?
    |alerts|machine|translated|comments|terms\ of|рассылк\w+|подпи\w+|куки|перепечатк\w+|ctrl|материалов
    |редакци\w+)\b""",
    re.IGNORECASE | re.VERBOSE,
)
# A day, a number or a deadline; the numbers of an address or a handle do not count.
PRECISE = re.compile(
    r"""(?<![\w@/.-])\d|\b(?:noon|midnight|deadline|tomorrow|tonight|today|before|until|within
    |(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|june|july|august|september|october
    |november|december|сегодня|завтра|срок\w*|(?:январ|феврал|апрел|июн|июл|август|сентябр|октябр|ноябр|декабр)\w+
    |понедельник|вторник|сред[ау]|четверг|пятниц[ау]|суббот[ау]|воскресенье)\b""",
    re.IGNORECASE | re.VERBOSE,
)
# Whoever quotes or reports somebody writes an article.
REPORTED = re.compile(r"[“”«\"]|\b(?:said|says|told|added|wrote|сказал\w*|заявил\w*|сообщил\w*)\b", re.IGNORECASE)
BYLINE = re.compile(
    r"^(?:(?:written\s+|reported\s+|posted\s+|reviewed\s+)?by\s|(?:автор|текст|text|author)\s*:)\s*(?P<names>\S.{2,70})$",
    re.IGNORECASE,
)
