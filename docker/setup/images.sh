# shellcheck shell=bash disable=SC2154 # setup.sh, which reads this file, sets what is not set here
# The images: which there are, whether they are current, and how one is built.

# Every folder with a Dockerfile is an image.
image_folders() {
  local file
  for file in "$docker_folder"/*/Dockerfile; do basename "$(dirname "$file")"; done
}

# The folder "some-broker" is named by the key SOME_BROKER_IMAGE.
image_key() {
  printf '%s_IMAGE\n' "$(printf '%s' "$1" | tr 'a-z-' 'A-Z_')"
}

image_name() {
  local key
  key=$(image_key "$1")
  printf '%s\n' "${!key}"
}

require_names() {
  local folder key
  for folder in "$@"; do
    key=$(image_key "$folder")
    [ -n "${!key:-}" ] || stop_because "docker/versions.env does not name the image of docker/$folder" "add a line $key=..."
  done
}

image_names() {
  local folder
  for folder in "$@"; do image_name "$folder"; done | xargs
}

images_are_current() {
  local folder
  for folder in "$@"; do image_is_current "$folder" || return 1; done
}

image_is_current() {
  [ "$(image_label harness.recipe "$(image_name "$1")")" = "$(recipe "$1")" ]
}

# Empty where there is no such label or image.
image_label() {
  docker image inspect --format "{{index .Config.Labels \"$1\"}}" "$2" 2>/dev/null
}

# The versions that an image's Dockerfile asks for, as KEY=value lines.
versions_of() {
  local key
  sed -n 's/^\([A-Z][A-Z0-9_]*\)=.*/\1/p' "$docker_folder/versions.env" | while read -r key; do
    if grep -qx "ARG $key" "$docker_folder/$1/Dockerfile"; then printf '%s=%s\n' "$key" "${!key}"; fi
  done
}

# A hash of all that decides what the image will be: its folder, its versions (the base among them), the shared script.
recipe() {
  {
    versions_of "$1"
    cat "$docker_folder/setup/build-stage.sh"
    cd "$docker_folder/$1" || return
    find . -type f ! -name '.*' | LC_ALL=C sort | while read -r file; do
      printf '%s\n' "$file"
      cat "$file"
    done
  } | if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -c 1-16
}

build_image() {
  local name candidate context=$work_folder/$1 log=$state_folder/build-$1.log
  name=$(image_name "$1")
  candidate=$name-candidate
  cp -R "$docker_folder/$1" "$context"
  add_host_folder "$context"
  step "building $name" "$log" build_candidate "$1" "$context" "$candidate" ||
    stop_because "$name could not be built" "see the log's tail above; the whole log is $log"
  label_candidate "$1" "$candidate" "$name" >>"$log" 2>&1 || {
    show_tail "$log"
    stop_because "$name was built, but its version could not be read from it" "the whole log is $log"
  }
}

# Build stages and replaced images are of no more use. Only images without a name are removed, and only with our labels.
remove_leftovers() {
  local label
  for label in harness.stage harness.recipe harness.base; do
    docker image prune --force --filter "label=$label" >/dev/null
  done
}

build_candidate() {
  local arguments=() line
  while read -r line; do arguments+=(--build-arg "$line"); done < <(versions_of "$1")
  # Builders know these without an ARG line, and keep them out of the image.
  for line in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
    if [ -n "${!line:-}" ]; then arguments+=(--build-arg "$line"); fi
  done
  if [ "$mode" = rebuild ]; then arguments+=(--no-cache); fi
  # The host's network reaches what the host reaches, a proxy on its loopback address too.
  docker build --network host --force-rm "${arguments[@]}" --tag "$3" "$2"
}

# The exact version is known only once the image is built, so the labels are put on in a second, empty build.
label_candidate() {
  local version
  version=$(docker run --rm --network none --entrypoint cat "$2" /etc/image-version) || return
  printf 'FROM %s\n' "$2" | docker build --tag "$3" \
    --label "org.opencontainers.image.version=$version" --label "harness.recipe=$(recipe "$1")" - || return
  docker image rm "$2"
}

# What a build stage must know of this host to download anything. It stays in the stage: final images copy results only.
add_host_folder() {
  local host=$1/host certificates=${HARNESS_CA_FOLDER:-/usr/local/share/ca-certificates} certificate
  mkdir -p "$host/certificates"
  cp "$docker_folder/setup/build-stage.sh" "$host/build-stage.sh"
  for certificate in "$certificates"/*.crt; do
    if [ -f "$certificate" ]; then cp "$certificate" "$host/certificates/"; fi
  done
  if base_is_bootstrapped; then
    base_archives | sed 's|.*|deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] & main|' >"$host/sources.list"
    [ -s "$host/sources.list" ] ||
      stop_because "none of the archives that apt uses here offers Debian $BASE_SUITE" "add one to apt's sources"
    host_apt_settings >"$host/apt.conf"
    cp /etc/ssl/certs/ca-certificates.crt "$host/" 2>/dev/null || true
  fi
}
