"""Whether the local disk has room: for copies of sources, and for a target that is a file."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from merger.errors import Refused
from merger.messages import text
from merger.migrate.campaign import Campaign, SourceSystem
from merger.migrate.model import Check
from merger.migrate.workbench import tables_of
from merger.systems.stores import DatabaseFailed, copy_room, file_of
from merger.systems.stores.room import Room, temporary_folder

MIB = 2**20


def copy_rooms(campaign: Campaign) -> Iterator[tuple[str, Room, Check]]:
    """Of every source that has to be copied, and answers: its system, the room that its copy takes, and
    whether that is there beside the copies of those before it, since a command holds them all at once."""
    folder = temporary_folder()
    free = shutil.disk_usage(folder).free
    for source in campaign.sources:
        try:
            room = copy_room(source.database, tables_of(source))
        except (Refused, DatabaseFailed):
            continue  # told where the source is opened
        if room is not None:
            yield source.system, room, _copy(source, room, folder, free)
            free = max(free - room.size, 0)


def _copy(source: SourceSystem, room: Room, folder: Path, free: int) -> Check:
    lacks = free < room.size
    said = [
        text(
            f"migrate.detail.disk-copy{'-about' if room.estimated else ''}",
            folder=folder, free=free // MIB, wanted=-(-room.size // MIB),
        )
    ]  # fmt: skip
    if lacks:
        said.append(text("migrate.detail.disk-copy-lacks"))
    return Check(code="disk", state="failed" if lacks else "ok", detail=f"{source.system}: {'; '.join(said)}")


def target_room(campaign: Campaign, copies: Mapping[str, Room]) -> Iterator[Check]:
    """Whether a target in a file has room beside it, where the sizes of all sources are known."""
    into = file_of(campaign.target.database)
    sizes = [_size(one, copies) for one in campaign.sources]
    known = [size for size in sizes if size is not None]
    if into is None or len(known) < len(sizes):
        return
    free = shutil.disk_usage(into.parent).free
    needed = 3 * sum(known)
    if into.parent.stat().st_dev == temporary_folder().stat().st_dev:
        needed += sum(one.size for one in copies.values())
    detail = text("migrate.detail.disk", free=free // MIB, wanted=needed // MIB)
    yield Check(
        code="disk", state="failed" if free < needed else "ok", detail=f"{campaign.target.system}: {detail}"
    )


def _size(source: SourceSystem, copies: Mapping[str, Room]) -> int | None:
    """The bytes of a source that is a file, or is copied to one."""
    file = file_of(source.database)
    if file is not None:
        return file.stat().st_size if file.is_file() else None
    room = copies.get(source.system)
    return None if room is None else room.size
