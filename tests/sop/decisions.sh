#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# docs/semantics-index.md shows the decision table that SOP goes by (src/sop/decision.c).
# Usage: tests/sop/decisions.sh PROGRAM [--write]     (--write: puts the table there)
set -euo pipefail

program=$1
index=$(dirname "$0")/../../docs/semantics-index.md
begin='<!-- the decision table: tests/sop/decisions.sh -->' end='<!-- end of the table -->'
grep -qxF "$begin" "$index" || { echo "decisions: $index has no line '$begin'" >&2; exit 1; }
table=$("$program")
renewed=$(awk -v begin="$begin" -v end="$end" -v table="$table" '
	$0 == end { inside = 0 }
	!inside
	$0 == begin { inside = 1; print table }' "$index")
if [ "${2-}" = --write ]; then
	printf '%s\n' "$renewed" >"$index"
else
	diff "$index" - <<<"$renewed" ||
		{ echo "decisions: $index does not show src/sop/decision.c" >&2; exit 1; }
fi
