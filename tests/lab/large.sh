#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Deep and large inputs, and what is no file: each is refused in one line, at once.  So is a process
# that may have too little.
. "$(dirname "$0")/expect.sh"

# A build with AddressSanitizer is slower, and wants more address space than any limit leaves.
most=1 sanitized=
! grep -q __asan_init "$sopsim" || most=10 sanitized=yes

# at_once WORDS COMMAND...: as expect; of the processor's time, a second at most.
at_once() {
	local before after
	before=$(times | tail -1)
	expect "$@"
	after=$(times | tail -1)
	awk -v before="$before" -v after="$after" -v most=$most '
		function seconds(text, part, unit) {
			split(text, part, " ")
			split(part[1], unit, /[ms]/)
			return unit[1] * 60 + unit[2]
		}
		BEGIN { exit !(seconds(after) - seconds(before) < most) }' ||
		complain "more than a second: ${*:2:3}: $before, $after"
}

perl -e '
	sub file { open my $f, ">", shift or die; print $f @_ }
	sub program { file shift, "[scenario]\ninclude = '"$first"'\n[program p]\ntext = {\n", @_, "\n}\n" }
	my $n = 200000;
	program "parens.ini", "x = ", "(" x $n, "1", ")" x $n;
	program "blocks.ini", " if 1 = 1 {\n" x $n, " }\n" x $n;
	program "signs.ini", "x = ", "-" x $n, "1";
	program "calls.ini", "x = ", "stack(" x $n;
	program "sums.ini", "x = 1", " + 1" x $n;
	program "both.ini", "x = ", "(1 + " x 99 , "1", " + 1" x 99, ")" x 99;
	program "names.ini", map { "x$_ = 1\n" } 1 .. 100000;
	program "deep.ini", "x = ", "(" x 60, "1", ")" x 60, "\ny = 1", " + 1" x 60, "\n", " if 1 = 1 {\n" x 60,
		" z = 1\n", " }\n" x 60;
	file "groups.ini", "[scenario]\n", map { "[g$_]\ntype = peer\n" } 1 .. 500000;
	file "keys.ini", "[pci0]\ntype = pci\n", map { "k$_ = 1\n" } 1 .. 200000;
	file "many.ini", "[scenario]\ninclude = '"$first"'\n[config many]\n", map { "pci0.k$_ = 1us\n" } 1 .. 40000;
	file "lines.ini", "[scenario]\n", "\n" x 17000000;
	file "long.ini", "[scenario]\ntitle = ", "x" x 17000000, "\n";
	file "word.ini", "[scenario]\n", "x" x 1000000, " = 1\n";
	file "peers.ini", "[scenario]\ninclude = '"$first"'\n", (map { "[p$_]\ntype = peer\naddress = 10." .
		($_ >> 8) . "." . ($_ & 255) . ".7/8\n" } 256 .. 3755), "[far]\ntype = network\nmembers = ",
		join(", ", map { "p$_" } 256 .. 3755), ", nobody\n";
	for my $i (0 .. 40) {
		my $next = $i + 1;
		file "chain$i.ini", "[scenario]\ninclude = chain$next.ini\n";
	}
	for my $i (0 .. 12) {
		my $next = $i + 1;
		file "double$i.ini", "[scenario]\ninclude = double$next.ini, double$next.ini\n";
	}
	file "double13.ini", "[scenario]\n";
'

# --- the language of programs --------------------------------------------------------------------------

for file in parens blocks signs calls; do
	at_once "$file.ini|[program p] text|nested too deep|64" "$sopsim" params $file.ini
done
at_once 'sums.ini|[program p] text|nested too deep|64' "$sopsim" params sums.ini
at_once 'both.ini|[program p] text|nested too deep|64' "$sopsim" params both.ini
at_once 'names.ini|[program p] text|too many variables|4096' "$sopsim" params names.ini
"$sopsim" run deep.ini >out 2>said || complain "deep, but allowed: status $?: $(cat said)"

# --- scenarios -----------------------------------------------------------------------------------------

at_once 'groups.ini|4096 groups' "$sopsim" params groups.ini
at_once 'keys.ini|100000 keys' "$sopsim" params keys.ini
at_once '16 MiB' "$sopsim" params lines.ini
at_once '16 MiB' "$sopsim" params long.ini
at_once 'word.ini' "$sopsim" params word.ini
[ "$(wc -c <said)" -lt 5000 ] || complain "a message of $(wc -c <said) bytes"
at_once 'include|16 files' "$sopsim" params chain0.ini
at_once 'include|256 files' "$sopsim" params double0.ini
at_once "[far] members|'nobody'" "$sopsim" params peers.ini
"$sopsim" params many.ini >out 2>said || complain "40,000 keys: $(cat said)"
at_once '[config many]|[pci0] k1' "$sopsim" run many.ini --config many
values=$(seq -s, 1 2000)
at_once '--vary|10000 runs' "$sopsim" sweep "$first" --vary server.speed="$values" \
	--vary fetch.times="$values" --vary client.count="$values"
at_once '--vary|10000 runs' "$sopsim" sweep "$first" --vary server.speed="$(seq -s, 1 10001)"
at_once '[file] directories|10000' "$sopsim" run "$first" --set file.directories=1000000
at_once '[files] directories|10000' "$sopsim" run "$root/scenarios/paper.ini" --experiment fig5 \
	--config leg_tcpip --set clients.offered=100000/s --set clients.connections=100000

# --- folders -------------------------------------------------------------------------------------------

at_once '[file] folder|10000 files' "$sopsim" run "$first" --set file.folder=/usr
mkdir -p heavy "$(printf 'deep/%.0s' {1..40})" odd
truncate -s 300M heavy/hole
mkfifo odd/pipe
echo text >odd/file
at_once '[file] folder|256 MiB' "$sopsim" run "$first" --set "file.folder=$dir/heavy"
at_once '[file] folder|deep' "$sopsim" run "$first" --set "file.folder=$dir/deep"
"$sopsim" run "$first" --set "file.folder=$dir/odd" --set fetch.fileset= --set fetch.path=/file >out 2>said
[ "$("$root/tests/cell" out fetch fetched)" = 1 ] || complain "a pipe in a folder: $(cat out said)"

# --- what is no file -----------------------------------------------------------------------------------

mkfifo pipe figures.pipe
mkdir figures
mkfifo figures/table1.csv
for file in pipe /dev/zero /dev/stdin; do
	at_once "$(basename $file)" "$sopsim" run $file
	at_once "$(basename $file)" "$sopsim" sweep $file --vary a.b=1
	at_once "$(basename $file)" "$sopsim" params $file
	at_once "$(basename $file)" "$sopsim" calibrate $file
	at_once "$(basename $file)" "$sopsim" explain send $file
	at_once "$(basename $file)" "$sopsim" live $file
	at_once "$(basename $file)" "$sopsim" pkt $file
done
at_once 'table1.csv|a pipe' "$sopsim" check figures
rm figures/table1.csv
ln -s /dev/zero figures/table1.csv
at_once 'table1.csv|a device' "$sopsim" check figures
printf '[scenario]\ninclude = pipe\n' >piped.ini
at_once 'include|pipe' "$sopsim" run piped.ini

# --- limits of the process -----------------------------------------------------------------------------

# limited OPTION VALUE WORDS COMMAND...: refused with that ulimit.
limited() {
	[ "$1" != -v ] || [ -z "$sanitized" ] || return 0
	(
		ulimit "$1" "$2"
		exec "${@:4}"
	) >out 2>said </dev/null
	rc=$?
	[ $rc -eq 2 ] && [ "$(wc -l <said)" -eq 1 ] && grep -qF -- "$3" said ||
		complain "ulimit $1 $2: status $rc: $(head -c 500 said)"
}
for command in "run $first" "sweep $first --vary fetch.times=1,2" "params $first" "reproduce --quick" "check $dir"; do
	# shellcheck disable=SC2086
	limited -n 5 'ulimit -n' "$sopsim" $command
	# shellcheck disable=SC2086
	limited -v 100000 'ulimit -v' "$sopsim" $command
	# shellcheck disable=SC2086
	limited -s 100 'ulimit -s' "$sopsim" $command
done
limited -n 40 'pipe' "$sopsim" sweep "$first" --jobs 100 --vary server.speed="$(seq -s, 1.01 0.01 2)" --out sweep
[ -z "$(find sweep -name '.*')" ] || complain "left behind: $(find sweep)"
truncate -s 250M heavy/hole
limited -v 540000 'memory' "$sopsim" run "$first" --set "file.folder=$dir/heavy" --set fetch.path=/hole \
	--set fetch.fileset=
if [ "$(id -u)" -eq 0 ] && chmod 755 "$dir" && chmod -R a+rX "$dir" && setpriv --reuid 65534 true 2>/dev/null; then
	limited -u 1 'fork' setpriv --reuid 65534 --clear-groups "$sopsim" run "$first"
fi
exit $status
