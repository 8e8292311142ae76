#!/usr/bin/env bash
# Gets what the tests of the documents need: the libraries with which the documents recount a history.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail

usage() {
  cat <<'USAGE'
Gets pyarrow, pandas, DuckDB and Polars, with which docs/history.md recounts a history. Nothing but its test needs them.

Usage: docker/python.sh [--check]

  --check    change nothing, say what is missing
  --help     show this text

They come by pip into an environment of their own, HARNESS_PYTHON (default: target/python). Python itself and its module
venv are Debian's packages.

Exit: 0 everything is there · 2 the command line is wrong · 4 the environment could not be had · 130 interrupted.
USAGE
}

docker_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=${HARNESS_PYTHON:-$(dirname "$docker_folder")/target/python}
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# shellcheck source=setup/progress.sh
source "$docker_folder/setup/progress.sh"
# shellcheck source=setup/packages.sh
source "$docker_folder/setup/packages.sh"
# shellcheck disable=SC1091 # plain assignments
source "$docker_folder/versions.env"

libraries=("pyarrow==$PYARROW_VERSION" "pandas==$PANDAS_VERSION" "duckdb==$DUCKDB_VERSION" "polars==$POLARS_VERSION")

has_libraries() { [ -x "$home/bin/python" ] && [ "$(cat "$home/libraries" 2>/dev/null)" = "${libraries[*]}" ]; }

has_venv() { python3 -c 'import ensurepip, venv' 2>/dev/null; }

install_libraries() {
  rm -rf "$home" && mkdir -p "$home" && : >"$home/libraries" && python3 -m venv "$home" &&
    "$home/bin/python" -m pip install --disable-pip-version-check --only-binary :all: "${libraries[@]}"
}

prepare() {
  if has_libraries; then
    say "everything is there: ${libraries[*]} in $home"
    return
  fi
  if [ -e "$home" ] && [ ! -e "$home/libraries" ] && [ -n "$(ls -A "$home" 2>/dev/null)" ]; then
    stop_because "$home is something else's folder, and is not replaced" "name another one in HARNESS_PYTHON"
  fi
  open_state_folder
  take_turn
  has_venv || must_have_packages python3 python3-venv
  step "installing ${libraries[*]} with pip" "$state_folder/python.log" install_libraries ||
    stop_because "they could not be installed" "see the log above; pip must reach its index"
  printf '%s\n' "${libraries[*]}" >"$home/libraries"
  say "everything is there after $SECONDS s, in $home"
}

check() {
  has_libraries || stop_because "missing to recount a history: ${libraries[*]}" "run docker/python.sh"
}

case ${1:-} in
  "") prepare ;;
  --check) check ;;
  --help | -h) usage ;;
  *)
    say "unknown option $1 (docker/python.sh --help shows what there is)"
    exit 2
    ;;
esac
