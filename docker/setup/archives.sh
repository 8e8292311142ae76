# shellcheck shell=bash disable=SC2154 # setup.sh, which reads this file, sets what is not set here
# The package archives that apt on this host uses, restated for the base's suite: what this host can reach, builds can too.

# Prints "URI SUITE" for the base's suite, then its updates and security suites, as far as the host's archives have them.
base_archives() {
  local found=$work_folder/archives
  [ -s "$found" ] || find_base_archives >"$found"
  cat "$found"
}

# apt itself reads its configuration here, in whichever of its styles it is written; nothing is downloaded.
host_archives() {
  apt-get update --print-uris | sed -n "s|^'\(.*\)/dists/\([^/]*\)/InRelease' .*|\1 \2|p" | resolve_mirror_lists
}

# A "mirror+file:/path" names a local list of mirrors, which only apt understands: its first line stands for it.
resolve_mirror_lists() {
  local uri suite
  while read -r uri suite; do
    case $uri in
      mirror+file:*) uri=$(grep -m 1 -oE '^[a-z]+:[^[:space:]]+' "${uri#mirror+file:}") || continue ;;
    esac
    printf '%s %s\n' "${uri%/}" "$suite"
  done
}

find_base_archives() {
  local suffix uri suite
  for suffix in "" -updates -security; do
    host_archives | while read -r uri suite; do
      case $uri in http://* | https://*) ;; *) continue ;; esac
      case $suite in
        *-updates | *-security) [ "${suite##*-}" = "${suffix#-}" ] || continue ;;
        *-*) continue ;;
        *) [ -z "$suffix" ] || continue ;;
      esac
      if archive_has_suite "$uri" "$BASE_SUITE$suffix"; then
        printf '%s %s\n' "$uri" "$BASE_SUITE$suffix"
        break
      fi
    done
  done
}

# Archives of other vendors can use the same suite names: the release file says whose it is.
archive_has_suite() {
  local release=$work_folder/InRelease
  rm -f "$release"
  /usr/lib/apt/apt-helper -o Acquire::Retries=0 -o Acquire::http::Timeout=10 -o Acquire::https::Timeout=10 \
    download-file "$1/dists/$2/InRelease" "$release" >/dev/null 2>&1 </dev/null &&
    grep -q '^Origin: Debian$' "$release"
}

# The settings that decide whether those archives can be reached and believed, in apt's own syntax.
host_apt_settings() {
  apt-config dump | grep -E '^Acquire::(https?::Proxy|Check-Valid-Until|Check-Date)(::[^ ]+)? "[^"]+";' || true
}
