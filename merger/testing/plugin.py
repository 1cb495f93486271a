"""The pytest plugin: `--merger-mapping PATH` tries the laws on your own mapping, `--merger-job JOB` on a job.

Nothing but pytest is imported before one of the options is given.
"""

import random
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from merger.testing.suite.jobs import JobLaw, OwnJob
    from merger.testing.suite.own import Own
    from merger.testing.suite.search import Law

EXAMPLES = 100
ROOT = "merger"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("merger", "merger: the laws on your own mapping and job")
    group.addoption(
        "--merger-mapping",
        metavar="PATH",
        action="append",
        default=[],
        help="file or folder; may be repeated",
    )
    group.addoption("--merger-job", metavar="JOB", help="a job; it is tried on a copy of its folder")
    group.addoption("--merger-seed", metavar="N", type=int, help="draws the examples of an earlier run again")
    group.addoption(
        "--merger-examples", metavar="N", type=int, default=EXAMPLES, help=f"drawn for each law ({EXAMPLES})"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Chooses the seed; without a path on the command line the suite runs alone.

    Raises UsageError with every mapping and job that is not there.
    """
    if not _wanted(config):
        return
    from merger import messages

    messages.use(messages.from_environment())
    job = config.option.merger_job
    missing = [
        messages.text("testing.not-there", option="--merger-mapping", path=path)
        for path in config.option.merger_mapping
        if not Path(path).exists()
    ]
    if job and not Path(job).is_file():
        missing.append(messages.text("testing.no-job", option="--merger-job", path=job))
    if missing:
        raise pytest.UsageError(*missing)
    if config.option.merger_seed is None:
        config.option.merger_seed = random.SystemRandom().randrange(2**32)
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args = []


def pytest_report_header(config: pytest.Config) -> str | None:
    if not _wanted(config):
        return None
    return (
        f"merger: --merger-seed {config.option.merger_seed} --merger-examples {config.option.merger_examples}"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Adds the laws to whatever else is collected."""
    if _wanted(config):
        suite = Suite.from_parent(session, name=ROOT, nodeid=ROOT)
        items[:0] = session.genitems(suite)


class Suite(pytest.Collector):
    """All that was asked for."""

    def collect(self) -> Iterator[pytest.Collector]:
        if self.config.option.merger_mapping:
            yield MappingLaws.from_parent(self, name="mapping")
        if self.config.option.merger_job:
            yield JobLaws.from_parent(self, name="job")


class MappingLaws(pytest.Collector):
    """The laws on a mapping."""

    _own: "Own | None" = None

    @property
    def given(self) -> list[str]:
        return [word for path in self.config.option.merger_mapping for word in ("--merger-mapping", path)]

    def own(self) -> "Own":
        """The mapping, read once. Raises InputError."""
        if self._own is None:
            from merger.testing.suite.own import Own

            self._own = Own([Path(path) for path in self.config.option.merger_mapping])
        return self._own

    def collect(self) -> Iterator[pytest.Item]:
        from merger.testing.suite import agencies, files, units

        yield from _items(self, [*files.laws(), *units.laws(), *agencies.laws()])


class JobLaws(pytest.Collector):
    """The laws on a job."""

    _own: "OwnJob | None" = None

    @property
    def given(self) -> list[str]:
        return ["--merger-job", self.config.option.merger_job]

    def own(self) -> "OwnJob":
        """The job; its copy is made when first needed, and removed at the end."""
        if self._own is None:
            from merger.testing.suite.jobs import OwnJob

            self._own = OwnJob(Path(self.config.option.merger_job))
            self.config.add_cleanup(self._own.close)
        return self._own

    def collect(self) -> Iterator[pytest.Item]:
        from merger.testing.suite.jobs import job_laws

        yield from _items(self, job_laws())


class LawItem(pytest.Item):
    """One law, tried on what its parent holds."""

    def __init__(self, *, law: "Law[Any] | JobLaw", **more: Any) -> None:
        super().__init__(**more)
        self.law = law
        self.extra_keyword_matches.add(law.key)

    def runtest(self) -> None:
        from merger.testing.suite.apart import Unsupported

        options = self.config.option
        try:
            self.law.try_on(self.parent.own(), options.merger_seed, options.merger_examples)  # type: ignore[union-attr]
        except Unsupported as why:
            pytest.skip(str(why))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What does not hold, the counterexample, and how to see it again."""
        from merger.errors import MergerError
        from merger.messages import text
        from merger.testing.suite.search import Broken

        if not isinstance(excinfo.value, Broken | MergerError):
            return super().repr_failure(excinfo, style)
        return text(
            "testing.failure",
            law=self.name,
            said=str(excinfo.value),
            seed=self.config.option.merger_seed,
            command=self.replay,
        )

    @property
    def replay(self) -> str:
        """The command that tries this law again on the same examples."""
        options = self.config.option
        given = self.parent.given  # type: ignore[union-attr]
        drawn = ["--merger-seed", str(options.merger_seed), "--merger-examples", str(options.merger_examples)]
        return shlex.join(["pytest", *given, *drawn, "-k", self.law.key])

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, self.name


def _wanted(config: pytest.Config) -> bool:
    return bool(config.option.merger_mapping or config.option.merger_job)


def _items(parent: pytest.Collector, laws: "list[Any]") -> Iterator[pytest.Item]:
    from merger.messages import text

    for law in laws:
        yield LawItem.from_parent(parent, name=text(f"testing.law.{law.key}"), law=law)
