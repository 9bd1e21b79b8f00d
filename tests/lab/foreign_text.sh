#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Text from outside is text: gnuplot takes none of it for a command, a terminal none for a control
# sequence.  And a figure that cannot be drawn costs the figure, not the numbers.
. "$(dirname "$0")/expect.sh"

small=(--set fetch.times=1 --jobs 1)
escape=$(printf '\033')

# sweep TITLE VALUES: the title in the figure, the rows in the CSV.
sweep() {
	local title=$1 rows=$2
	shift 2
	rm -rf results
	"$sopsim" sweep "$first" "${small[@]}" --set "scenario.title=$title" --out results "$@" >said 2>&1 ||
		complain "title $title: status $?: $(cat said)"
	[ -s results/sweep.svg ] && grep -qF '</svg>' results/sweep.svg || complain "title $title: no figure"
	[ "$(wc -l <results/sweep.csv)" -eq $((rows + 1)) ] || complain "title $title: $(cat results/sweep.csv)"
	[ "$(names results)" = 'about.json results.csv runs sweep.csv sweep.json sweep.pdf sweep.svg' ] || complain "left: $(ls -A results)"
	grep -rqF --exclude='*.pdf' "$escape" said results && complain "title $title: a control sequence went through"
}

sweep "it's 100% of <b>&amp;</b>" 2 --vary lan.loss=0%,1%
sweep "'; system('touch $dir/pwned'); '" 2 --vary lan.loss=0%,0.5%
sweep "\`touch $dir/pwned\`" 1 --vary server.speed=1
sweep "a\\" 1 --vary server.speed=1
sweep "\"; system(\"touch $dir/pwned\"); \"" 1 --vary server.speed=1
sweep "$escape]0;owned$(printf '\a') @x \$y {/=40 z}" 1 --vary server.speed=1
[ ! -e pwned ] || complain "a title ran a program"

# A value is one cell of its row.
rm -rf results
"$sopsim" sweep "$first" "${small[@]}" --vary 'scenario.title=say "no",yes' --out results >said 2>&1
grep -q '^"say ""no""",-,-,' results/sweep.csv || complain "a quote: $(cat results/sweep.csv said)"

# Neither a title nor a refused value reaches a terminal raw.
"$sopsim" run "$first" --set "scenario.title=${escape}[2J" >said 2>&1 || complain "status $?: $(cat said)"
grep -qF '\x1b[2J' said && ! grep -qF "$escape" said || complain "a title was printed raw"
expect '[pci0] latency|\x1b[31m' "$sopsim" run "$first" --set "pci0.latency=${escape}[31m"
grep -qF "$escape" said && complain "a refused value was printed raw"

# --- no gnuplot, or one that fails -------------------------------------------------------------------

mkdir bin
# undrawn COMMAND...: status 1, a warning for each figure, all the numbers.
undrawn() {
	local figures=$1
	shift
	rm -rf results
	PATH=$dir/bin "$@" --out results >printed 2>said
	[ $? -eq 1 ] || complain "no figure: status not 1: $(cat said)"
	[ "$(grep -c '^sopsim: warning: .*svg was not drawn' said)" -eq "$figures" ] &&
		[ "$(wc -l <said)" -eq "$figures" ] || complain "no figure: $(cat said)"
	[ -z "$(find results -name '*.svg')" ] || complain "a figure that was not drawn: $(ls -A results)"
	[ -z "$(find results -name '.*')" ] || complain "left behind: $(ls -A results)"
}
undrawn 1 "$sopsim" sweep "$first" "${small[@]}" --vary lan.loss=0%,1%
[ "$(wc -l <results/sweep.csv)" -eq 3 ] && [ -s results/results.csv ] || complain "numbers were lost: $(ls results)"
printf '#!/bin/sh\necho broken >&2\nexit 1\n' >bin/gnuplot
chmod +x bin/gnuplot
undrawn 1 "$sopsim" sweep "$first" "${small[@]}" --vary lan.loss=0%,1%
grep -q broken said || complain "the reason is not told: $(cat said)"
# The figure of an earlier run does not stay beside new numbers.
mkdir -p old
echo old >old/sweep.svg
PATH=$dir/bin "$sopsim" sweep "$first" "${small[@]}" --vary lan.loss=0% --out old >printed 2>said
[ "$(names old)" = 'about.json results.csv runs sweep.csv sweep.json' ] || complain "an old figure: $(ls -A old)"
exit $status
