#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# docs/tcp.md names code and tests in the columns of its tables: what it names must be there.
#
#     tcp_doc.sh SOURCE_ROOT
set -u
cd "$1" || exit 1
checks=0 failures=0

there() { # a name, and the column it stands in
	case $1 in
	*.pkt) compgen -G "tests/pkt/$1" >/dev/null ;;
	*.c | *.h) compgen -G "src/net/*/$1" >/dev/null ;;
	*) if [ "$2" = code ]; then
		grep -qw -- "$1" src/net/*/*.[ch]
	   else
		grep -q -- "START_TEST($1)" tests/net/*.c
	   fi ;;
	esac
}

# shellcheck disable=SC2034 # code and tests are read by their names
while IFS='|' read -r _ section _ code tests _; do
	for column in code tests; do
		for name in $(grep -o '`[^`]*`' <<<"${!column}" | tr -d '`'); do
			checks=$((checks + 1))
			there "$name" $column && continue
			echo "docs/tcp.md,$section: there is no $name"
			failures=$((failures + 1))
		done
	done
done < <(awk -F'|' 'NF == 6 && !/^\| *-/' docs/tcp.md)
echo "Checks: $checks, Failures: $failures, Errors: 0"
[ $checks -gt 100 ] && [ $failures -eq 0 ]
