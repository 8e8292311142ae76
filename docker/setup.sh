#!/usr/bin/env bash
# Gets a container engine to answer and builds the images that scenarios run on. With nothing to do it does nothing.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail

usage() {
  cat <<'USAGE'
Gets a container engine to answer and builds the images that scenarios run on.

Usage: docker/setup.sh [--check | --rebuild] [IMAGE...]

  IMAGE      the folder of an image below docker/ (default: all of them)
  --check    change nothing, say what is missing
  --rebuild  build again what is already there, the base image included
  --help     show this text

Environment:
  DOCKER_HOST                          the engine to use; no other is then looked for, installed or started
  HARNESS_CA_FOLDER                    certificates (*.crt) that downloads during a build must trust
                                       (default: /usr/local/share/ca-certificates)
  http_proxy, https_proxy, no_proxy    passed to the builds

Exit: 0 everything is there · 2 the command line is wrong · 4 the environment could not be had · 130 interrupted.
USAGE
}

docker_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# Administration tools are missing from the PATH of some root shells.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
# The classic builder comes with every engine and sees the engine's own images; a BuildKit builder of the user may not.
export DOCKER_BUILDKIT="${DOCKER_BUILDKIT:-0}"

# shellcheck source=setup/progress.sh
source "$docker_folder/setup/progress.sh"
# shellcheck source=setup/packages.sh
source "$docker_folder/setup/packages.sh"
# shellcheck source=setup/engine.sh
source "$docker_folder/setup/engine.sh"
# shellcheck source=setup/packets.sh
source "$docker_folder/setup/packets.sh"
# shellcheck source=setup/archives.sh
source "$docker_folder/setup/archives.sh"
# shellcheck source=setup/base.sh
source "$docker_folder/setup/base.sh"
# shellcheck source=setup/images.sh
source "$docker_folder/setup/images.sh"
# shellcheck disable=SC1091 # plain assignments
source "$docker_folder/versions.env"

mode=prepare
chosen=()

read_command_line() {
  local argument
  for argument in "$@"; do
    case $argument in
      --check | --rebuild)
        [ "$mode" = prepare ] || reject_command_line "--check and --rebuild exclude each other"
        mode=${argument#--}
        ;;
      --help | -h)
        usage
        exit 0
        ;;
      -*) reject_command_line "unknown option $argument" ;;
      *)
        [ -f "$docker_folder/$argument/Dockerfile" ] ||
          reject_command_line "no image $argument; there are: $(image_folders | xargs)"
        chosen+=("$argument")
        ;;
    esac
  done
  if [ ${#chosen[@]} -eq 0 ]; then
    # shellcheck disable=SC2207 # folder names have no spaces, and the bash of macOS has no mapfile
    chosen=($(image_folders))
  fi
}

reject_command_line() {
  say "$1 (docker/setup.sh --help shows what there is)"
  exit 2
}

check() {
  local missing=0 folder
  if engine_answers; then
    for folder in "${chosen[@]}"; do
      image_is_current "$folder" && continue
      say "missing or outdated: $(image_name "$folder")"
      missing=1
    done
  else
    say "no container engine answers: $(engine_complaint)"
    missing=1
  fi
  [ "$missing" -eq 0 ] || stop_because "not everything is there" "run docker/setup.sh"
}

prepare() {
  ensure_nft
  if [ "$mode" = prepare ] && engine_answers && images_are_current "${chosen[@]}"; then
    say "everything is there: $(image_names "${chosen[@]}")"
    return
  fi
  open_state_folder
  take_turn
  engine_answers || raise_engine
  local folder
  for folder in "${chosen[@]}"; do
    # Asked again, because another invocation may have built it while this one waited for its turn.
    if [ "$mode" = prepare ] && image_is_current "$folder"; then continue; fi
    ensure_base
    build_image "$folder"
  done
  remove_leftovers
  say "everything is there after $SECONDS s: $(image_names "${chosen[@]}")"
}

read_command_line "$@"
require_names "${chosen[@]}"
case $mode in
  check) check ;;
  *) prepare ;;
esac
