#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A kind of group is known in its own file only: nobody asks of which kind a group is to choose what to
# do, and nobody but the kind reads what its keys fill or what it built.  Usage: kinds.sh SOPSIM ROOT
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

# What a kind declares is what params tells of it.
told() {
	"$sopsim" params "$1" | grep -A1 "^  $2 " | tr -s ' \n' ' ' | grep -qF "$3" || complain "$1" "does not tell: $3"
}
told --keys=host cpu_user 'cpu_user % of its time in user mode several groups: mean'
told --keys=poisson response_ms 'response_ms ms mean time'
told --keys=poisson response_ms 'several groups: mean, weighted by answered'
told --measures nic.rx_frames 'nic.rx_frames 1 frames received several groups: sum'
[ -z "$("$sopsim" params --keys=config | grep measures)" ] || complain config 'measures nothing'
exit $bad
