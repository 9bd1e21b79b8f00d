#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Python's own tests of sockets and of waiting, over its loopback device, on plain INET and under SOP: all
# pass or are skipped, but for those that `reasons` names (docs/exec.md says why each).
# Usage: suite.sh SOPSIM ROOT MODULE...
. "$(dirname "$0")/exec.sh"
need python3
/usr/bin/python3 -c 'import test.test_socket' 2>/dev/null || skip "no test suite of Python here"
shift 2
reasons='UDPLITE|VSOCK|test_itimer_(virtual|prof|exc)|_pty_'

for module in "$@"; do
	for loaded in no yes; do
		# Its certificates are of a later date than the clock's own.
		timeout 300 "$sopsim" exec "$machines" --check-fds --set sop.loaded=$loaded --set scenario.limit=3000s \
			--set scenario.epoch=2024-01-01 --set 'exec command.folder=/tmp' -- /usr/bin/python3 -m "test.$module" -v \
			>"$out/out" 2>"$out/said" </dev/null
		grep -q '^Ran [1-9]' "$out/said" || complain "$module did not end: $(tail -n 2 "$out/said")"
		grep -E '^(ERROR|FAIL):' "$out/said" | grep -vE "$reasons" >"$out/bad" &&
			complain "$module, sop.loaded=$loaded: $(sort -u "$out/bad")"
		echo "$module, sop.loaded=$loaded: $(grep -c '\.\.\. ok' "$out/said") ok"
	done
done
exit $bad
