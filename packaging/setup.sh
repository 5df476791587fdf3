#!/bin/sh
# Makes .venv ready to run (run), to test (dev) or to measure (bench) the program:
#
#     sh packaging/setup.sh run|dev|bench
#
# Installs what is missing and nothing else; when all is there, it only compares a stamp. Honours PYTHON=/path/to/python.
set -eu

cd "$(dirname "$0")/.."
root=$(pwd -P)
venv="$root/.venv"
stamp="$venv/.ready"
log="$root/.cache/setup.log"

# Annoy's own flags, but for -march=native, which makes builds that crash on other machines. AVX is what TensorFlow's
# wheels ask of an x86-64 machine anyway, and as fast as native (docs/decisions/dependencies.md).
annoy_flags="-D_CRT_SECURE_NO_WARNINGS,-fpermissive,-O3,-ffast-math,-fno-associative-math"
annoy_flags="$annoy_flags,-DANNOYLIB_MULTITHREADED_BUILD,-std=c++14"
case $(uname -m) in x86_64 | amd64) annoy_flags="$annoy_flags,-mavx" ;; esac

# What Qt loads, to paint without a display and to open a window on X11 or Wayland; a font, since a bare machine has none.
# "a|b": the names of one package on newer and older systems.
qt_packages="libegl1 libgl1 libxkbcommon0 libfontconfig1 libdbus-1-3 libglib2.0-0t64|libglib2.0-0 fonts-dejavu-core
    libxcb-cursor0 libxkbcommon-x11-0 libx11-xcb1 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0
    libxcb-render-util0 libxcb-shape0 libxcb-xkb1 libwayland-cursor0 libwayland-egl1"

say() { printf '%s\n' "$*" >&2; }

die() {
    say "Set-up stopped: $*"
    exit 1
}

python_version() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }

supported() { # the range of pyproject.toml's requires-python
    case $(python_version "$1") in 3.10 | 3.11 | 3.12 | 3.13) return 0 ;; *) return 1 ;; esac
}

complete() { # can this Python make virtual environments, compile extensions and read a catalog?
    "$1" - 2>/dev/null <<'PYTHON'
import ensurepip, os, sqlite3, ssl, sysconfig, venv
raise SystemExit(not os.path.exists(os.path.join(sysconfig.get_config_var("INCLUDEPY"), "Python.h")))
PYTHON
}

find_python() { # the newest complete one, or else the newest; prints nothing when there is none
    if [ -n "${PYTHON:-}" ]; then
        if supported "$PYTHON"; then echo "$PYTHON"; fi
        return
    fi
    incomplete=""
    for candidate in python3.13 python3.12 python3.11 python3.10 python3; do
        supported "$candidate" || continue
        if complete "$candidate"; then
            echo "$candidate"
            return
        fi
        incomplete=${incomplete:-$candidate}
    done
    echo "$incomplete"
}

installed() {
    for name in $(echo "$1" | tr '|' ' '); do
        case $(dpkg-query -W -f '${db:Status-Abbrev}' "$name" 2>/dev/null) in ii*) return 0 ;; esac
    done
    return 1
}

missing_packages() { # of the system, for Python $1
    if ! complete "$1"; then
        version=$(python_version "$1")
        echo "python$version-venv" "python$version-dev"
    fi
    if ! command -v g++ >/dev/null; then echo g++; fi
    for package in $qt_packages; do
        if ! installed "$package"; then echo "$package"; fi
    done
}

names_here() { # of each "a|b" the name that this system's package lists know
    for package in "$@"; do
        for name in $(echo "$package" | tr '|' ' '); do
            if apt-cache show "$name" >/dev/null 2>&1; then break; fi
        done
        echo "$name"
    done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

install_packages() {
    if [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; then
        die "system packages are missing that this account may not install;" \
            "please run: sudo apt-get install --no-install-recommends $(names_here "$@" | paste -s -d ' ')"
    fi
    say "Installing system packages …"
    as_root apt-get update >>"$log" 2>&1 || say "The package lists could not be renewed; going on with those on disk."
    # shellcheck disable=SC2046  # names hold no blanks
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
        -o DPkg::Lock::Timeout=120 $(names_here "$@") >>"$log" 2>&1 ||
        die "$(cause "apt-get could not install $(names_here "$@" | paste -s -d ' ')")"
}

prepare_system() {
    if command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; then
        packages=$(missing_packages "$1")
        # shellcheck disable=SC2086  # names hold no blanks
        if [ -n "$packages" ]; then install_packages $packages; fi
    fi
    complete "$1" || die "$1 lacks venv, ssl, sqlite3 or its C headers (Python.h);" \
        "install them, or name another Python 3.10 to 3.13 with PYTHON=/path/to/python."
    command -v g++ >/dev/null || die "the C++ compiler g++ is missing; install it (Annoy is compiled here)."
}

cause() { # one sentence for what the log's end says; $1 is what failed
    if tail -n 60 "$log" | grep -qi 'no space left on device'; then
        echo "$1: the disk is full. Make room and run the command again."
    elif tail -n 60 "$log" | grep -qiE 'name resolution|failure resolving|network is unreachable|connection (refused|timed out|error|broken)|max retries|could not resolve|failed to establish|read timed out'; then
        echo "$1: no connection to the package servers. Check the network or proxy and run the command again (log: $log)."
    else
        echo "$1; the reason is at the end of $log"
    fi
}

pip_install() { # $1 says what for
    what=$1
    shift
    PIP_DISABLE_PIP_VERSION_CHECK=1 "$venv/bin/python" -m pip install "$@" >>"$log" 2>&1 ||
        die "$(cause "$what could not be installed")"
}

venv_usable() { # made here (scripts hold absolute paths), by a Python in the range, the one asked for if any
    grep -qsF "$venv" "$venv/bin/activate" && supported "$venv/bin/python" &&
        "$venv/bin/python" -m pip --version >/dev/null 2>&1 &&
        { [ -z "${PYTHON:-}" ] || [ "$(python_version "$PYTHON")" = "$(python_version "$venv/bin/python")" ]; }
}

prepare_venv() {
    if venv_usable; then
        python="$venv/bin/python"
    else
        python=$(find_python)
        [ -n "$python" ] || die "no Python from 3.10 to 3.13 was found${PYTHON:+ at $PYTHON};" \
            "install one, or name it with PYTHON=/path/to/python."
    fi
    prepare_system "$python"
    if [ "$python" != "$venv/bin/python" ]; then
        say "Making a virtual environment with Python $(python_version "$python") …"
        "$python" -m venv --clear "$venv" >>"$log" 2>&1 || die "$(cause "the virtual environment could not be made")"
    fi
}

install_annoy() { # compiled with our flags: neither a wheel from elsewhere nor pip's cache of an earlier native build
    if [ "$(cat "$venv/.annoy-flags" 2>/dev/null)" = "$annoy_flags" ]; then return; fi
    requirement=$(sed -n 's/^ *"\(annoy[^"]*\)",*$/\1/p' pyproject.toml)
    say "Compiling Annoy …"
    ANNOY_COMPILER_ARGS=$annoy_flags pip_install Annoy --no-cache-dir --no-binary annoy --no-deps --force-reinstall \
        "$requirement"
    echo "$annoy_flags" >"$venv/.annoy-flags"
}

check_disk() { # TensorFlow alone unpacks to 1.3 GB
    free=$(df -Pk . | awk 'NR == 2 { print int($4 / 1024) }')
    [ -x "$venv/bin/visualsearch" ] || [ "$free" -ge 4000 ] ||
        die "about 4 GB of disk are needed, but only $free MB are free in $root."
}

key() { # changes whenever the set-up has to be looked at again
    { cat pyproject.toml packaging/setup.sh && echo "$root" && "$venv/bin/python" -V; } 2>/dev/null | cksum
}

ready() { # $1: rank that is asked for
    # Names of its own: sh has no local variables, and $rank is what was asked for.
    [ -x "$venv/bin/visualsearch" ] && read -r made stamped <"$stamp" && [ "$made" -ge "$1" ] &&
        [ "$stamped" = "$(key)" ] &&
        { [ -z "${PYTHON:-}" ] || [ "$(python_version "$PYTHON")" = "$(python_version "$venv/bin/python")" ]; }
} 2>/dev/null

case ${1:-} in
    run) rank=1 extras="" ;;
    dev) rank=2 extras="[dev]" ;;
    bench) rank=3 extras="[dev,bench]" ;;
    *) die "say which: sh packaging/setup.sh run|dev|bench" ;;
esac

if ready $rank; then exit 0; fi

mkdir -p .cache
exec 9>.cache/setup.lock
if command -v flock >/dev/null; then flock 9; fi # two makes at once take turns
if ready $rank; then exit 0; fi

: >"$log"
check_disk
prepare_venv
install_annoy
say "Installing Python packages (the first time some 600 MB to download, a few minutes) …"
pip_install "a Python package" --editable ".$extras"
echo "$rank $(key)" >"$stamp"
say "Ready."
