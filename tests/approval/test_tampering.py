from pathlib import Path

import pytest

from merger.approval import MappingSubject, canonical_digest, mapping_subject, tampering, try_tampering


def test_500_changes_of_single_bytes_are_all_refused(tmp_path: Path) -> None:
    trial = try_tampering(tmp_path, 500, seed=20250701)
    assert trial.tried == {"mapping.yaml": 167, "signature": 167, "trust.json": 166}
    assert trial.unseen == ()
    assert list(tmp_path.iterdir()) == []


def test_the_trial_notices_a_check_that_looks_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:

    def looks_away(path: Path, canonical: str) -> MappingSubject:
        same = canonical_digest("same")
        return mapping_subject(path, canonical).model_copy(update={"sha256": same, "files": {}})

    monkeypatch.setattr(tampering, "mapping_subject", looks_away)
    trial = try_tampering(tmp_path, 30, seed=1)
    assert {one.file for one in trial.unseen} == {"mapping.yaml"}
    assert len(trial.unseen) == 10
