"""What is read again while an archive is watched."""

from __future__ import annotations

import os
from pathlib import Path

from ingest.fetch.watch import Feeds, Folders
from tests.ingest.fetch.site import Time


def names(paths: list[Path]) -> list[str]:
    """Their names, sorted."""
    return sorted(path.name for path in paths)


def test_a_file_is_read_when_it_has_settled(tmp_path: Path) -> None:
    """Not while it grows; once when it stands still; again when it has changed."""
    folders = Folders([tmp_path])
    file = tmp_path / "story.txt"
    assert folders.changed() == []
    for size in range(1, 4):
        file.write_text("The lock is open. " * size)
        assert folders.changed() == [], "other than at the look before"
    assert folders.changed() == [file]
    assert folders.changed() == []
    file.write_text("The lock is shut now.")
    assert folders.changed() == []
    assert folders.changed() == [file]


def test_a_file_of_the_same_size_is_seen_to_change(tmp_path: Path) -> None:
    """By its time, or by being another file of that name."""
    file = tmp_path / "story.txt"
    file.write_text("The lock is open.")
    folders = Folders([tmp_path])
    assert [names(folders.changed()) for _ in range(2)] == [[], ["story.txt"]]
    other = tmp_path / ".story.new"
    other.write_text("The lock is shut.")
    os.utime(other, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
    other.rename(file)
    assert [names(folders.changed()) for _ in range(2)] == [[], ["story.txt"]]


def test_what_a_run_passes_over_is_passed_over(tmp_path: Path) -> None:
    """Hidden files, README, the archive's own folder; new folders are found; what vanishes is forgotten."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.txt").write_text("Not an article.")
    for name in (".half.txt", "README.md", "a.txt"):
        (tmp_path / name).write_text("The lock is open.")
    folders = Folders([tmp_path], tmp_path / "data")
    assert [names(folders.changed()) for _ in range(2)] == [[], ["a.txt"]]
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "b.txt").write_text("The lock is shut.")
    (tmp_path / "a.txt").unlink()
    assert [names(folders.changed()) for _ in range(2)] == [[], ["b.txt"]]
    (tmp_path / "a.txt").write_text("The lock is open.")
    assert [names(folders.changed()) for _ in range(2)] == [[], ["a.txt"]], "it came back"


def test_feeds_are_due_again_and_again() -> None:
    """All at once at first, then each after its time."""
    time = Time()
    feeds = Feeds(["a", "b"], 300, time.now)
    assert feeds.due() == ["a", "b"]
    feeds.asked(["a", "b"], ())
    assert feeds.due() == []
    time.wait(301)
    assert feeds.due() == ["a", "b"]


def test_a_feed_that_fails_is_asked_more_and_more_rarely() -> None:
    """At least every six hours; when it works, as often as before."""
    time = Time()
    feeds = Feeds(["a"], 300, time.now)
    pauses = []
    for _ in range(12):
        feeds.asked(["a"], ["a"])
        assert feeds.fails("a")
        began = time.now()
        while not feeds.due():
            time.wait(60)
        pauses.append(time.now() - began)
    assert pauses[:3] == [600, 1_200, 2_400]
    assert pauses[-1] == 6 * 3_600
    feeds.asked(["a"], ())
    assert not feeds.fails("a")
    time.wait(301)
    assert feeds.due() == ["a"]
