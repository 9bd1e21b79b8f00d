#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# bash completes commands, their options, and the keys of the scenario that is given.
. "$(dirname "$0")/expect.sh"

"$sopsim" --completion >completion 2>said || complain "--completion: status $?: $(cat said)"
# As bash-completion does it, from within a function.
take() { . ./completion; }
take || complain "bash does not take it"
complete -p sopsim >/dev/null || complain "nothing is completed"

# completes "WORD WORD..." WORDS...: what the last of the words, as bash cuts them, is completed to.
completes() {
	local want=$1
	shift
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
	_sopsim
	[ "${COMPREPLY[*]}" = "$want" ] || complain "$*: '${COMPREPLY[*]}', not '$want'"
}
completes reproduce "$sopsim" repr
completes 'reproduce report' "$sopsim" rep
completes '' "$sopsim" nothing
completes --precision= "$sopsim" sweep "$first" --prec
completes --untrusted "$sopsim" run "$first" --unt
completes '' "$sopsim" run "$first" --prec
completes pci0.latency= "$sopsim" run "$first" --set pci0.lat
completes pci0.latency= "$sopsim" run "$first" --set = pci0.lat
completes '' "$sopsim" run "$first" --out = pci0.lat
# Every option of every command.
for command in $("$sopsim" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p' | grep -vxE test); do
	for option in $("$sopsim" "$command" --help | sed -n 's/^  \(--[a-z-]*\).*/\1/p'); do
		[[ " ${_sopsim_options[$command]} " =~ \ $option=?\  ]] || complain "$command: no $option"
	done
done
exit $status
