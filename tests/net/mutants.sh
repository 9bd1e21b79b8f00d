#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Breaks each rule of docs/tcp.md once, in a clone of its own, and sees its test go red; the rules are
# in mutants.txt.  On demand only: it builds some hundred times (about fifteen minutes).
#
#     tests/net/mutants.sh [PATTERN]     all, or those whose line matches
#     tests/net/mutants.sh --texts       breaks nothing: is each line's text still in its file, is its test there?
#
# Exit status 1 if a rule can be broken unseen, or a line's text is not in its file any more.
set -u
shopt -s extglob
root=$(cd "$(dirname "$0")/../.." && pwd) || exit 2
texts=
[ "${1:-}" != --texts ] || { texts=yes; shift; }
pattern=${1:-.}
cd "$root" || exit 2
if [ -z "$texts" ]; then
	clone=$(mktemp -d) || exit 2
	trap 'rm -rf "$clone"' EXIT
	git archive HEAD | tar x -C "$clone" || exit 2
	cd "$clone" || exit 2
	meson setup build -Dwerror=false >/dev/null && ninja -C build src/lab/sopsim >/dev/null || exit 2
fi

# FILE TEXT NEW: replaces the first occurrence, however it is laid out; \n and \| in the table stand for
# themselves.  With --texts it only looks.
break_rule() {
	FILE=$1 TEXT=$2 NEW=$3 LOOK=$texts perl -e '
		local $/; my ($file, $text, $new) = @ENV{qw(FILE TEXT NEW)};
		s/\\n/\n/g, s/\\\|/|/g for $text, $new;
		$text =~ s/\s//g;
		my $any = join "\\s*", map { quotemeta } split //, $text;
		open my $f, "<", $file or die; my $all = <$f>; close $f;
		exit 1 if $text eq "" or $all !~ /$any/;
		exit 0 if $ENV{LOOK};
		substr($all, $-[0], $+[0] - $-[0]) = $new;
		open $f, ">", $file or die; print $f $all'
}

# The name that a test of tests/net has in the table, as its file and program have it.
full_name() {
	[ -e "$root/tests/net/test_$1.c" ] && echo "$1" || echo "tcp_$1"
}

# TEST: is there such a script, or such a test?
is_there() {
	local words
	case $1 in
	*.pkt) [ -e "$root/tests/pkt/$1" ] ;;
	*) read -ra words <<<"$1"
		grep -q "START_TEST(${words[1]})" "$root/tests/net/test_$(full_name "${words[0]}").c" 2>/dev/null ;;
	esac
}

# Is the test red?
red() {
	case $1 in
	*.pkt) ninja -C build src/lab/sopsim >log 2>&1 || return 2
		! timeout 60 build/src/lab/sopsim pkt --complete "tests/pkt/$1" >log 2>&1 ;;
	*) read -ra words <<<"$1"
		set -- "${words[@]}"
		local program
		program=build/tests/net/test_net_$(full_name "$1")
		ninja -C build "${program#build/}" >log 2>&1 || return 2
		CK_DEFAULT_TIMEOUT=20 timeout 120 "$program" >log 2>&1
		grep -q ":[FE]:[^:]*:$2:" log ;;
	esac
}

checks=0 failures=0
while IFS= read -r line; do
	[[ $line == *@@* ]] || continue
	mapfile -t field <<<"${line//?( )@@?( )/$'\n'}"
	file=src/net/engine/${field[1]}
	checks=$((checks + 1))
	[ -n "$texts" ] || cp "$file" kept
	if ! break_rule "$file" "${field[2]}" "${field[3]}"; then
		echo "${field[0]}: $file has no such text: ${field[2]}"
		failures=$((failures + 1))
		continue
	fi
	if ! is_there "${field[4]}"; then
		echo "${field[0]}: there is no test ${field[4]}"
		failures=$((failures + 1))
		[ -n "$texts" ] || cp kept "$file"
		continue
	fi
	[ -z "$texts" ] || continue
	red "${field[4]}"
	case $? in
	0) ;;
	1) echo "${field[0]}: ${field[4]} stays green" ; failures=$((failures + 1)) ;;
	*) echo "${field[0]}: does not build" ; failures=$((failures + 1)) ;;
	esac
	cp kept "$file"
done < <(grep -v '^#' "$root/tests/net/mutants.txt" | grep -- "$pattern")
echo "Checks: $checks, Failures: $failures, Errors: 0"
[ $checks -gt 0 ] && [ $failures -eq 0 ]
