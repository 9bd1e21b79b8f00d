#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What a SOP socket is (in charge, why, port, listening, the outer socket's state) is written in
# src/sop/state.c alone, by transitions that have a name.  Usage: tests/sop/state.sh [SOURCES]
set -euo pipefail

sources=${1:-$(dirname "$0")/../../src/sop}
fields='(->|\.)(ps|pin|bound|drawn|listening|losers)'
state='(sock|socket)->state'
found=$(grep -nE "($fields|$state)[[:space:]]*([-+|&^]?=[^=]|\+\+|--)" "$sources"/*.[ch] |
	grep -v "^$sources/state\.c:" || true)
[ -n "$found" ] && echo "state: written outside state.c:" >&2 && echo "$found" >&2
grep -qE "${fields}[[:space:]]*=[^=]" "$sources/state.c" ||
	{ echo "state: $sources/state.c writes nothing of it: is this the right place?" >&2; exit 1; }
[ -z "$found" ]
