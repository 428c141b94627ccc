#!/usr/bin/env python3
"""Write the two sample PDFs of eval/corpora/kurils/.

The text is written for this project and lives in this file. Outlets, authors
and the persons listed as invented in the corpus manifest do not exist.
The output is the same bytes on each run (reportlab invariant mode, fixed
dates), so that a second run leaves a clean working tree.

    pip install reportlab==5.1.0
    python tools/make_sample_pdfs.py [OUTPUT_FOLDER]
"""

import calendar
import os
import sys
from pathlib import Path

from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen import canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

rl_config.invariant = 1

DEFAULT_OUT = Path(__file__).resolve().parent.parent / "eval" / "corpora" / "kurils"

BODY = ParagraphStyle("body", fontName="Times-Roman", fontSize=11.5, leading=16.5, spaceAfter=8)
HEAD = ParagraphStyle("head", fontName="Helvetica-Bold", fontSize=13, leading=17, spaceBefore=8, spaceAfter=5)
TITLE = ParagraphStyle("title", fontName="Helvetica-Bold", fontSize=18, leading=23, spaceAfter=6)
BYLINE = ParagraphStyle("byline", fontName="Helvetica-Oblique", fontSize=10, leading=13, spaceAfter=12)
CELL = ParagraphStyle("cell", fontName="Times-Roman", fontSize=10.5, leading=13.5)


SANCTIONS = {
    "file": "japan-sanctions-january-2025.pdf",
    "title": "Japan widens its Russia list, and Toyama's car yards get quieter",
    "author": "Nadia Ferreira-Holt",
    "date": (2025, 1, 15),
    "running": "Quayside Trade Bulletin",
    "byline": "Quayside Trade Bulletin, 15 January 2025. By Nadia Ferreira-Holt, Toyama",
    "margin": 22 * mm,
    "parts": [
        "Japan made its sanctions against Russia stricter last Friday. The cabinet of Prime Minister "
        "Shigeru Ishiba agreed to freeze the assets of dozens more people and organizations and to ban "
        "exports to dozens of companies, some of them in third countries that are suspected of passing "
        "goods on to Russia. Chief Cabinet Secretary Yoshimasa Hayashi announced the decision. Part of the "
        "list is aimed at the military cooperation between Russia and North Korea.",
        "Moscow says that such steps are the very reason why there are no talks on a peace treaty. Tokyo "
        "answers that the sanctions are about Ukraine and have nothing to do with the treaty.",
        "# How the list grew",
        "In April 2022 Japan took away Russia's status as a most favoured nation in trade, stopped the "
        "export of cars that cost more than 6 million yen, and expelled eight Russian diplomats and trade "
        "officials. Russia expelled eight Japanese diplomats in the same month, and on 4 May 2022 it "
        "published a list of 63 Japanese citizens who may not enter, Fumio Kishida, then prime minister, "
        "among them. In December 2022 Japan joined the price cap of 60 dollars a barrel on Russian crude "
        "oil, with an exemption for oil from Sakhalin-2. In August 2023 it banned the export of cars with "
        "an engine of more than 1.9 litres.",
        "# Who feels it",
        "The last rule hit the used-car yards near Toyama, which had lived on customers from Vladivostok. "
        "Masato Kurihara, who owns one of them, sold 1,150 cars to Russia in 2022 and 310 in 2024. He has "
        'let four of his eleven workers go. "Small cars still go. With a small car you earn a small '
        'lunch," he said.',
        "Economist Beatriz Quental, who studies trade in the Sea of Japan, said the effect on Russia is "
        "modest. By her estimate two thirds of the lost cars now reach Russia by way of other countries. "
        "The political effect is greater, she believes, because each new round gives Moscow one more "
        "reason to stay away from the table.",
    ],
    "table": None,
}

BACKGROUND = {
    "file": "kanda-background-peace-treaty.pdf",
    "title": "No treaty after eighty years: a background paper on Russia, Japan and four islands",
    "author": "Ruriko Asanuma and Jonas Wedel",
    "date": (2025, 11, 20),
    "running": "Kanda Policy Sheet no. 88 - Background",
    "byline": "Kanda Policy Sheet no. 88, 20 November 2025. By Ruriko Asanuma and Jonas Wedel",
    "margin": 30 * mm,
    "parts": [
        "Russia and Japan ended their state of war in 1956, yet they have never signed a peace treaty. The "
        "reason is a dispute about four places at the southern end of the Kuril chain: Iturup (in Japanese "
        "Etorofu), Kunashir (Kunashiri), Shikotan and the Habomai group. This paper puts the dates in order "
        "and sets the claims of the two sides next to each other. It takes no side.",
        "# 1. Treaties before the war",
        "The first border was agreed on 7 February 1855 in Shimoda. It ran between Iturup and Urup, so that "
        "all four disputed places were on the Japanese side. Sakhalin was left undivided. In 1875, by a "
        "treaty signed in Saint Petersburg, Japan gave up its claim to Sakhalin and received the rest of "
        "the Kurils. After the war of 1904-1905 the Treaty of Portsmouth gave Japan the southern half of "
        "Sakhalin, up to the fiftieth parallel.",
        "For Tokyo the lesson is that the four islands had never belonged to another country. For Moscow the "
        "old treaties lost their force when the two countries went to war.",
        "# 2. 1945 and the San Francisco treaty",
        "At Yalta in February 1945 the United States and Britain promised the Kurils to the Soviet Union as "
        "a price for entering the war against Japan. The Soviet Union declared war on 8 August 1945. Its "
        "soldiers landed on Iturup on 28 August and had taken the last of the Habomai islets by 5 September, "
        "after Japan's capitulation had been announced. About 17,000 Japanese were living there; by 1949 "
        "they had all been sent to Japan.",
        "In San Francisco in 1951 Japan renounced the Kuril Islands. The text did not say to whom they were "
        "to go, and the Soviet Union did not sign it. Tokyo later took the position that the four islands "
        "are not part of the Kurils that it renounced. Moscow regards this as an afterthought.",
        "# 3. The Joint Declaration of 1956",
        "Prime Minister Ichiro Hatoyama and Soviet Premier Nikolai Bulganin signed the Joint Declaration in "
        "Moscow on 19 October 1956. It came into force on 12 December of that year. It ended the state of "
        "war, restored diplomatic relations, let the last Japanese prisoners go home and opened Japan's way "
        "into the United Nations. In Article 9 the Soviet Union agreed to hand over Habomai and Shikotan, "
        "but only after a peace treaty had been concluded. Iturup and Kunashir are not named there.",
        "In January 1960, when Japan signed a new security treaty with the United States, Moscow added a "
        "condition: the two islands would be handed over only when all foreign troops had left Japan. Tokyo "
        "protested that a signed document cannot be changed by one side.",
        "# 4. Thirty years of attempts",
        "Mikhail Gorbachev came to Tokyo in April 1991, the first Soviet leader to do so, and admitted that "
        "a question of four islands exists. Visa-free exchange between residents of the islands and Japanese "
        "citizens was agreed in 1991 and began in 1992. By the Japanese count some 24,500 people had used it "
        "by 2019: more than 14,000 Japanese and more than 10,000 Russians. A Sakhalin archive gives a lower "
        "total.",
        "The Tokyo Declaration of October 1993, signed by Boris Yeltsin and Morihiro Hosokawa, lists the "
        "four islands by name. In Krasnoyarsk in 1997 Yeltsin and Ryutaro Hashimoto set themselves the goal "
        "of a treaty by the year 2000. In Kawana in 1998 Hashimoto proposed a border north of the four "
        "islands, with Russian administration to go on for the time being; Russia declined. In Irkutsk in "
        "March 2001 Vladimir Putin and Yoshiro Mori confirmed the declaration of 1956 as the starting "
        "point.",
        "In November 2010 Dmitry Medvedev became the first Russian head of state to set foot on Kunashir. "
        "Tokyo recalled its ambassador for a short time.",
        "# 5. Putin and Abe",
        "Shinzo Abe tried a new approach: economy first. In 2016 he offered eight fields of cooperation, and "
        "the two leaders agreed in December to discuss joint economic activity on the islands. In Singapore "
        "on 14 November 2018 they decided to move faster on the basis of 1956, which many in Japan read as a "
        "step from four islands to two. The talks stuck on two points. Russia wanted Japan to recognise "
        "the result of the war first, and it wanted to be sure that no American forces would follow.",
        "In July 2020 an amendment to the Russian Constitution prohibited giving up territory. It makes an "
        "exception for the delimitation of borders with neighbouring states. Japanese diplomats pointed to "
        "the exception; Russian officials have said that it does not apply to the Kurils.",
        "# 6. The break of 2022",
        "Japan joined the sanctions of the G7 in February 2022. On 21 March 2022 the Russian Foreign Ministry "
        "declared that it did not intend to go on with the treaty talks. In June it suspended the fishing "
        "agreement of 1998, and in September it ended the agreements of 1991 and 1999 on travel without "
        "visas. Japan's diplomatic yearbook of that spring again described the islands as illegally "
        "occupied, in words it had not used since 2003.",
        "Each capital says the other one broke off the talks. Moscow points to the sanctions, which came "
        "first. Tokyo points to the declaration of 21 March, which is the only document that ends the talks.",
        "# 7. Where it stands",
        "Prime Minister Sanae Takaichi, in office since 21 October 2025, repeated the aim of a treaty after "
        "a settlement of the territorial question. The Kremlin welcomed the words and named sanctions as the "
        "obstacle. The authors asked six researchers in Sapporo, Tokyo and Vladivostok whether a treaty is "
        'likely before 2030. Five answered no. The sixth, Hokuto Narisawa, answered: "Not before, and not '
        'in 2030 either, but I would like to be asked again."',
        "# Table of dates",
    ],
    "table": [
        ("1855", "Treaty of Shimoda: border between Iturup and Urup"),
        ("1875", "Saint Petersburg: Kurils to Japan, Sakhalin to Russia"),
        ("1905", "Portsmouth: southern Sakhalin to Japan"),
        ("1945", "Soviet troops take the islands, 28 August to 5 September"),
        ("1951", "San Francisco: Japan renounces the Kurils; no Soviet signature"),
        ("1956", "Joint Declaration, 19 October"),
        ("1960", "Moscow adds the condition on foreign troops"),
        ("1993", "Tokyo Declaration names four islands"),
        ("2001", "Irkutsk: 1956 confirmed as starting point"),
        ("2018", "Singapore: talks to be speeded up"),
        ("2020", "Russian Constitution amended"),
        ("2022", "Russia leaves the talks, 21 March"),
    ],
}


class PageNumberCanvas(canvas.Canvas):
    """Draws the running head and 'Page x of y' when the number of pages is known."""

    running = ""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._pages = []

    def showPage(self):
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self):
        total = len(self._pages)
        width, height = A4
        for number, state in enumerate(self._pages, 1):
            self.__dict__.update(state)
            self.setFont("Helvetica", 8.5)
            self.drawString(22 * mm, height - 13 * mm, self.running)
            if total > 1:
                self.drawCentredString(width / 2, 12 * mm, f"Page {number} of {total}")
            super().showPage()
        super().save()


def write_pdf(spec: dict, folder: Path) -> Path:
    path = folder / spec["file"]
    # reportlab reads the fixed time stamp of the document from this variable.
    os.environ["SOURCE_DATE_EPOCH"] = str(calendar.timegm((*spec["date"], 6, 0, 0)))
    story = [Paragraph(spec["title"], TITLE), Paragraph(spec["byline"], BYLINE)]
    for part in spec["parts"]:
        if part.startswith("# "):
            story.append(Paragraph(part[2:], HEAD))
        else:
            story.append(Paragraph(part, BODY))
    if spec["table"]:
        rows = [[Paragraph(year, CELL), Paragraph(event, CELL)] for year, event in spec["table"]]
        story.append(Table(rows, colWidths=[20 * mm, 115 * mm], hAlign="LEFT"))
        story.append(Spacer(1, 6))
    document = SimpleDocTemplate(
        str(path),
        pagesize=A4,
        leftMargin=spec["margin"],
        rightMargin=spec["margin"],
        topMargin=24 * mm,
        bottomMargin=24 * mm,
        title=spec["title"],
        author=spec["author"],
        invariant=1,
    )
    maker = type("Numbered", (PageNumberCanvas,), {"running": spec["running"]})
    document.build(story, canvasmaker=maker)
    return path


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_OUT
    folder.mkdir(parents=True, exist_ok=True)
    before = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        for spec in (SANCTIONS, BACKGROUND):
            print(write_pdf(spec, folder))
    finally:
        if before is None:
            os.environ.pop("SOURCE_DATE_EPOCH", None)
        else:
            os.environ["SOURCE_DATE_EPOCH"] = before
    return 0


if __name__ == "__main__":
    sys.exit(main())
