"""What a reader of a topic believes: the order of batches, gaps, silence, and who is alive."""

from collections.abc import Mapping
from typing import Any

from bus_listener import STALE, Listener, quoted
from karb.adapters.redis.packing import Packer, Record, pack_record
from karb.adapters.redis.topic_reader import PAUSE, TopicReader
from karb.errors import DecodeError
from karb.ports import News, Quoted, Topic
from offers import link

A, B = "writer-a", "writer-b"
SILENCE = 1.0


class Reading:
    """A reader of quotes and everything it says; `at` is its clock."""

    def __init__(self, topic: Topic = Topic.QUOTES) -> None:
        self.topic = topic
        self.heard, self.unread = Listener(), list[DecodeError]()
        self.at = 100.0
        self.reader = TopicReader(
            topic,
            take=self.heard.take,
            stale=self.heard.stale,
            unread=self.unread.append,
            silence=SILENCE if topic is Topic.QUOTES else None,
        )
        self.ask()

    def ask(self) -> None:
        """The whole table is asked for, as the connection does it when it is wanted."""
        assert self.reader.wants_at is not None
        self.at = max(self.at, self.reader.wants_at)
        self.reader.on_asked(self.at)

    def whole(
        self, entries: Mapping[str, tuple[str, int, Any]], writers: Mapping[str, tuple[int, int]]
    ) -> None:
        """The table comes: key to writer, epoch and value; and the writers' epoch and number."""
        table = {}
        for key, (writer, epoch, value) in entries.items():
            packer = Packer(self.topic, writer)
            table[key.encode()] = packer.header(epoch) + packer.values([key], {key: value})[key]
        records = {
            name.encode(): pack_record(Record(*record, 0)) for name, record in writers.items()
        }
        self.reader.on_whole(table, records)

    def batch(self, writer: str, epoch: int, number: int, **entries: Any) -> None:
        """A batch comes; an entry that is None was dropped."""
        packer = Packer(self.topic, writer)
        put = {key: value for key, value in entries.items() if value is not None}
        dropped = [key for key, value in entries.items() if value is None]
        data = packer.batch(epoch, number, packer.values(put, put), dropped)
        self.reader.on_batch(data, self.at)

    def wait(self, seconds: float) -> None:
        """Time passes, and is noticed."""
        self.at += seconds
        self.reader.check(self.at)

    @property
    def wanted(self) -> bool:
        """Whether the whole table should be asked for."""
        return self.reader.wants_at is not None

    def last(self) -> News | str:
        return self.heard.told[-1]


def started() -> Reading:
    """A reader that has the whole and hears writer A: one market, at number 5 of epoch 1."""
    reading = Reading()
    reading.batch(A, 1, 5, M=quoted("M"))
    reading.whole({"M": (A, 1, quoted("M"))}, {A: (1, 5)})
    assert reading.heard.live == {"M"}
    assert not reading.wanted
    return reading


def test_batches_before_the_whole_are_in_it_and_those_after_follow() -> None:
    reading = started()
    reading.batch(A, 1, 6, M=quoted("M", 5_000), N=quoted("N"))
    reading.batch(A, 1, 7, N=None)
    assert reading.heard.told == [
        News(Topic.QUOTES, {"M": quoted("M")}, whole=True),
        News(Topic.QUOTES, {"M": quoted("M", 5_000), "N": quoted("N")}),
        News(Topic.QUOTES, {"N": None}),
    ]


def test_a_missing_batch_is_stale_first_and_nothing_comes_before_the_whole() -> None:
    reading = started()
    reading.batch(A, 1, 7, M=quoted("M", 5_000))
    assert reading.last() == STALE
    reading.batch(A, 1, 8, M=quoted("M", 5_100))
    assert reading.last() == STALE
    assert reading.heard.times_stale == 1
    reading.ask()
    reading.whole({"M": (A, 1, quoted("M", 5_100))}, {A: (1, 8)})
    assert reading.last() == News(Topic.QUOTES, {"M": quoted("M", 5_100)}, whole=True)
    reading.batch(A, 1, 9, M=quoted("M", 5_200))
    assert reading.heard.quotes["M"] == quoted("M", 5_200)


def test_a_batch_that_comes_twice_is_a_gap_too() -> None:
    reading = started()
    reading.batch(A, 1, 5, M=quoted("M"))
    assert reading.last() == STALE


def test_whole_tables_are_not_asked_for_faster_than_they_can_help() -> None:
    reading = started()
    before = reading.at
    reading.batch(A, 1, 9)
    assert reading.reader.wants_at == before + PAUSE


def test_a_new_epoch_of_quotes_ends_the_old_one() -> None:
    reading = started()
    reading.batch(A, 2, 1, N=quoted("N"))
    assert reading.last() == STALE
    reading.ask()
    reading.whole({"M": (A, 1, quoted("M")), "N": (A, 2, quoted("N"))}, {A: (2, 1)})
    assert reading.heard.live == {"N"}
    assert reading.heard.quotes["M"] == quoted("M", live=False)
    reading.batch(A, 2, 2, M=quoted("M"))
    assert reading.heard.live == {"M", "N"}


def test_numbers_are_counted_by_writer() -> None:
    reading = started()
    reading.batch(B, 1, 1, N=quoted("N"))
    reading.batch(A, 1, 6, M=quoted("M", 5_000))
    reading.batch(B, 1, 2, N=quoted("N", 5_000))
    assert reading.heard.live == {"M", "N"}
    assert STALE not in reading.heard.told


def test_a_writer_who_is_met_in_the_middle_was_missed_before() -> None:
    reading = started()
    reading.batch(B, 1, 2, N=quoted("N"))
    assert reading.last() == STALE
    assert reading.wanted


def test_silence_of_one_writer_takes_his_quotes_and_nobody_elses() -> None:
    reading = started()
    reading.wait(0.5)
    reading.batch(B, 1, 1, N=quoted("N"))
    assert reading.reader.deadline() == reading.at + 0.5
    reading.wait(0.5)
    assert reading.last() == STALE
    reading.ask()
    reading.batch(B, 1, 2)
    reading.whole({"M": (A, 1, quoted("M")), "N": (B, 1, quoted("N"))}, {A: (1, 5), B: (1, 2)})
    assert reading.heard.live == {"N"}
    reading.wait(0.9)
    assert reading.heard.times_stale == 1


def test_signs_of_life_keep_quotes_live() -> None:
    reading = started()
    for number in range(6, 20):
        reading.wait(0.9)
        reading.batch(A, 1, number)
    assert STALE not in reading.heard.told
    assert reading.last() == News(Topic.QUOTES, {})


def test_a_writer_who_is_not_heard_is_not_believed_until_he_is() -> None:
    """A table read at the start may be of yesterday."""
    reading = Reading()
    reading.whole({"M": (A, 1, quoted("M"))}, {A: (1, 5)})
    assert reading.heard.quotes == {"M": quoted("M", live=False)}
    assert reading.reader.deadline() is None
    reading.batch(A, 1, 6)
    assert reading.wanted
    assert STALE not in reading.heard.told
    reading.ask()
    reading.whole({"M": (A, 1, quoted("M"))}, {A: (1, 6)})
    assert reading.heard.live == {"M"}


def test_an_entry_of_a_writer_without_a_record_is_not_live() -> None:
    reading = Reading()
    reading.whole({"M": (A, 1, quoted("M"))}, {})
    assert not reading.heard.live


def test_a_line_that_broke_makes_everybody_unheard() -> None:
    reading = started()
    reading.reader.lose()
    assert reading.last() == STALE
    reading.reader.lose()
    assert reading.heard.times_stale == 1
    reading.ask()
    reading.whole({"M": (A, 1, quoted("M"))}, {A: (1, 5)})
    assert not reading.heard.live


def test_what_never_was_handed_over_is_not_called_stale() -> None:
    reading = Reading()
    reading.reader.lose()
    assert reading.heard.told == []


def test_links_need_no_signs_of_life_and_a_new_writer_just_adds() -> None:
    reading = Reading(Topic.LINKS)
    reading.whole({"M": (A, 1, link("M"))}, {A: (1, 5)})
    reading.wait(3_600)
    assert reading.reader.deadline() is None
    reading.batch(B, 1, 1, N=link("N"), M=None)
    reading.batch(A, 2, 1, O=link("O"))
    reading.batch(B, 1, 2)
    assert reading.heard.tables[Topic.LINKS] == {"N": link("N"), "O": link("O")}
    assert [type(told) for told in reading.heard.told] == [News, News, News]


def test_a_missing_batch_of_links_is_noticed_as_well() -> None:
    reading = Reading(Topic.LINKS)
    reading.whole({"M": (A, 1, link("M"))}, {A: (1, 5)})
    reading.batch(A, 1, 7)
    assert reading.last() == STALE
    assert reading.wanted


def test_one_entry_that_cannot_be_read_costs_no_other() -> None:
    reading = Reading(Topic.LINKS)
    good = Packer(Topic.LINKS, A)
    entry = good.header(1) + good.values(["M"], {"M": link("M")})["M"]
    table = {b"M": entry, b"cut": entry[:20], b"": b"", b"\xff": entry, b"short": entry[:5]}
    reading.reader.on_whole(table, {b"writer-a": b"1 2 3", b"writer-b": b"junk", b"w\xff": b"1"})
    assert reading.heard.tables[Topic.LINKS] == {"M": link("M")}
    assert len(reading.unread) == 6
    assert not reading.wanted


def test_a_quote_that_was_not_live_stays_so() -> None:
    reading = started()
    reading.batch(A, 1, 6, M=Quoted(quoted("M").quote, live=False))
    assert not reading.heard.live
