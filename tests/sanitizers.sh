#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Builds the program with AddressSanitizer and UBSan and runs the lessons, small scenarios and the TCP
# scripts, those over each kind of socket: no report, and the same outcome as ever.  The build stays,
# so that the next time is short.  With a third word, `thread`, with ThreadSanitizer, and runs what has threads:
# a trace in both formats, and packed.
#
#     tests/sanitizers.sh FOLDER ROOT             FOLDER/build-asan is made
#     tests/sanitizers.sh FOLDER ROOT thread      FOLDER/build-tsan is made
set -u
if [ "${3:-}" = thread ]; then
	build=$1/build-tsan which=thread
else
	build=$1/build-asan which=address,undefined
fi
root=$(readlink -f "$2")
log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0

quietly() {
	"$@" >"$log" 2>&1 </dev/null || { cat "$log"; exit 1; }
}

if [ ! -f "$build/build.ninja" ]; then
	quietly meson setup "$build" "$root" -Db_sanitize=$which -Doptimization=1
fi
quietly ninja -C "$build" src/lab/sopsim
sopsim=$build/src/lab/sopsim
# What a process held when a signal or the end of the run took it is lost, as documented: no leaks.
export ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 G_SLICE=always-malloc
# What GLib's queues are made of is its own: ThreadSanitizer does not see how they are locked.
[ $which != thread ] || unset G_SLICE

report='(Address|Thread)Sanitizer:|runtime error:'
clean() {
	if ! timeout 600 "$@" >"$log" 2>&1 </dev/null || grep -qE "$report" "$log"; then
		echo "NOT CLEAN: $*"
		grep -E -A12 "$report|^fail" "$log" | head -40
		status=1
	fi
}

for name in a.pftrace a.pftrace.gz a.speedscope.json; do
	trace=$(mktemp -d)
	clean "$sopsim" run "$root/scenarios/paper.ini" --experiment=fig5 --config=offload_sop --offered=600 \
		--set scenario.warmup=0s --set scenario.duration=300ms --trace "$trace/$name"
	[ -s "$trace/$name" ] || { echo "no $name"; status=1; }
	rm -rf "$trace"
done
[ "$which" != thread ] || exit $status
for lesson in "$root"/scenarios/lessons/[0-9]*.ini; do
	clean "$sopsim" run "$lesson"
done
clean "$sopsim" run "$root/scenarios/first.ini" --set lan.loss=10% --set fetch.times=5
for scenario in two-cards streaming; do
	clean "$sopsim" run "$root/scenarios/$scenario.ini" --set scenario.warmup=0s --set scenario.duration=500ms
done
for via in inet sop-inet sop-toe; do
	clean "$sopsim" pkt --complete --via $via "$root"/tests/pkt/*.pkt
done
exit $status
