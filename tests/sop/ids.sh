#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every ruling of docs/semantics-index.md has a test whose name carries its id, and no test carries
# an id that is not there.  Usage: tests/sop/ids.sh [-v]   (-v: prints ids and tests)
set -euo pipefail

here=$(dirname "$0")
index=$here/../../docs/semantics-index.md
ids=$(sed -nE 's/^- (T[0-9]+(\.[0-9]+|[a-z])) .*/\1/p' "$index" | tr . _ | sort -V)
names=$(sed -nE 's/^(START_TEST|EACH_WAY)\(([A-Za-z0-9_]+).*/\2/p' "$here"/*.c)
carried=$(grep -oE '(^|_)T[0-9]+(_[0-9]+|[a-z])' <<<"$names" | sed 's/^_//' | sort -uV)

status=0
while read -r id; do
	echo "ids: no test is named for ${id/_/.}" >&2
	status=1
done < <(comm -23 <(sort <<<"$ids") <(sort <<<"$carried"))
while read -r id; do
	echo "ids: tests are named for ${id/_/.}, which docs/semantics-index.md does not have" >&2
	status=1
done < <(comm -13 <(sort <<<"$ids") <(sort <<<"$carried"))
if [ "$(wc -l <<<"$ids")" -ne "$(sort -u <<<"$ids" | wc -l)" ]; then
	echo "ids: docs/semantics-index.md has an id twice" >&2
	status=1
fi
if [ "${1-}" = -v ]; then
	while read -r id; do
		printf '%-7s %s\n' "${id/_/.}" \
			"$(grep -E "(^|_)$id(_|\$)" <<<"$names" | paste -sd' ')"
	done <<<"$ids"
fi
exit $status
