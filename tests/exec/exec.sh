# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# For the tests of real programs: sourced, with SOPSIM and ROOT as arguments.  Leaves its folder at the end.
set -uo pipefail
sopsim=$(realpath "$1") root=$2 bad=0
machines=$root/tests/exec/machines.ini
folder=$(mktemp -d)
trap 'cd /; rm -rf "$folder"' EXIT
# Programs see what lies beside them: what is written down of them lies elsewhere.
mkdir "$folder/here" "$folder/out"
out=$folder/out
cd "$folder/here" || exit 1

complain() {
	echo "$*" >&2
	bad=1
}

# skip REASON: 77 is counted as skipped.
skip() {
	echo "skipped: $*" >&2
	exit 77
}

# Programs that the test needs besides, and what real programs need of the kernel.
need() {
	local program
	for program in "$@"; do
		PATH=$PATH:/usr/sbin:/sbin command -v "$program" >/dev/null || skip "no $program here"
	done
	"$sopsim" exec "$root/scenarios/first.ini" -- true 2>"$out/said" && return
	grep -q 'real programs need of this machine' "$out/said" && skip "$(cat "$out/said")"
	complain "true does not run: $(cat "$out/said")"
	exit 1
}

# A tracer is one thread; under a sanitizer each simulated machine has its own, and a task goes from one to another.
can_trace() { ! grep -q '__[at]san_init' "$sopsim"; }
need_tracer() { can_trace || skip "a build with a sanitizer cannot trace"; }

# served WAY HOST: sets the options that make HOST's service come that way.
ways=(inet sop-inet sop-card sop-polled)
way_options() {
	case $1 in
	inet) options=(--set sop.loaded=no) host=eth0 ;;
	sop-inet) options=() host=eth0 ;;
	sop-card) options=(--set toe0.kind=interrupt) host=toe0 ;;
	sop-polled) options=(--set toe0.kind=polling) host=toe0 ;;
	esac
}

# (`refusal`: what may be refused.)
# between SERVER CLIENT [OPTION...]: on each way, twice, on one of them with random real delays, with the
# same calls at the same dates; @ in the
# client's command is the server's name.  What both printed is in $out/WAY.out.
between() {
	local way server=$1 client=$2 once delays
	shift 2
	for way in "${ways[@]}"; do
		way_options "$way"
		for once in 1 2; do
			delays=()
			[ "$way.$once" != sop-card.2 ] || delays=(--set 'exec server.jitter=50us' --set 'exec client.jitter=50us')
			timeout 120 "$sopsim" run "$machines" "${options[@]}" --syscalls "$out/$way.$once" --check-fds \
				--set "exec server.command=$server" \
				--set "exec client.command=${client//@/$host}" "${delays[@]}" "$@" \
				>"$out/$way.out" 2>"$out/$way.said" </dev/null ||
				complain "$way: status $?: $(tail -n 3 "$out/$way.said") $(tail -n 3 "$out/$way.out")"
			grep -h 'refused:\|defect' "$out/$way.said" | grep -v "${refusal:-^$}" && complain "$way: $client"
		done
		cmp "$out/$way.1" "$out/$way.2" || complain "$way: two runs of '$client' differ: $(diff "$out/$way.1" "$out/$way.2" | head -n 20)"
		[ "$server" = true ] || case $way in
		sop-inet) grep -q ' = .* inet$' "$out/$way.1" || complain "$way: the host's stack did not serve" ;;
		sop-*) grep -q ' = .* toe0$' "$out/$way.1" || complain "$way: the card did not serve" ;;
		esac
	done
}

# all_say TEXT...: what was printed on each way has each.
all_say() {
	local way text
	for way in "${ways[@]}"; do
		for text in "$@"; do
			grep -q -- "$text" "$out/$way.out" || complain "$way does not say '$text': $(tail -5 "$out/$way.out")"
		done
	done
}
