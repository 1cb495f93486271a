"""One file from one store to another: never over another one, proved on both sides."""

from itertools import islice

from merger.systems.files.failing import ALIKE_THERE, MISSING, OTHER_SHA256, OTHER_THERE, FileHeld
from merger.systems.files.paths import alike, checked, other_writings
from merger.systems.files.store import At, Copied, FileStore, nowhere

LOOKED_AT = 10_000


def copy(
    source: FileStore, path: str, target: FileStore, to_path: str, *, wanted: str = "", at: At = nowhere
) -> Copied:
    """Copies a file, or goes on with it. A file that is there with the same content is `already` copied.

    `wanted`: the SHA-256 that it must have, where that is known. Raises FileHeld (for example `missing`,
    `other-there`: a file of other content bears the name) and StoreFailed. Nothing that stands in the target
    is ever changed.
    """
    checked(path)
    checked(to_path)
    if target.info(to_path) is None:
        if source.info(path) is None:
            raise FileHeld(missing(source, path))
        try:
            return target.receive(source, path, to_path, wanted, at)
        except FileExistsError:
            pass
    copied = _compared(source, path, target, to_path)
    if wanted not in ("", copied.sha256):
        raise FileHeld(OTHER_SHA256)
    target.clean(to_path)
    return copied


def missing(store: FileStore, path: str) -> str:
    """Why a file is not there: `missing`, or `missing-alike` where one is whose name differs only in case or
    in the Unicode form of its letters (looked for among the first names of its folder)."""
    found = _alikes(store, path, LOOKED_AT)
    return "missing-alike" if found and path not in found else MISSING


def _compared(source: FileStore, path: str, target: FileStore, to_path: str) -> Copied:
    found = _alikes(target, to_path) if _answers_to_others(target, to_path) else set()
    if found and to_path not in found:
        raise FileHeld(ALIKE_THERE)  # the store takes both names for one
    here, there = source.info(path), target.info(to_path)
    if here is None:
        raise FileHeld(missing(source, path))
    if there is None or here.size != there.size:
        raise FileHeld(OTHER_THERE)
    wanted = source.size_and_sha256(path)
    if target.size_and_sha256(to_path) != wanted:
        raise FileHeld(OTHER_THERE)
    return Copied(*wanted, already=True)


def _answers_to_others(store: FileStore, path: str) -> bool:
    """Whether a store has something under another writing of a path. If not, none is alike that it takes for
    the same, and the folder, which may hold a million names, need not be listed."""
    try:
        return not store.exact and any(store.info(one) is not None for one in other_writings(path))
    except FileHeld:
        return True


def _alikes(store: FileStore, path: str, most: int | None = None) -> set[str]:
    """The paths in the folder of a path that are alike, with it, as the store writes them."""
    folder, slash, name = path.rpartition("/")
    wanted = alike(name)
    names = islice(store.names(folder), most)
    return {f"{folder}{slash}{one}" for one in names if alike(one) == wanted}
