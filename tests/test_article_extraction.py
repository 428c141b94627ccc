"""The scorers of pages and dates against values worked out by hand; the readers against floors they reached."""

import gzip
import json
import warnings
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval import article_extraction as articles
from eval import htmldate as dates
from eval.data import NoDataError
from eval.stats import bootstrap, bootstrap_mean
from index.load import UnreadableFileError
from index.load_html import load_html, main_text
from rag.errors import DocumentsError

SHARED = Path(__file__).parent.parent.parent / "shared" / "data"

# Measured on the pages that are here; a better reader raises a floor, none may fall.
MAIN_TEXT_F1 = 0.975
STORED_TEXT_F1 = 0.966
PUBLISHED_F1 = 0.930


def folder(name):
    path = SHARED / name
    if not path.is_dir():
        pytest.skip(f"the development data are missing: {path}")
    return path


# Figures


def test_a_mean_lies_in_its_interval():
    figure = bootstrap_mean([0.0, 0.5, 1.0, 1.0], seed=1)
    assert figure.value == 0.625
    assert figure.n == 4
    assert 0 <= figure.low < figure.value < figure.high <= 1


def test_the_same_seed_gives_the_same_interval_and_more_cases_a_narrower_one():
    few, many = [0.0, 1.0] * 5, [0.0, 1.0] * 500
    assert bootstrap_mean(few, seed=3) == bootstrap_mean(few, seed=3)
    uneven = [number**2 / 7 for number in range(40)]
    assert bootstrap_mean(uneven, seed=3) != bootstrap_mean(uneven, seed=4)
    assert bootstrap_mean(many, seed=3).high < bootstrap_mean(few, seed=3).high


def test_the_interval_of_a_mean_is_about_that_of_the_normal():
    values = [float(number % 2) for number in range(400)]  # standard error 0.025
    figure = bootstrap_mean(values, seed=0, rounds=4000)
    assert figure.low == pytest.approx(0.5 - 1.96 * 0.025, abs=0.006)
    assert figure.high == pytest.approx(0.5 + 1.96 * 0.025, abs=0.006)


def test_equal_cases_have_no_width_and_one_case_is_enough():
    figure = bootstrap(["a", "a"], lambda cases: float(len(cases)), seed=0, rounds=10)
    assert (figure.low, figure.value, figure.high) == (2.0, 2.0, 2.0)
    assert bootstrap_mean([0.3], seed=0).high == 0.3


@pytest.mark.parametrize(("values", "rounds"), [([], 10), ([1.0], 0)])
def test_no_cases_are_no_figure(values, rounds):
    with pytest.raises(ValueError, match="at least one"):
        bootstrap_mean(values, seed=0, rounds=rounds)


# Texts


@pytest.mark.parametrize(
    ("true", "found", "parts"),
    [
        ("a b c d e", "a b c d e", (1, 0, 0)),
        ("a b c d e", "a b c d", (1 / 2, 0, 1 / 2)),  # abcd of abcd, bcde
        ("a b c d", "a b c d e f", (1 / 3, 2 / 3, 0)),
        ("a b c d e", "b c d e f", (1 / 3, 1 / 3, 1 / 3)),
        ("a a a a a", "a a a a", (1 / 2, 0, 1 / 2)),  # a shingle counts as often as it occurs
        ("a b", "a b", (1, 0, 0)),
        ("a b", "A b", (0, 1 / 2, 1 / 2)),
        ("a b", "a, b!", (1, 0, 0)),
        ("a b", "", (0, 0, 1)),
        ("", "a b", (0, 1, 0)),
        ("", "", (0, 0, 0)),
    ],
)
def test_shingles_in_both_texts_in_one_and_in_the_other(true, found, parts):
    score = articles.score(true, found)
    assert (score.both, score.surplus, score.missing) == pytest.approx(parts)


def test_f1_is_that_of_the_mean_precision_and_the_mean_recall():
    scores = [
        articles.score("a b c d", "a b c d e f"),  # precision 1/3, recall 1
        articles.score("a b c d e", "a b c d"),  # precision 1, recall 1/2
        articles.score("a b", ""),  # no precision, recall 0
    ]
    assert articles.corpus_precision(scores) == pytest.approx(2 / 3)
    assert articles.corpus_recall(scores) == pytest.approx(1 / 2)
    result = articles.summary(scores)
    assert result.f1.value == pytest.approx(4 / 7)
    assert (result.empty, result.f1.n) == (1, 3)


def test_nothing_found_at_all_is_zero():
    assert articles.corpus_f1([articles.score("a b", "")]) == 0


@settings(derandomize=True, deadline=None)
@given(st.text(alphabet="ab \n", max_size=30), st.text(alphabet="ab \n", max_size=30))
def test_scores_are_shares_and_exchange_with_their_texts(one, other):
    there, back = articles.score(one, other), articles.score(other, one)
    assert there.both == back.both
    assert there.surplus == back.missing
    assert there.both + there.surplus + there.missing in (0, pytest.approx(1))


def corpus(tmp_path, *, packed):
    (tmp_path / "html").mkdir()
    pack = gzip.compress if packed else bytes
    ending = ".gz" if packed else ""
    truth = {name: {"articleBody": f"{name} is the text of a page", "url": ""} for name in ("one", "two", "gone")}
    (tmp_path / f"ground-truth.json{ending}").write_bytes(pack(json.dumps(truth).encode()))
    for name in ("one", "two"):
        (tmp_path / "html" / f"{name}.html{ending}").write_bytes(pack(f"<p>{name}</p>".encode()))
    labels = [
        {"html": "html/one.html.gz", "date": "2025-10-21"},
        {"html": "html/two.html.gz", "date": None},
        {"html": "html/gone.html.gz", "date": "2025-10-22"},
    ]
    lines = "\n".join(json.dumps(label) for label in labels)
    (tmp_path / f"labels.jsonl{ending}").write_bytes(pack(lines.encode()))
    return tmp_path


@pytest.mark.parametrize("packed", [True, False])
def test_the_pages_that_are_there_are_read_packed_or_not(tmp_path, packed):
    where = corpus(tmp_path, packed=packed)
    result = articles.evaluate(where, lambda page: f"{page.decode()[3:6]} is the text of a page")
    assert [page.page for page in result.pages] == ["one", "two"]
    assert result.f1.value == 1
    found = dates.evaluate(where, lambda page: date(2025, 10, 21))
    assert [(page.right, page.wrong) for page in found.pages] == [(True, False), (False, True)]


def test_a_limit_draws_the_same_sample_for_the_same_seed(tmp_path):
    where = corpus(tmp_path, packed=True)
    drawn = {articles.evaluate(where, bytes.decode, limit=1, seed=seed).pages[0].page for seed in range(9)}
    assert drawn == {"one", "two"}
    again = [dates.evaluate(where, lambda page: None, limit=1, seed=5).pages for _ in range(2)]
    assert again[0] == again[1]
    assert len(again[0]) == 1


@pytest.mark.parametrize("evaluate", [articles.evaluate, dates.evaluate])
def test_a_folder_without_data_is_named(tmp_path, evaluate):
    with pytest.raises(NoDataError, match=str(tmp_path)):
        evaluate(tmp_path, lambda page: None)


def test_true_texts_may_lie_in_several_files(tmp_path):
    where = corpus(tmp_path, packed=True)
    (where / "ground-truth_more.json").write_text('{"three": {"articleBody": "three is there"}}')
    assert set(articles.read_truth(where)) == {"one", "two", "gone", "three"}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "ground-truth.json is not the JSON it should be"),
        ("[]", r"ground-truth.json: \[\] is not an object"),
        ('{"one": 5}', "ground-truth.json, field one: 5 is not an object"),
        ('{"one": {"articleBody": ["x"]}}', r'field one.articleBody: \["x"\] is not a text'),
        ('{"output": 5}', "field output: 5 is not an object"),
    ],
)
def test_malformed_true_texts_are_told(tmp_path, content, told):
    (tmp_path / "ground-truth.json").write_text(content)
    with pytest.raises(DocumentsError, match=told):
        articles.evaluate(tmp_path, lambda page: "")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("5", "line 2 is no object"),
        ('{"html": "one.html"}', "line 2 has no field 'date'"),
        ('{"html": 5, "date": null}', "line 2, field html: 5 is not a text"),
        ('{"html": "one.html", "date": "2025-13-01"}', "line 2, field date: '2025-13-01' is no day"),
        ('{"html": "one.html", "date": [1]}', r"line 2, field date: \[1\] is not a text"),
    ],
)
def test_malformed_labels_are_told_with_line_and_field(tmp_path, line, told):
    (tmp_path / "labels.jsonl").write_text('{"html": "one.html", "date": NaN}\n' + line)
    with pytest.raises(DocumentsError, match=told):
        dates.labels(tmp_path)


# Dates


def test_dates_that_are_right_wrong_and_missing():
    day, other = date(2025, 10, 21), date(2025, 10, 22)
    pairs = [(day, day), (day, day), (day, other), (day, None), (None, other), (None, None)]
    scores = [dates.DateScore("", true, found) for true, found in pairs]
    assert dates.date_precision(scores) == pytest.approx(2 / 4)
    assert dates.date_recall(scores) == pytest.approx(2 / 4)
    assert dates.date_f1(scores) == pytest.approx(4 / 8)
    assert dates.date_f1(scores[:2]) == 1
    assert dates.date_precision(scores[-1:]) == dates.date_recall(scores[-1:]) == dates.date_f1(scores[-1:]) == 0


# The readers


def stored_text(page):
    try:
        return load_html(page).text
    except UnreadableFileError:
        return ""


def published(page):
    try:
        return load_html(page).published
    except UnreadableFileError:
        return None


def test_the_scorer_gives_the_published_figure_for_the_published_output():
    where = folder("article_extraction")
    true, found = articles.read_truth(where), articles.read_texts(where / "output_trafilatura.json.gz")
    result = articles.summary([articles.score(true[page], found[page]) for page in true])
    assert result.f1.value == pytest.approx(0.958, abs=0.001)
    assert result.precision.value == pytest.approx(0.938, abs=0.001)
    assert result.recall.value == pytest.approx(0.978, abs=0.001)


@pytest.mark.parametrize(("extract", "floor"), [(main_text, MAIN_TEXT_F1), (stored_text, STORED_TEXT_F1)])
def test_the_main_text_of_real_pages(extract, floor):
    result = articles.evaluate(folder("article_extraction"), extract)
    assert result.f1.value >= floor, result.f1
    assert result.empty == 0


def test_the_published_date_of_real_pages():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = dates.evaluate(folder("htmldate"), published)
    assert result.f1.value >= PUBLISHED_F1, result.f1


def test_of_true_articles_next_to_nothing_is_called_noise():
    from index.clean import find_noise

    texts = articles.read_truth(folder("article_extraction")).values()
    lost = sum(span.end - span.start for text in texts for span in find_noise(text))
    # What is left are the copyright lines and photo credits that the true texts hold.
    assert lost <= 0.001 * sum(map(len, texts))
