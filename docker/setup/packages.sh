# shellcheck shell=bash
# Debian's packages, which are installed as root only, and are said before they are.

host_is_debian() {
  grep -qx 'ID=debian' /etc/os-release 2>/dev/null
}

# install_packages PACKAGE... [--optional PACKAGE...]: optional ones are skipped by suites that do not have them.
install_packages() {
  # One unreachable archive among several is no reason to give up: what is missing shows at the installation.
  step "reading the package lists" "$state_folder/apt-update.log" apt-get update || true
  local packages=() optional=no argument
  for argument in "$@"; do
    if [ "$argument" = --optional ]; then
      optional=yes
    elif [ "$optional" = no ] || apt-cache show "$argument" >/dev/null 2>&1; then
      packages+=("$argument")
    fi
  done
  # An engine or command from another vendor would be removed by the conflict: --no-remove makes that an error instead.
  step "installing ${packages[*]}" "$state_folder/apt-install.log" \
    env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends --no-remove "${packages[@]}"
}

# must_have_packages PACKAGE...: installs these, or says that they are missing. None: nothing is to do.
must_have_packages() {
  [ $# -gt 0 ] || return 0
  if ! host_is_debian || [ "$(id -u)" -ne 0 ]; then
    stop_because "these packages are missing: $* (their names in Debian)" \
      "install them, then run this again; on Debian as root it installs them itself"
  fi
  say "installing Debian's packages: $*"
  install_packages "$@" || stop_because "they could not be installed" "see the log above"
}
