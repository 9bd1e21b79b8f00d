#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# docs/tcp.md names code and tests in the columns of its tables: what it names must be there.
#
#     tcp_doc.sh SOURCE_ROOT
set -u
cd "$1" || exit 1
checks=0 failures=0

# All words of the code, and the names of all tests; read by the names of the columns.
# shellcheck disable=SC2034
declare -A in_code in_tests
# shellcheck disable=SC2034
while read -r name; do
	in_code[$name]=yes
done < <(grep -oh '[[:alpha:]_][[:alnum:]_]*' src/net/*/*.[ch] | sort -u)
# shellcheck disable=SC2034
while read -r name; do
	in_tests[$name]=yes
done < <(sed -n 's/.*START_TEST(\([^)]*\)).*/\1/p' tests/net/*.c)

there() { # a name, and the column it stands in
	case $1 in
	*.pkt) compgen -G "tests/pkt/$1" >/dev/null ;;
	*.c | *.h) compgen -G "src/net/*/$1" >/dev/null ;;
	*) local -n known=in_$2
	   [ "${known[$1]:-}" ] ;;
	esac
}

# shellcheck disable=SC2034 # code and tests are read by their names
while IFS='|' read -r _ section _ code tests _; do
	for column in code tests; do
		rest=${!column}
		while [[ $rest =~ \`([^\`]*)\`(.*) ]]; do
			name=${BASH_REMATCH[1]} rest=${BASH_REMATCH[2]}
			checks=$((checks + 1))
			there "$name" $column && continue
			echo "docs/tcp.md,$section: there is no $name"
			failures=$((failures + 1))
		done
	done
done < <(awk -F'|' 'NF == 6 && !/^\| *-/' docs/tcp.md)
echo "Checks: $checks, Failures: $failures, Errors: 0"
[ $checks -gt 100 ] && [ $failures -eq 0 ]
