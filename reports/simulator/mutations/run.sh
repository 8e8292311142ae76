#!/usr/bin/env bash
# Judges the simulator: puts errors back into the judge, one at a time, and says which seed finds each.
# Every *.patch beside this script is one error; its first line says which. Names of patches as arguments: only these.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(git -C "$here" rev-parse --show-toplevel)
seeds=10000

# A copy of the tree as it is now, beside a build of its own: what is built and edited here stays untouched.
work=$root/target/mutations
copy=$work/tree
git -C "$root" worktree remove --force "$copy" 2>/dev/null || true
rm -rf "$copy"
state=$(git -C "$root" stash create)
git -C "$root" worktree add --quiet --detach "$copy" "${state:-HEAD}"
trap 'git -C "$root" worktree remove --force "$copy"' EXIT

export CARGO_TARGET_DIR=$work CARGO_INCREMENTAL=1
simulate() { (cd "$copy" && cargo run --quiet --release --locked --package simulator -- --seeds "$seeds" "$@"); }

# What disagrees without any mutation finds none.
simulate --list >"$work/known"
echo "the judge as it is: $(wc -l <"$work/known") disagreements in $seeds seeds"

failures=0
for patch in "$here"/*.patch; do
  name=$(basename "$patch" .patch)
  if [ $# -gt 0 ] && [[ " $* " != *" $name "* ]]; then continue; fi
  code=0
  if git -C "$copy" apply --unidiff-zero "$patch" 2>"$work/trouble"; then
    answer=$(simulate --known "$work/known" 2>"$work/trouble") || code=$?
    git -C "$copy" checkout --quiet -- .
  else
    code=apply
  fi
  case $code in
    1) ;;
    0) answer="NOT FOUND within $seeds seeds" ;;
    apply) answer="DOES NOT APPLY: $(head -n 1 "$work/trouble")" ;;
    *) answer="DOES NOT BUILD OR RUN: $(head -n 1 "$work/trouble")" ;;
  esac
  if [ "$code" != 1 ]; then failures=$((failures + 1)); fi
  printf '%-34s %s\n    %s\n' "$name" "$answer" "$(head -n 1 "$patch")"
done
echo "$failures mutations were not found"
[ "$failures" = 0 ]
