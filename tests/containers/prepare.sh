#!/usr/bin/env bash
# Gives this machine a Docker engine, a base image that no registry was asked for, and the pod image for the tests made on it.
#
#   tests/containers/prepare.sh          all of it
#   tests/containers/prepare.sh base     without the pod image
#
# Needs root and apt where Docker or debootstrap are missing. The base image is Debian bookworm with Python 3.11, as
# python:3.11-slim-bookworm is; what this machine needs to reach packages (apt's mirror and proxy, pip's settings and
# wheels, certificates) is copied into it, so it is for tests on this machine alone: `make push` refuses what bears its label.
set -euo pipefail
cd "$(dirname "$0")/../.."

SUITE=bookworm
BASE=${TEST_BASE_IMAGE:-fluxctl-base:$SUITE}
IMAGE_UNDER_TEST=${TEST_POD_IMAGE:-fluxctl-pod:cpu}
SETTINGS='^Acquire::(Check-|Retries|ForceIPv|http::Proxy|https::Proxy|http::Timeout)'

say() { printf '%s\n' "$*" >&2; }

install_packages() {
    local missing=()
    command -v dockerd >/dev/null || missing+=(docker.io)
    command -v debootstrap >/dev/null || missing+=(debootstrap)
    command -v iptables >/dev/null || missing+=(iptables)
    # The tests' own sshd, and what `fluxctl sync` copies with.
    command -v sshd >/dev/null || [ -x /usr/sbin/sshd ] || missing+=(openssh-server)
    command -v rsync >/dev/null || missing+=(rsync)
    command -v tini >/dev/null || missing+=(tini)
    [ ${#missing[@]} -eq 0 ] && return
    say "installing ${missing[*]} …"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -o DPkg::Lock::Timeout=300 update -qq
    apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

answers() { docker version >/dev/null 2>&1; }

# Ends a child of this script and waits until it is gone: two dockerd would fight for one folder.
end_process() {
    kill "$1" 2>/dev/null || true
    for _ in $(seq 60); do
        kill -0 "$1" 2>/dev/null || break
        sleep 0.5
    done
    kill -KILL "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

start_engine() {
    answers && return
    say "starting dockerd …"
    local log=${TMPDIR:-/tmp}/fluxctl-dockerd.log
    setsid nohup dockerd >"$log" 2>&1 </dev/null &
    local first=$!
    for _ in $(seq 120); do
        answers && return
        sleep 0.5
    done
    # A kernel without netfilter has no bridge network; the tests use the host's.
    say "dockerd does not answer; once more without a bridge network …"
    end_process "$first"
    setsid nohup dockerd --iptables=false --bridge=none >>"$log" 2>&1 </dev/null &
    for _ in $(seq 120); do
        answers && return
        sleep 0.5
    done
    tail -n 20 "$log" >&2
    say "error: dockerd does not answer"
    exit 1
}

# Lines for sources.list: this machine's own mirrors where it is of the same suite, else Debian's.
sources() {
    local found
    found=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null \
        | awk -v suite="$SUITE" '$1 ~ /^http/ && $2 ~ "^" suite && $3 == "main" { print "deb " $1 " " $2 " main" }' | sort -u)
    if ! grep -q " $SUITE main" <<<"$found"; then
        found="deb http://deb.debian.org/debian $SUITE main
deb http://deb.debian.org/debian $SUITE-updates main
deb http://deb.debian.org/debian-security $SUITE-security main"
    fi
    printf '%s\n' "$found"
}

apt_settings() { apt-config dump 2>/dev/null | grep -E "$SETTINGS" || true; }

# "name value" of each of pip's settings, from its files and the environment.
pip_settings() { python3 -m pip config list 2>/dev/null | sed -nE "s/^[^.]+\.([a-z-]+)='(.*)'$/\1 \2/p" | sort -u; }

setting() { pip_settings | awk -v name="$1" '$1 == name { $1 = ""; print substr($0, 2); exit }'; }

# What the base image is made from; a change of any of it makes another one.
fingerprint() {
    { cat "$0"; sources; apt_settings; pip_settings; ls -l "$(setting find-links)" 2>/dev/null; } | sha256sum | cut -c1-32
}

write_pip_settings() {
    local root=$1 name value certificate wheels
    certificate=$(setting cert)
    wheels=$(setting find-links)
    {
        echo "[global]"
        if [ -n "$certificate" ] && [ -f "$certificate" ]; then
            install -D -m 644 "$certificate" "$root/usr/local/share/pip/certificates.pem"
            echo "cert = /usr/local/share/pip/certificates.pem"
        fi
        if [ -n "$wheels" ] && [ -d "$wheels" ]; then
            mkdir -p "$root/usr/local/share/pip/wheels"
            cp "$wheels"/*.whl "$root/usr/local/share/pip/wheels/"
            echo "find-links = /usr/local/share/pip/wheels"
        fi
        for name in index-url trusted-host timeout default-timeout proxy; do
            value=$(setting "$name")
            [ -z "$value" ] || echo "$name = $value"
        done
    } >"$root/etc/pip.conf"
}

make_base() {
    local mark root mirror
    mark=$(fingerprint)
    if [ "$(docker image inspect --format '{{index .Config.Labels "base"}}' "$BASE" 2>/dev/null)" = "$mark" ]; then
        return
    fi
    say "making the base image $BASE …"
    root=$(mktemp -d "${TMPDIR:-/tmp}/fluxctl-base.XXXXXX")
    # shellcheck disable=SC2064  # the folder of now
    trap "rm -rf '$root'" EXIT
    mirror=$(sources | awk -v suite="$SUITE" '$3 == suite { print $2; exit }')
    debootstrap --variant=minbase --include=ca-certificates,netbase,python3,python3-venv "$SUITE" "$root" "$mirror" >"$root.log"
    rm -f "$root.log"
    sources >"$root/etc/apt/sources.list"
    apt_settings >"$root/etc/apt/apt.conf.d/90machine"
    write_pip_settings "$root"
    rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/var/log/*
    tar --numeric-owner -C "$root" -c . | docker import --change "LABEL base=$mark ai.fluxctl.test-base=1" --change 'CMD ["bash"]' - "$BASE" >/dev/null
}

make_image() {
    make --no-print-directory image TORCH=cpu BASE_IMAGE="$BASE" IMAGE="${IMAGE_UNDER_TEST%:*}" TAG="${IMAGE_UNDER_TEST##*:}" TORCH_INDEX=
}

install_packages
start_engine
make_base
[ "${1:-}" = base ] || make_image
