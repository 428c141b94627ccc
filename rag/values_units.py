"""Number words, units, currencies and measured things, in English and Russian: tables, no reading of text."""

from enum import StrEnum


class Dimension(StrEnum):
    """What a quantity measures; quantities of different dimensions are not compared."""

    COUNT = "count"
    SHARE = "share"
    MONEY = "money"
    RATIO = "ratio"
    TIME = "time"
    LENGTH = "length"
    AREA = "area"
    VOLUME = "volume"
    MASS = "mass"
    SPEED = "speed"
    TEMPERATURE = "temperature"
    POWER = "power"


def _forms(table: str) -> dict[str, float]:
    """Read lines of "value word word ..."."""
    rows = (line.split() for line in table.strip().splitlines())
    return {word: float(value) for value, *forms in rows for word in forms}


SMALL = _forms(
    """
    0 zero ноль нуль
    1 one один одного одна одну одной
    2 two два две двух двум двумя двое двоих
    3 three три трех трёх трем тремя трое троих
    4 four четыре четырех четырёх четырьмя четырем четверо
    5 five пять пяти пятью пятеро
    6 six шесть шести шестью шестеро
    7 seven семь семи семью семеро
    8 eight восемь восьми
    9 nine девять девяти девятью
    10 ten десять десяти десятью
    11 eleven одиннадцать одиннадцати
    12 twelve двенадцать двенадцати
    13 thirteen тринадцать тринадцати
    14 fourteen четырнадцать четырнадцати
    15 fifteen пятнадцать пятнадцати
    16 sixteen шестнадцать шестнадцати
    17 seventeen семнадцать семнадцати
    18 eighteen восемнадцать восемнадцати
    19 nineteen девятнадцать девятнадцати
    20 twenty двадцать двадцати
    30 thirty тридцать тридцати
    40 forty сорок сорока
    50 fifty пятьдесят пятидесяти
    60 sixty шестьдесят шестидесяти
    70 seventy семьдесят семидесяти
    80 eighty восемьдесят восьмидесяти
    90 ninety девяносто девяноста
    100 сто ста
    200 двести двухсот
    300 триста трехсот трёхсот
    400 четыреста четырехсот четырёхсот
    500 пятьсот пятисот
    600 шестьсот шестисот
    700 семьсот семисот
    800 восемьсот восьмисот
    900 девятьсот девятисот
    1.5 полтора полторы полутора
    """
)
LARGE = _forms(
    """
    12 dozen
    100 hundred
    1e3 thousand thousands тысяча тысячи тысяч тысячу тысячам тысячах тыс тыс.
    1e6 million millions миллион миллиона миллионов миллионам млн млн.
    1e9 billion billions bn миллиард миллиарда миллиардов миллиардам млрд млрд.
    1e12 trillion trn триллион триллиона триллионов трлн трлн.
    """
)
PARTS_OF_ONE = _forms(
    """
    2 half halves половина половину половины половиной
    3 third thirds треть трети третью
    4 quarter quarters fourth fourths четверть четверти четвертей
    5 fifth fifths пятых
    6 sixth sixths
    7 seventh sevenths
    8 eighth eighths
    9 ninth ninths
    10 tenth tenths десятых
    """
)

# Base units: percent, one of a currency, day, metre, square metre, litre, kilogram, metre a second, watt, degree.
# A line is: dimension, worth in base units, currency or scale ("-" for none), the words with "_" for a space.
_TABLE = """
    share 1 - % percent per_cent pct percentage_points процент процента процентов процентам п.п.
    money 1 dollar dollars dollar usd доллар доллара долларов долл.
    money 0.01 dollar cents cent
    money 0.01 pound pence penny
    money 1 euro euros euro евро
    money 1 yen yen иена иены иен йена йены йен
    money 1 ruble rubles ruble roubles rouble рубль рубля рублей рублям руб. руб
    money 1 pound pounds pound фунт фунта фунтов
    money 1 yuan yuan renminbi юань юаня юаней
    money 1 won вон
    money 1 rupee rupees rupee рупий
    money 1 franc francs franc франков
    money 1 krona kronor kroner krona крон
    money 1 peso pesos peso
    money 1 hryvnia hryvnias hryvnia гривен
    money 1 crown crowns crown
    money 1 dinar dinars dinar динаров
    money 1 real reais
    money 1 zloty zlotys zloty злотых
    money 1 lira liras lira lire лир
    money 1 forint forints forint форинтов
    money 1 shekel shekels shekel шекелей
    money 1 dirham dirhams dirham дирхамов
    money 1 riyal riyals riyal rials rial риалов
    money 1 shilling shillings shilling
    money 1 rand rands rand
    money 1 baht baht
    money 1 tenge tenge тенге
    money 1 lari lari лари
    money 1 leva leva lev левов
    money 1 guilder guilders guilder гульденов
    money 1 taka taka
    money 1 mark marks markkaa deutschmarks
    money 1 schilling schillings schilling
    money 1 peseta pesetas peseta
    money 1 escudo escudos escudo
    money 1 naira naira
    money 1 rupiah rupiah
    money 1 dong dong
    money 1 drachma drachmas drachma drachmae драхм
    time 0.000011574074 - seconds second секунд секунды
    time 0.000694444444 - minutes minute min минут минуты минуту
    time 0.041666666667 - hours hour hrs hr часов часа час
    time 1 - days day дней дня день суток
    time 7 - weeks week недель недели неделю
    time 30.4375 - months month месяцев месяца месяц
    time 365.25 - years year years_old year_old years_of_age лет года год
    time 3652.5 - decades decade десятилетий
    time 36525 - centuries century
    length 0.000000001 - nm nanometers nanometres
    length 9.4607e15 - light-years light_years
    length 0.001 - mm millimeters millimetres мм
    length 0.01 - cm centimeters centimetres centimetre centimeter см сантиметров
    length 1 - m metres meters metre meter м метров метра метр
    length 1000 - km kilometres kilometers kilometre kilometer км километров километра километр
    length 1609.344 - miles mile mi мили миль
    length 1852 - nautical_miles nautical_mile
    length 0.3048 - feet foot ft футов
    length 0.0254 - inches inch дюймов
    length 0.9144 - yards yard
    area 1 - m² m2 square_metres square_meters кв._м
    area 1000000 - km² km2 square_kilometres square_kilometers square_kilometre sq_km кв._км
    area 1000000 - квадратных_километров
    area 2589988 - square_miles square_mile sq_mi квадратных_миль
    area 10000 - hectares hectare ha га гектаров гектара
    area 4046.86 - acres acre
    area 0.092903 - square_feet sq_ft
    volume 1 - litres liters litre liter л литров литра
    volume 0.001 - cc cm³ ml millilitres milliliters
    volume 1000 - cubic_metres cubic_meters m³ кубометров
    volume 158.987 - barrels barrel баррелей
    volume 3.78541 - gallons gallon
    mass 0.001 - grams gram g грамм граммов
    mass 1 - kg kilograms kilogram kilos кг килограмм килограммов
    mass 1000 - tons tonnes tonne ton тонн тонны
    mass 1000000000 - gigatons gigatonnes
    mass 0.453592 - lbs lb
    mass 0.0283495 - ounces ounce oz
    speed 0.277778 - km/h kph км/ч километров_в_час
    speed 0.277778 - kilometres_an_hour kilometers_an_hour kilometres_per_hour
    speed 0.277778 - kilometers_per_hour km_per_hour
    speed 0.44704 - mph miles_per_hour miles_an_hour
    speed 0.514444 - knots узлов
    speed 1 - m/s м/с metres_a_second metres_per_second meters_per_second метров_в_секунду
    power 1 - watts watt
    power 1000 - kw kilowatts квт
    power 1000000 - mw megawatts мвт
    power 1000000000 - gw gigawatts
    power 745.7 - horsepower hp
    temperature 1 celsius °c degrees_celsius degrees_c degrees градусов градуса
    temperature 1 fahrenheit °f degrees_fahrenheit degrees_f
"""

UNITS: dict[str, tuple[Dimension, float, str]] = {
    word.replace("_", " "): (Dimension(dimension), float(worth), scale.strip("-"))
    for dimension, worth, scale, *words in map(str.split, _TABLE.strip().splitlines())
    for word in words
}
CURRENCY_SIGNS = {
    "$": "dollar", "us$": "dollar", "usd": "dollar", "€": "euro", "£": "pound", "¥": "yen", "₽": "ruble",
    "₩": "won", "₹": "rupee", "₴": "hryvnia", "a$": "dollar", "c$": "dollar",
}  # fmt: skip

# What is measured -> in what. The words by which a question asks for a quantity, as the beginnings of words.
_MEASURED = """
    money price cost salary wage fee fine revenue income profit budget debt spending worth money earn pay paid
    money rent tax tariff fare tuition penalty subsidy compensation ransom turnover
    money surplus deficit damages loss
    money стоит стоимост цен зарплат бюджет доход выручк расход денег деньги
    share share percent percentage proportion stake fraction доля доли долю долей процент част
    time age duration возраст длительност продолжительност
    length length distance height width depth elevation altitude diameter radius wingspan длин расстояни высот
    length ширин глубин
    area area площад territory
    mass weight mass вес масс
    speed speed скорост
    temperature temperature температур
    power power мощност
    count population number total toll численност населени числ количеств
"""
_MEASURED_BY = tuple(
    (word, Dimension(dimension))
    for dimension, *words in map(str.split, _MEASURED.strip().splitlines())
    for word in words
)


def dimension_of(noun: str) -> Dimension | None:
    """Return what a unit or a measured thing is counted in ("rubles", "price"), None for any other noun."""
    folded = noun.casefold()
    if folded in UNITS:
        return UNITS[folded][0]
    for stem, dimension in _MEASURED_BY:
        # English nouns stand as they are ("age" is no "agency"), Russian ones have endings.
        if folded in (stem, stem + "s") or (not stem.isascii() and folded.startswith(stem)):
            return dimension
    return None
