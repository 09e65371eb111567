"""A worker of an older version is not asked for what it does not know."""

from dataclasses import dataclass
from typing import Any

import pytest
from tests.support.pictures import a_recipe

from fluxctl.errors import GenerationError
from fluxctl.pods.pod import Pod
from fluxctl.recipe import Recipe, job_request
from fluxctl.services.bring_up import Ready
from fluxctl.services.features import check_features
from fluxpod.pod_contract import Limits
from fluxpod.protocol import TRUE_CFG, Health, JobRequest, Phase

NEGATIVE = a_recipe().model_copy(update={"negative_prompt": "blue", "true_cfg": 2.0})
PLAIN, LARGE_NEGATIVE = (recipe.model_copy(update={"width": 64, "height": 64}) for recipe in (a_recipe(), NEGATIVE))


@dataclass
class Client:
    closed: bool = False

    def close(self) -> None:
        self.closed = True


def ready(*features: str, provider: str = "local") -> Ready:
    health = Health(phase=Phase.READY, seconds_in_phase=1, version="0.1", source_hash="", features=features, pod_id="p")
    client: Any = Client()
    pod = Pod("p", provider, 0.0, "embedded", "embedded", Limits())
    return Ready(pod, client, health, False, 0.0)


def test_a_negative_prompt_is_refused_where_the_worker_does_not_know_it() -> None:
    worker = ready("seeds", "clip_prompt")
    with pytest.raises(GenerationError, match="--negative") as caught:
        check_features(worker, [a_recipe(), NEGATIVE])
    assert "fluxctl down" in caught.value.hint and worker.client.closed  # pyright: ignore[reportAttributeAccessIssue]


def test_an_image_without_the_feature_is_made_anew_or_synced() -> None:
    with pytest.raises(GenerationError) as caught:
        check_features(ready(provider="docker"), [NEGATIVE])
    assert "make image" in caught.value.hint and "fluxctl sync" in caught.value.hint


def test_what_the_worker_knows_or_nobody_asks_for_is_no_matter() -> None:
    check_features(ready(TRUE_CFG), [NEGATIVE])
    check_features(ready(), [a_recipe()])


def test_an_older_worker_is_not_sent_what_it_does_not_know() -> None:
    sent = job_request([PLAIN]).model_dump(mode="json", exclude_unset=True)
    assert not {"negative_prompt", "true_cfg"} & set(sent)
    assert {"negative_prompt", "true_cfg"} <= set(job_request([LARGE_NEGATIVE]).model_dump(mode="json", exclude_unset=True))


def test_recipes_and_jobs_of_before_are_read_as_they_were() -> None:
    old = {name: value for name, value in a_recipe().model_dump().items() if name not in ("negative_prompt", "true_cfg")}
    assert Recipe.model_validate(old) == a_recipe()
    job = {name: value for name, value in job_request([PLAIN]).model_dump().items() if name not in ("negative_prompt", "true_cfg")}
    assert JobRequest.model_validate(job) == job_request([PLAIN])
