#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A kind of group is known in its own file only: nobody asks of which kind a group is to choose what to
# do, and nobody but the kind reads what its keys fill or what it built.  And the lab's rooms know those
# below them only.  Usage: kinds.sh SOPSIM ROOT
set -u
sopsim=$(realpath "$1")
cd "$2/src/lab" || exit 1
bad=0

complain() {
	[ -z "$2" ] || { printf '%s\n%s\n' "$1:" "$2"; bad=1; }
}

complain 'a type by number' "$(grep -rnE '\bTYPE_[A-Z]|\btype_id\b' --include=*.[ch] .)"
complain 'a choice by kind' "$(grep -rnE '(kind->name|kind) *[=!]= *&?kind_|g_str_equal\([a-z>-]*kind->name' \
	--include=*.[ch] . | grep -v '^\./scenario/kind\.c:')"
# The room that reads scenarios fills conf, by keys; the one that builds worlds clears live.
complain 'the conf of a kind, read elsewhere' \
	"$(grep -rnE 'group[a-z]*->conf\b' --include=*.[ch] base world campaign figures commands | grep -v key_get)"
complain 'what a kind built, taken elsewhere' \
	"$(grep -rnE --include=*.[ch] -e '->live\b' base scenario campaign figures commands |
		grep -vE 'scenario/kind.h|run->live|if \(group->live\)')"
complain 'a struct of a kind in a header' "$(grep -nE 'struct (conf|live) *\{' kinds/*.h)"

for file in kinds/*.c; do
	kind=$(basename "$file" .c)
	n=$(grep -c '^const struct kind kind_' "$file")
	case $kind in
	kinds | parts | told) want=0 ;;
	*) want=1 ;;
	esac
	[ "$n" = $want ] && { [ $want = 0 ] || grep -q "^const struct kind kind_$kind = {" "$file"; } ||
		complain "$file" "has $n kinds; wanted $want, called kind_$kind"
	[ $want = 0 ] || grep -q "'$kind'" meson.build || complain meson.build "does not list $kind"
done

# A room knows those below it only, by what its files include; what they call, the libraries' link lists say.
rooms='base scenario world kinds campaign figures commands'
above=
for room in $(printf '%s\n' $rooms | tac); do
	for higher in $above; do
		complain "$room knows $higher" "$(grep -rn --include=*.[ch] "\"lab/$higher/" "$room")"
	done
	above="$above $room"
done

# Every kind tells keys and measures, and each measure has a unit and how it adds up.
for kind in $("$sopsim" params --types | awk '/^  /{print $1}'); do
	told=$("$sopsim" params --keys="$kind") || complain "$kind" 'is not told'
	measures=$(printf '%s\n' "$told" | sed '1,/^What it measures/d')
	[ "$(printf '%s' "$measures" | grep -c 'several groups: ')" = \
		"$(printf '%s' "$measures" | grep -cE '^  [a-z*]')" ] ||
		complain "$kind" "a measure does not say how it adds up"
done
exit $bad
