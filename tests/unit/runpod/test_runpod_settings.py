"""The settings of the group `runpod`: what no order could carry is refused before there is one."""

import pytest

from fluxctl.environment import Environment
from fluxctl.errors import SettingsError
from fluxctl.settings.gpu_types import gpu_types_of
from fluxctl.settings.load import load_settings


def runpod(tmp_path, **values: str):
    variables = {"FLUXCTL_HOME": str(tmp_path), **{f"FLUXCTL_RUNPOD__{name.upper()}": value for name, value in values.items()}}
    return load_settings(Environment(variables=variables)).values.runpod


@pytest.mark.parametrize(("size", "good"), [("0", True), ("1", False), ("9", False), ("10", True), ("2000", True), ("2001", False)])
def test_a_disk_of_the_pod_s_own_is_none_or_as_large_as_runpod_makes_them(tmp_path, size, good):
    if good:
        assert runpod(tmp_path, volume_disk_gb=size).volume_disk_gb == int(size)
    else:
        with pytest.raises(SettingsError, match="volume_disk_gb"):
            runpod(tmp_path, volume_disk_gb=size)


@pytest.mark.parametrize("text", ["NVIDIA L40S, NVIDIA A40", "NVIDIA L40S,NVIDIA A40,", "  NVIDIA L40S ,\n NVIDIA A40 , "])
def test_gpu_types_may_be_written_with_a_comma_too_many_at_the_end(tmp_path, text):
    assert gpu_types_of(runpod(tmp_path, gpu_types=text).gpu_types) == ("NVIDIA L40S", "NVIDIA A40")


@pytest.mark.parametrize("text", [",", "NVIDIA L40S,,NVIDIA A40", 'NVIDIA "L40S"', "a\x00b"])
def test_what_names_no_gpu_types_is_refused(tmp_path, text):
    with pytest.raises(SettingsError, match="gpu_types"):
        runpod(tmp_path, gpu_types=text)
