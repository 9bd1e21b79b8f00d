#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# SOP uses the kernel's interfaces only: it includes headers of its own and of the host, and calls
# nothing of the engine, of a card or of its driver.  Usage: tests/sop/kernel_only.sh BUILD [SOURCES]
set -euo pipefail

build=$1
sources=${2:-$(dirname "$0")/../../src/sop}
status=0
tell() { # what, and what should not be
	[ -z "$2" ] && return
	printf '%s:\n%s\n' "$1" "$2" >&2
	status=1
}

tell "headers of other rooms" \
	"$(grep -nE '#include "' "$sources"/*.[ch] | grep -vE '"((sop|host)/[a-z_/]*|sim/list)\.h"' || true)"
tell "headers that the host's own files share" "$(grep -nE \
	'#include "host/([a-z]+/)?(core|init|[a-z]+_internal)\.h"' "$sources"/*.[ch] || true)"
tell "calls of the engine, a card or its driver" "$(comm -12 \
	<(find "$build/src/sop" -name '*.o' -print0 | xargs -r0 nm -u | awk 'NF == 2 {print $2}' | sort -u) \
	<(find "$build"/src/{net,toe,pci} -name '*.o' -print0 | xargs -r0 nm --defined-only --extern-only |
		awk 'NF == 3 {print $3}' | sort -u))"
find "$build/src/sop" -name '*.o' | grep -q . || tell "no objects of src/sop under" "$build"
exit $status
