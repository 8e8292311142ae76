# shellcheck shell=bash disable=SC2154 # setup.sh or processes.sh, which read this file, set what is not set here
# The program nft, with which two faults drop packets. All else works without it.

has_nft() { command -v nft >/dev/null; }

# Nothing is refused where it cannot be had: whoever asks for one of the two faults is told then.
ensure_nft() {
  has_nft && return
  [ "$(uname -s)" = Linux ] || return 0
  if ! host_is_debian || [ "$(id -u)" -ne 0 ]; then
    say "without the program nft (Debian's package nftables) the faults drop and packet-loss are not possible; all else is"
    return
  fi
  open_state_folder
  take_turn
  say "installing Debian's package nftables, which the faults drop and packet-loss need"
  install_packages nftables || say "it could not be installed: these two faults are not possible; all else is"
}
