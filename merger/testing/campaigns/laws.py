"""The laws of `merger.testing.laws` over many made-up mappings and jobs."""

from collections.abc import Callable, Sequence
from random import Random

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from merger.mapping.models import Mapping
from merger.migrate.failpoints import CIRCLES, FILES, NAMES
from merger.testing import laws
from merger.testing.campaigns.outcome import Note, Outcome
from merger.testing.catalogues import Planted, as_read
from merger.testing.evidence import Known, known
from merger.testing.histories import Steps, chained, lineages, steps, wild_lineages
from merger.testing.parcels import Land, lands
from merger.testing.trials import Trial, trial_of
from merger.testing.waiting import Waiting, waiting
from merger.testing.world import World, agencies, worlds

FAILPOINTS = tuple(
    name for name in NAMES if "rollback" not in name and "plan" not in name and name not in (*FILES, *CIRCLES)
)
LEAST, DOSSIERS = 5, 30


def run(count: int, number: int, note: Note) -> Outcome:
    """`count` made-up histories and lists of services a law, a tenth as many with agencies, and a twentieth
    as many jobs a law."""
    outcome = Outcome("laws")
    campaign = _Campaign(outcome, number, note)
    campaign.lands("true answers", count, lambda land, _: laws.answers_are_true(land))
    campaign.lands("all decided", count, lambda land, _: laws.all_that_can_be_decided_is(land))
    campaign.lands("the way back", count, lambda land, _: laws.the_way_back_leads_home(land))
    campaign.lands(
        "true with gaps", count, lambda land, chance: laws.answers_are_true(land, land.record(chance))
    )
    campaign.lands("composition", count, lambda land, _: laws.one_step_lies_within_two(land.record()))
    campaign.lands(
        "any order", count, lambda land, chance: laws.order_does_not_matter(land.record(chance), chance)
    )
    campaign.steps("composition of steps", count, lambda made: laws.one_step_lies_within_two(chained(made)))
    campaign.steps("steps as days", count, laws.steps_answer_as_days)
    campaign.lands("totality", count, lambda land, _: laws.every_unit_is_answered_for(land.record()))
    campaign.mappings("sound histories", count, lineages(), laws.every_unit_is_answered_for)
    campaign.mappings("wild histories", count, wild_lineages(), laws.every_unit_is_answered_for)
    with_agencies = lineages().flatmap(agencies)
    campaign.mappings("agencies", max(count // 10, 1), with_agencies, laws.every_agency_is_answered_for)
    campaign.mappings("both ways", max(count // 10, 1), with_agencies, laws.work_is_found_both_ways)
    campaign.waiting("codes given once", count, lambda one, *_: laws.codes_are_given_once(one))
    campaign.waiting(
        "codes in any order",
        count,
        lambda one, _, chance: laws.order_of_agencies_does_not_matter(one, chance),
    )
    campaign.waiting("codes stay", count, lambda one, more, _: laws.written_codes_stay(one, more))
    campaign.waiting("registers", count, lambda one, *_: laws.registers_read_back(one))
    campaign.evidence(
        "evidence chooses", count, lambda one, _: laws.evidence_chooses_among_what_is_possible(one)
    )
    campaign.evidence("weaker evidence", count, lambda one, _: laws.weaker_evidence_changes_nothing(one))
    campaign.evidence("any order of evidence", count, laws.order_of_evidence_does_not_matter)
    campaign.evidence("located points", count, lambda one, _: laws.a_located_point_decides_as_the_point(one))
    campaign.lists("lists in any order", count, lambda one, _: laws.order_of_lists_does_not_matter(one))
    campaign.lists("a list and itself", count, lambda one, _: laws.a_list_does_not_differ_from_itself(one))
    campaign.lists("codes once", count, lambda one, _: laws.every_code_is_once_in_the_outcome(one))
    campaign.lists(
        "merged again",
        count,
        lambda one, chance: laws.merging_again_changes_nothing(one, chance.random() < 0.5),
    )
    campaign.lists("answers", count, laws.an_answer_settles_its_question_alone)
    campaign.lists("merged resolves", count, lambda one, _: laws.what_is_merged_resolves_as_merged(one))
    jobs = max(count // 20, 1)
    campaign.jobs("conservation", jobs, lambda trial, _: laws.every_row_is_accounted_for(trial))
    campaign.jobs("apply twice", jobs, lambda trial, _: laws.applying_again_changes_nothing(trial))
    campaign.jobs("resume", jobs, _resume)
    campaign.jobs("roll back", jobs, lambda trial, _: laws.rolling_back_restores(trial))
    campaign.jobs(
        "changes seen", jobs, lambda trial, chance: laws.no_change_escapes_verification(trial, chance)
    )
    return outcome


def _resume(trial: Trial, chance: Random) -> bool:
    failpoint = chance.choice(FAILPOINTS)
    times = chance.randint(1, 3) if "batch" in failpoint else 1
    return laws.resuming_equals_running_through(trial, f"{failpoint}:{times}")


class _Campaign:
    def __init__(self, outcome: Outcome, number: int, note: Note) -> None:
        self.outcome = outcome
        self.number = number
        self.note = note

    def mappings(
        self, what: str, count: int, made: st.SearchStrategy[Mapping], law: Callable[[Mapping], None]
    ) -> None:
        """A law of mappings over `count` examples."""

        def one(mapping: Mapping) -> None:
            law(mapping)
            self.outcome.counts[what] += 1

        self._try(what, count, given(made)(one), [Phase.generate, Phase.shrink])

    def waiting(self, what: str, count: int, law: Callable[[Waiting, Waiting, Random], None]) -> None:
        """A law of agencies that wait for codes over `count` examples, each with another one to add."""

        def one(first: Waiting, second: Waiting, chance: Random) -> None:
            law(first, second, chance)
            self.outcome.counts[what] += 1

        drawn = given(waiting(), waiting(), st.randoms(use_true_random=False))
        self._try(what, count, drawn(one), [Phase.generate, Phase.shrink])

    def lands(self, what: str, count: int, law: Callable[[Land, Random], object]) -> None:
        """A law of the graph over `count` true histories: codes used again, days in several steps, splits,
        units that join again or are given back."""

        def one(land: Land, chance: Random) -> None:
            law(land, chance)
            self.outcome.counts[what] += 1

        drawn = given(lands(), st.randoms(use_true_random=False))
        self._try(what, count, drawn(one), [Phase.generate, Phase.shrink])

    def steps(self, what: str, count: int, law: Callable[[Steps], None]) -> None:
        """A law of histories with several steps a day over `count` examples."""

        def one(made: Steps) -> None:
            law(made)
            self.outcome.counts[what] += 1

        self._try(what, count, given(steps())(one), [Phase.generate, Phase.shrink])

    def lists(self, what: str, count: int, law: Callable[[Planted, Random], object]) -> None:
        """A law of merging lists of services over `count` examples."""

        def one(number: int) -> None:
            chance = Random(number)
            law(as_read(chance), chance)
            self.outcome.counts[what] += 1

        drawn = given(st.integers(0, 2**32))
        self._try(what, count, drawn(one), [Phase.generate, Phase.shrink])

    def evidence(self, what: str, count: int, law: Callable[[Known, Random], None]) -> None:
        """A law of evidence over `count` histories with decisions, localities and drawings."""

        def one(given_: Known, chance: Random) -> None:
            law(given_, chance)
            self.outcome.counts[what] += 1

        drawn = given(known(), st.randoms(use_true_random=False))
        self._try(what, count, drawn(one), [Phase.generate, Phase.shrink])

    def jobs(self, what: str, count: int, law: Callable[[Trial, Random], object]) -> None:
        """A law of jobs over `count` examples. What a law answers with False did not come to the point."""

        def one(world: World, chance: Random) -> None:
            with trial_of(world) as trial:
                to_the_point = law(trial, chance) is not False
            self.outcome.counts[what if to_the_point else f"{what}, not to the point"] += 1

        self._try(
            what,
            count,
            given(worlds(DOSSIERS, LEAST), st.randoms(use_true_random=True))(one),
            [Phase.generate],
        )

    def _try(self, what: str, count: int, test: Callable[[], None], phases: Sequence[Phase]) -> None:
        self.note(f"laws: {what}, {count:,} examples")
        chosen = settings(
            max_examples=count,
            deadline=None,
            database=None,
            print_blob=False,
            phases=phases,
            suppress_health_check=list(HealthCheck),
        )
        try:
            seed(self.number)(chosen(test))()
        except Exception as error:
            self.outcome.failures.append(f"{what}: {type(error).__name__}: {_words(error)}")


def _words(error: Exception) -> str:
    """The error in words, with the smallest example that Hypothesis found."""
    try:
        said = str(error)
    except Exception:
        said = repr(error.args)
    return "\n    ".join([said, *getattr(error, "__notes__", ())])
