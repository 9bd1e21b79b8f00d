# SPDX-License-Identifier: GPL-3.0-or-later
# For the end-to-end tests: refusals, and a place to work in.  Sourced with the test's arguments, the
# program and the source tree.
set -u
sopsim=$(readlink -f "$1")
root=$(readlink -f "$2")
first=$root/scenarios/first.ini
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
status=0

complain() {
	echo "$*"
	status=1
}

die() {
	echo "$(basename "$0"): $*"
	exit 1
}

# names DIR: of all that it has, in a line; files DIR: the runs, each with a number that no other file has.
names() { find "$1" -mindepth 1 -maxdepth 1 -printf '%f\n' | LC_ALL=C sort | paste -sd' '; }
files() { find "$1" -name '*.json' -printf '%f %i\n' | sort; }

# page_has PAGE FILE: a page has each line of the file.
page_has() {
	local line
	while read -r line; do
		grep -qxF "$line" "$root/$1" || complain "$1 has not: $line"
	done <"$2"
}

# expect "WORDS|WORDS" COMMAND...: refused, in one line with all the words.
expect() {
	local words rc word lines
	IFS='|' read -ra words <<<"$1|allowed:"
	shift
	rc=0
	timeout 60 "$@" >out 2>said </dev/null || rc=$?
	[ $rc -eq 2 ] || complain "status $rc, not 2: $*"
	mapfile lines <said
	[ ${#lines[@]} -eq 1 ] && [[ ${lines[0]} == *$'\n' ]] || complain "not one line: $* said '$(head -c 1000 said)'"
	[ ! -s out ] || complain "refused, but printed: $*"
	for word in "${words[@]}"; do
		[[ ${lines[*]} == *"$word"* ]] || complain "'$(cat said)' does not say '$word'"
	done
}
