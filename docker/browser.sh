#!/usr/bin/env bash
# Gets what the tests of the report pages need: a headless browser, and the rules by which accessibility is judged.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail

usage() {
  cat <<'USAGE'
Gets a headless Chromium and axe-core, with which the tests look at report pages. Nothing else needs them.

Usage: docker/browser.sh [--check]

  --check    change nothing, say what is missing
  --help     show this text

Chromium is Debian's package. axe-core comes by npm into HARNESS_BROWSER (default: target/browser).

Exit: 0 everything is there · 2 the command line is wrong · 4 the environment could not be had · 130 interrupted.
USAGE
}

docker_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=${HARNESS_BROWSER:-$(dirname "$docker_folder")/target/browser}
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# shellcheck source=setup/progress.sh
source "$docker_folder/setup/progress.sh"
# shellcheck source=setup/packages.sh
source "$docker_folder/setup/packages.sh"
# shellcheck disable=SC1091 # plain assignments
source "$docker_folder/versions.env"

has_chromium() { command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; }

has_axe() { [ "$(cat "$home/axe.version" 2>/dev/null)" = "$AXE_VERSION" ]; }

missing_tools() {
  {
    has_chromium || echo chromium
    has_axe || echo "axe-core $AXE_VERSION"
  } | paste -sd, - | sed 's/,/, /g'
}

install_missing_packages() {
  local packages=()
  has_chromium || packages+=(chromium)
  has_axe || command -v npm >/dev/null || packages+=(npm)
  must_have_packages "${packages[@]}"
}

fetch_axe() {
  (cd "$work_folder" && npm pack --silent "axe-core@$AXE_VERSION") &&
    tar -xzf "$work_folder/axe-core-$AXE_VERSION.tgz" -C "$work_folder" package/axe.min.js &&
    mv "$work_folder/package/axe.min.js" "$home/axe.min.js"
}

prepare() {
  local missing
  missing=$(missing_tools)
  if [ -z "$missing" ]; then
    say "everything is there: chromium, and axe-core $AXE_VERSION in $home"
    return
  fi
  open_state_folder
  take_turn
  mkdir -p "$home" || stop_because "cannot create $home" "set HARNESS_BROWSER to a folder that can be written, for the tests too"
  install_missing_packages
  if ! has_axe; then
    step "fetching axe-core $AXE_VERSION with npm" "$state_folder/axe.log" fetch_axe ||
      stop_because "axe-core could not be fetched" "see the log above; npm must reach its registry"
    printf '%s\n' "$AXE_VERSION" >"$home/axe.version"
  fi
  missing=$(missing_tools)
  [ -z "$missing" ] || stop_because "still missing: $missing" "see what was said above"
  say "everything is there after $SECONDS s, in $home"
}

check() {
  local missing
  missing=$(missing_tools)
  [ -z "$missing" ] || stop_because "missing to look at report pages: $missing" "run docker/browser.sh"
}

case ${1:-} in
  "") prepare ;;
  --check) check ;;
  --help | -h) usage ;;
  *)
    say "unknown option $1 (docker/browser.sh --help shows what there is)"
    exit 2
    ;;
esac
