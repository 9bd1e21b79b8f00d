#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The manual page has each command and each option that --help has, and man finds nothing to say against it.
. "$(dirname "$0")/expect.sh"

"$sopsim" --man >sopsim.1 2>said || complain "--man: status $?: $(cat said)"
[ ! -s said ] || complain "--man said $(cat said)"
LC_ALL=C.UTF-8 man --warnings -E UTF-8 -l sopsim.1 >page 2>said || complain "man: status $?"
[ ! -s said ] || complain "man warns: $(cat said)"
sed -i 's/\x1b\[[0-9;]*m//g; s/.\x08//g' page
commands=$("$sopsim" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p' | grep -vx test)
[ "$(wc -w <<<"$commands")" -ge 11 ] || complain "few commands: $commands"
for command in $commands; do
	grep -q "^ *\(Usage: \)\?sopsim $command " page || complain "no section of $command"
	# From its heading to the next one.
	sed -n "/^   $command: /,/^[A-Z]/p" page | sed '1b; /^   [a-z][a-z]*: /,$d' >section
	for option in $("$sopsim" "$command" --help | sed -n 's/^  \(--[a-z-]*\).*/\1/p'); do
		grep -q -e "^ *$option" section || complain "$command: no $option"
	done
done
exit $status
