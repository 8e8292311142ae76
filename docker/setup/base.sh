# shellcheck shell=bash disable=SC2154 # setup.sh, which reads this file, sets what is not set here
# The base image: pulled where a registry can be reached, else made with debootstrap.

base_is_fresh=no

ensure_base() {
  [ "$base_is_fresh" = no ] || return 0
  if [ "$mode" = rebuild ] || ! docker image inspect "$BASE_IMAGE" >/dev/null 2>&1; then
    pull_base || bootstrap_base
  fi
  base_is_fresh=yes
}

# An engine that cannot reach its registry may try for minutes; one that can says "Pulling from" within moments.
pull_base() {
  local log=$state_folder/pull.log began=$SECONDS status=0
  say "pulling $BASE_IMAGE ..."
  set -m
  docker pull "$BASE_IMAGE" >"$log" 2>&1 </dev/null 9>&- &
  step_group=$!
  set +m
  while kill -0 "$step_group" 2>/dev/null; do
    local elapsed=$((SECONDS - began))
    if [ "$elapsed" -ge 300 ] || { [ "$elapsed" -ge 10 ] && ! grep -q 'Pulling from' "$log"; }; then
      end_group "$step_group"
      break
    fi
    sleep 0.2
  done
  wait "$step_group" 2>/dev/null || status=$?
  step_group=
  if [ "$status" -eq 0 ]; then
    say "pulling $BASE_IMAGE: done in $((SECONDS - began)) s"
  else
    say "$BASE_IMAGE cannot be pulled (after $((SECONDS - began)) s):" \
      "$(tail -n 1 "$log" | grep . || echo "no registry answers")"
  fi
  return "$status"
}

bootstrap_base() {
  if ! host_is_debian || [ "$(id -u)" -ne 0 ]; then
    stop_because "the base image $BASE_IMAGE is missing and no registry can be reached" \
      "let the engine reach a registry, or load the image (docker load), or run this as root on Debian to have it made"
  fi
  if ! command -v debootstrap >/dev/null; then
    say "installing Debian's packages debootstrap, debian-archive-keyring and gpgv, to make the base image"
    install_packages debootstrap debian-archive-keyring gpgv ||
      stop_because "debootstrap could not be installed" "see the log above; install it by hand, then run this again"
  fi
  local mirror
  mirror=$(base_archives | sed -n "s/ $BASE_SUITE\$//p")
  [ -n "$mirror" ] || stop_because "none of the archives that apt uses here offers Debian $BASE_SUITE" \
    "add one to apt's sources, or load $BASE_IMAGE into the engine (docker load)"
  step "making $BASE_IMAGE with debootstrap" "$state_folder/debootstrap.log" bootstrap_and_import "$mirror" ||
    stop_because "the base image could not be made (log: $state_folder/debootstrap.log)" \
      "see the log's tail above; or load $BASE_IMAGE into the engine (docker load)"
}

bootstrap_and_import() {
  local root=$work_folder/base proxy=
  eval "$(apt-config shell proxy Acquire::http::Proxy)"
  [ -z "$proxy" ] || [ "$proxy" = DIRECT ] || export http_proxy="${http_proxy:-$proxy}"
  debootstrap --variant=minbase --force-check-gpg "$BASE_SUITE" "$root" "$1" || return
  find "$root/usr/share/doc" ! -type d ! -name copyright -delete
  # What only describes the host (its mirror, name, resolver) or can be had again must not become part of an image.
  tar --create --directory "$root" --one-file-system \
    --exclude='./etc/apt/sources.list' --exclude='./etc/hostname' --exclude='./etc/resolv.conf' \
    --exclude='./var/cache/apt/*' --exclude='./var/lib/apt/lists/*' --exclude='./var/log/*' --exclude='./dev/*' \
    --exclude='./usr/share/man/*' --exclude='./usr/share/info/*' --exclude='./usr/share/locale/*' . |
    docker import --change 'CMD ["bash"]' --change 'LABEL harness.base=debootstrap' - "$BASE_IMAGE"
}

# A base of our own has no package archives in it: build stages get the host's.
base_is_bootstrapped() {
  [ "$(image_label harness.base "$BASE_IMAGE")" = debootstrap ]
}
