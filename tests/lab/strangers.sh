#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A stranger's scenario: --untrusted keeps it in its own folder and lets it run nothing; and no
# message shows what stands in a file that is no scenario.
. "$(dirname "$0")/expect.sh"

mkdir -p home/sub away bin
cp "$root/scenarios/server.ini" "$root/scenarios/card.ini" home
cp "$first" home/good.ini
cp "$first" away/good.ini
cp "$root/scenarios/server.ini" away
printf '[fetch]\ntimes = 2\n' >home/sub/more.ini
printf '[fetch]\ntimes = 2\n' >away/more.ini
ln -s ../away/more.ini home/link.ini
ln -s ../away home/away
ln -s more.ini home/sub/inner.ini
ln -s ../away/good.ini home/outside.ini

# including FILE: a scenario of the stranger's that includes it.
including() { printf '[scenario]\ninclude = good.ini, %s\n' "$1" >home/evil.ini; }

# --- files ---------------------------------------------------------------------------------------------

for file in ../away/more.ini "$dir/away/more.ini" link.ini away/more.ini sub/../../away/more.ini; do
	including "$file"
	"$sopsim" run home/evil.ini >out 2>said || complain "trusted, $file: $(cat said)"
	expect '--untrusted' "$sopsim" run home/evil.ini --untrusted
done
for file in sub/more.ini sub/inner.ini "$dir/home/sub/more.ini"; do
	including "$file"
	"$sopsim" run home/evil.ini --untrusted >out 2>said || complain "at home, $file: $(cat said)"
	[ "$("$root/tests/cell" out fetch fetched)" = 2 ] || complain "at home, $file: not included"
done
(cd home && "$sopsim" run good.ini --untrusted >out 2>said) || complain "good.ini: $(cat home/said)"
expect 'outside.ini|--untrusted' "$sopsim" run home/outside.ini --untrusted

# Every command that reads a scenario.
including ../away/more.ini
for command in run 'sweep --vary fetch.times=1' params calibrate 'explain send' live; do
	# shellcheck disable=SC2086
	expect 'more.ini|--untrusted' "$sopsim" $command home/evil.ini --untrusted
done

# --- folders, devices, programs ------------------------------------------------------------------------

including server.ini
printf '[file]\nfolder = %s/away\n' "$dir" >>home/evil.ini
for command in run 'sweep --vary fetch.times=1' params live; do
	# shellcheck disable=SC2086
	expect 'evil.ini|[file] folder|--untrusted' "$sopsim" $command home/evil.ini --untrusted
done
expect '[file] folder|--untrusted' "$sopsim" run home/good.ini --untrusted --set file.folder=sub

sed 's/^members = .*/members = eth0, client, lo/' "$first" >home/tap.ini
printf '[lo]\ntype = tap\n' >>home/tap.ini
expect 'tap.ini|[lo] device|--untrusted' "$sopsim" live home/tap.ini --untrusted
printf 'address = 10.0.0.9/24\n' >>home/tap.ini
expect 'tap.ini|[lo] address|--untrusted' "$sopsim" live home/tap.ini --untrusted --tap tap9

printf '#!/bin/sh\ntouch %s/ran\n' "$dir" >bin/gnuplot
chmod +x bin/gnuplot
PATH=$dir/bin:$PATH "$sopsim" sweep home/good.ini --untrusted --vary fetch.times=1,2 --out results >out 2>said ||
	complain "sweep: status $?: $(cat said)"
[ ! -e ran ] || complain "sweep ran a program"
[ "$(names results)" = 'about.json results.csv runs sweep.csv sweep.json' ] || complain "sweep: $(ls -A results)"

# --- secrets -------------------------------------------------------------------------------------------

mkdir figures
printf 'root:hunter2:1:0:99999:7:::\n' >shadow
printf '[hunter2]\nhunter2 = hunter2\n' >conf
printf '[hunter2]\ntype = hunter2\nhunter2 = hunter2\nhunter2 = hunter2\n' >twice
printf '# x\n[hunter2\n' >open
printf '[a]\nb = {\nhunter2\n' >block
printf 'hunter2\xff\n' >bytes
printf 'hunter2 = 1\n' >key
printf '[]\nhunter2 = 1\n' >nameless
printf '[../hunter2]\n' >path
printf '127.0.0.1 hunter2\n' >hosts
for file in shadow conf twice open block bytes key nameless path hosts; do
	printf '[scenario]\ninclude = good.ini, ../%s\n' $file >home/evil.ini
	cp $file figures/table1.csv
	for scenario in $file home/evil.ini; do
		for command in run 'sweep --vary fetch.times=1' params calibrate 'explain send' live; do
			# shellcheck disable=SC2086
			expect "$file" "$sopsim" $command $scenario
			grep -q hunter2 said && complain "$command $scenario: '$(cat said)'"
		done
	done
	"$sopsim" pkt $file >said 2>&1
	[ $? -eq 1 ] || complain "pkt $file: status not 1"
	grep -q hunter2 said && complain "pkt $file: '$(cat said)'"
	expect "table1.csv" "$sopsim" check figures
	grep -q hunter2 said && complain "check $file: '$(cat said)'"
done
exit $status
