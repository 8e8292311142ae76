#!/bin/sh
# How often does `harness compare` call a regression between two runs of one build? Runs pairs one after the other and counts.
#
#   benches/compare/pairs.sh FOLDER SCENARIO PAIRS [ARGUMENT…]
#
# ARGUMENTs go to each second run alone: `--set …` makes it slower on purpose, to see how often that is found. Then the pair is
# compared with --anyway, because it is not of one scenario any more. Pairs that are there already are only compared again.
# HARNESS names the program (default: target/release/harness).
set -eu

folder=$1 scenario=$2 pairs=$3
shift 3
harness=${HARNESS:-target/release/harness}
anyway=
[ $# -eq 0 ] || anyway=--anyway

run() {
    out=$1
    shift
    [ -f "$out/result.json" ] || "$harness" run "$scenario" --out "$out" --quiet "$@" >/dev/null || [ $? -ne 4 ]
}

mkdir -p "$folder"
called=0 nothing=0 unknown=0
for pair in $(seq "$pairs"); do
    run "$folder/base-$pair"
    run "$folder/run-$pair" "$@"
    exit=0
    "$harness" compare "$folder/base-$pair" "$folder/run-$pair" $anyway >"$folder/pair-$pair.txt" || exit=$?
    case $exit in
        0) nothing=$((nothing + 1)) ;;
        1) called=$((called + 1)) ;;
        3) unknown=$((unknown + 1)) ;;
        *) echo "pair $pair: exit $exit" >&2; exit 4 ;;
    esac
    echo "pair $pair: $(sed -n 2,3p "$folder/pair-$pair.txt" | tr '\n' ' ')"
done
echo "$pairs pairs: $called with a regression, $nothing with nothing confirmed, $unknown unknown"
