#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Large worlds: a server with sixteen cards, and sixty-four hosts on one switch.  All that is asked is answered,
# and a second run leaves the same bytes.
. "$(dirname "$0")/expect.sh"

summary() { awk -F, -v key="$2" '$1 == key { print $2 }' "$1/summary.csv"; }

# twice NAME WORDS...: two runs, of which NAME.1 and NAME.2 are left, with the same summary.
twice() {
	local run
	for run in 1 2; do
		"$sopsim" run "${@:2}" --out "$1.$run" >out 2>&1 || {
			complain "$1 failed: $(tail -5 out)"
			return
		}
	done
	cmp "$1.1/summary.csv" "$1.2/summary.csv" || complain "$1: a second run differs"
}

# --- sixteen cards: whatever they serve together, each serves its part -------------------------------

twice cards "$root/scenarios/cards.ini" --set card.count=16 --set scenario.warmup=200ms --set scenario.duration=300ms
served=$(awk -F, '$1 ~ /^toe[0-9]+\.tcp_accepted$/ && $2 > 0 { n++ } END { print n + 0 }' cards.1/summary.csv)
[ "$served" -eq 16 ] || complain "$served of 16 cards have accepted anything"
[ "$(summary cards.1 users.failed) $(summary cards.1 users.wrong_bytes)" = "0 0" ] ||
	complain "of what the cards' users have asked, something failed"

# --- sixty-four hosts: each is asked by the next, and asks the one before it -------------------------

{
	printf '[scenario]\ninclude = %s\nlimit = 20s\n' "$root/scenarios/server.ini"
	members=
	for ((i = 0; i < 64; i++)); do
		members+=${members:+, }eth$i
		((i == 0)) && host=server || host=host$i
		((i == 0)) || printf '[%s]\ntype = host\n[pci%d]\ntype = pci\nhost = %s\n' "$host" "$i" "$host"
		cat <<-END
			[eth$i]
			type = nic
			bus = pci$i
			address = 10.0.0.$((i + 1))/24
			[program answer$i]
			machine = $host
			text = {
				s = socket(stream)
				bind(s, 0.0.0.0:80) = 0
				listen(s, 5) = 0
				c = accept(s)
				recv(c, 20000, MSG_WAITALL) = 20000
				send(c, 10000) = 10000
				close(c) = 0
			}
			[program ask$i]
			machine = $host
			at = 10ms
			text = {
				s = socket(stream)
				connect(s, 10.0.0.$(((i + 1) % 64 + 1)):80) = 0
				send(s, 20000) = 20000
				recv(s, 10000, MSG_WAITALL) = 10000
				close(s) = 0
			}
		END
	done
	printf '[lan]\ntype = network\nmembers = %s\n' "$members"
} >hosts.ini
twice hosts hosts.ini
# Of each pair of programs nine calls have a result that is expected.
awk -F, '$1 ~ /\.(failed|unfinished)$/ { bad += $2 } $1 ~ /^(ask|answer)[0-9]+\.checks$/ { held += $2 }
	END { exit bad || held != 64 * 9 }' hosts.1/summary.csv || {
	complain "not all that 64 hosts have asked of each other is answered"
	grep -E '(failed|unfinished|checks),' hosts.1/summary.csv | head
}
exit "$status"
