# The pod image: what runs at RunPod, and with `--provider docker` on this computer. `make image` builds it.
#
# CUDA: the pods' torch is 2.10.0 for CUDA 12.8 (locks/lock.py pins it). A host runs what its driver knows. CUDA 12.8 runs on every
# driver from 570 on and has code for all cards that are rented out, Blackwell (RTX 5090, B200) included; it is also the floor that
# RunPod recommends. PyTorch's builds for 13.0 need driver 580: fewer hosts, and GeForce cards have no forward compatibility. Builds for
# 12.6 would run on older drivers, but not on Blackwell. From 2.11 on PyPI has only 13.0, so the pin moves once the hosts have.
ARG BASE_IMAGE=python:3.11-slim-bookworm

# --- what Debian brings ---
FROM ${BASE_IMAGE} AS system
ENV PYTHONUNBUFFERED=1 LANG=C.UTF-8
# Triton and torch.compile build C modules for Python when they run; a python that is Debian's own keeps its headers in a package.
# A host key in an image would be everybody's.
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean \
    && headers=$(test -x /usr/local/bin/python3 || echo python3-dev) \
    && apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
        ca-certificates gcc libc6-dev openssh-server rsync tini $headers \
    && rm -rf /etc/ssh/ssh_host_* /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/debconf/*-old /var/cache/ldconfig/* \
    && mkdir -p /workspace

# --- pip, which stays out of the image ---
FROM system AS installer
ARG HATCHLING=1.33.0
RUN --mount=type=cache,target=/root/.cache/pip \
    python3 -m venv /opt/installer && /opt/installer/bin/python -m pip install hatchling==${HATCHLING}

# The lock in two parts: torch with CUDA's libraries are gigabytes that seldom change.
FROM system AS pins
ARG TORCH=cuda
COPY locks/worker-${TORCH}.txt /lock.txt
RUN mkdir /pins \
    && grep -E '^(nvidia-|cuda-)' /lock.txt > /pins/cuda.txt || true \
    && grep -E '^(torch|triton)==' /lock.txt > /pins/torch.txt \
    && grep -vE '^(#|nvidia-|cuda-|torch==|triton==)' /lock.txt > /pins/libraries.txt

# Our own code as a wheel; not a byte of it differs while the sources do not.
FROM installer AS wheel
ENV SOURCE_DATE_EPOCH=1577836800
WORKDIR /source
COPY . .
# The embedded model's weights go into a layer of their own: they are ten times the code, and seldom change.
RUN mkdir -p pod_image/fluxpod/embedded/weights && mv pod_image/fluxpod/embedded/weights /weights
RUN /opt/installer/bin/python -m hatchling build --target wheel --directory /wheel

# --- the image ---
FROM system AS pod
RUN python3 -m venv --without-pip /opt/venv
ENV PATH=/opt/venv/bin:$PATH

# One layer each for CUDA, torch and the rest: they are pulled side by side, and a newer diffusers moves no gigabytes.
ARG TORCH_INDEX=
RUN --mount=type=bind,from=installer,source=/opt/installer,target=/mnt --mount=type=bind,from=pins,source=/pins,target=/media \
    --mount=type=cache,target=/root/.cache/pip \
    test ! -s /media/cuda.txt || /mnt/bin/python -m pip --python /opt/venv/bin/python install --no-deps -r /media/cuda.txt
RUN --mount=type=bind,from=installer,source=/opt/installer,target=/mnt --mount=type=bind,from=pins,source=/pins,target=/media \
    --mount=type=cache,target=/root/.cache/pip \
    /mnt/bin/python -m pip --python /opt/venv/bin/python install --no-deps ${TORCH_INDEX:+--extra-index-url=$TORCH_INDEX} -r /media/torch.txt
RUN --mount=type=bind,from=installer,source=/opt/installer,target=/mnt --mount=type=bind,from=pins,source=/pins,target=/media \
    --mount=type=cache,target=/root/.cache/pip \
    /mnt/bin/python -m pip --python /opt/venv/bin/python install --no-deps -r /media/libraries.txt

# Models and compile caches belong to the volume: the container's own disk has 10 GB and ends with it.
ENV HF_HOME=/workspace/.cache \
    TORCHINDUCTOR_CACHE_DIR=/workspace/.cache/torchinductor \
    TRITON_CACHE_DIR=/workspace/.cache/triton \
    CUDA_CACHE_PATH=/workspace/.cache/nvidia \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
EXPOSE 22
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/tini", "-g", "--", "/opt/venv/bin/python", "-P", "-m", "fluxpod.entrypoint"]

COPY --from=wheel /weights /opt/venv/lib/python3.11/site-packages/fluxpod/embedded/weights

# Ours, last: a change of the code makes only this layer anew. The wheel's other half, the controller, stays out: what it needs is not
# here. Byte code that never looks at its source needs no second look at files.
# A file of the weights that were touched here would be in this layer a second time.
RUN --mount=type=bind,from=installer,source=/opt/installer,target=/mnt --mount=type=bind,from=wheel,source=/wheel,target=/media \
    /mnt/bin/python -m pip --python /opt/venv/bin/python install --no-cache-dir --no-index --no-deps --no-compile /media/*.whl \
    && cd /opt/venv/lib/python3.11/site-packages \
    && rm -r fluxctl /opt/venv/bin/fluxctl fluxctl-*.dist-info/RECORD \
    && /opt/venv/bin/python -m compileall -q --invalidation-mode unchecked-hash fluxpod \
    && find fluxpod fluxctl-*.dist-info -path fluxpod/embedded/weights -prune -o -exec touch --no-dereference --date=2020-01-01 {} +

ARG TORCH=cuda
ARG CUDA_FLOOR=12.8
ARG VERSION=
ARG REVISION=
ARG SOURCE=
ARG SOURCE_HASH=
LABEL org.opencontainers.image.title="fluxctl pod" \
      org.opencontainers.image.description="FLUX behind a worker that ends its pod when nobody uses it" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      ai.fluxctl.source-hash="${SOURCE_HASH}" \
      ai.fluxctl.torch="${TORCH}" \
      ai.fluxctl.cuda-floor="${CUDA_FLOOR}"
