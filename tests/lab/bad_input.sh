#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Bad input: exit status 2, nothing on standard output, and one line that names file, group and key,
# says what is wrong and what is allowed.
. "$(dirname "$0")/expect.sh"

# --- a value: --set KEY=VALUE, what the line says --------------------------------------------------

while IFS=$'\t' read -r setting words; do
	expect "--set|$words" "$sopsim" run "$first" --set "$setting"
done <<'TABLE'
pci0.latency=5	[pci0] latency|missing unit|from 10ns to 10us
pci0.latency=5MHz	[pci0] latency|unknown unit
pci0.latency=1us,2us	[pci0] latency|unknown unit
pci0.latency=-5us	[pci0] latency|negative
pci0.latency=5s	[pci0] latency|out of range
pci0.latency=0s	[pci0] latency|out of range
pci0.latency=1e300s	[pci0] latency|out of range
pci0.latency=1e400us	[pci0] latency|not a number
pci0.latency=nan	[pci0] latency|not a number
pci0.latency=inf	[pci0] latency|not a number
pci0.latency=	[pci0] latency|not a number
pci0.latency=1us | guessed	[pci0] latency|unknown role|calibrated
pci0.latency=1us | assumed | a guess | 2us	[pci0] latency|the range '2us'|LOW..HIGH
pci0.latency=1us | assumed | a guess | 2us..1us	[pci0] latency|low end is above
pci0.latency=1us | assumed | a guess | 2us..x	[pci0] latency|the range '2us..x'|not a number
cost.syscall=1us | assumed | a guess | 1us..2ns/B	[cost] syscall|the range '1us..2ns/B'
lan.members=eth0, client | assumed | a guess | 1..2	[lan] members|no number
pci0.latencey=1us	[pci0] latencey|unknown key|'latency'
pci0.width=48	[pci0] width|32 or 64
pci0.clock=0Hz	[pci0] clock|out of range
pcy0.latency=5us	pcy0.latency|no group|'pci0'
cost.tcp_tx_segment=1e300s	[cost] tcp_tx_segment|out of range|1s
cost.copy_tx=2ms/B	[cost] copy_tx|out of range|1ms/B
cost.copy_tx=1us+1us	[cost] copy_tx|not a time plus a time per byte
cost.syscall=	[cost] syscall|no cost
cost.syscall=-1us	[cost] syscall|negative
client.count=0	[client] count|out of range
client.count=1e30	[client] count|out of range
client.count=1.5	[client] count|not a whole number
lan.loss=101%	[lan] loss|out of range
lan.rate=0bit/s	[lan] rate|out of range
lan.members=eth0	[lan] members|two or more
lan.members=eth0, nobody	[lan] members|'nobody'
lan.members=eth0, fetch,	[lan] members|an empty name
lan.members=,	[lan] members|an empty name
lan.members=eth0, eth0	[lan] members|already
eth0.address=300.1.1.1/24	[eth0] address|not an address
eth0.address=10.0.0.1	[eth0] address|with its prefix
eth0.address=10.0.0.1/33	[eth0] address|with its prefix
eth0.address=10.0.0.255/24	[eth0] address|no machine's
eth0.address=10.0.0.0/24	[eth0] address|no machine's
eth0.address=224.0.0.1/4	[eth0] address|no machine's
eth0.address=127.0.0.1/8	[eth0] address|no machine's
eth0.plugged=maybe	[eth0] plugged|yes or no
server.type=	[server] type|unknown type
server.type=hots	[server] type|unknown type|'host'
server.stack=windows	[server] stack|linux-2.4
server.tcp.rto_min=1e30s	[server] tcp.rto_min|too large
server.tcp.rto_min=0s	[server] tcp.rto_min|out of range
server.tcp.nothing=1	[server] tcp.nothing|unknown parameter
web.workers=0	[web] workers|out of range
scenario.duration=1e300s	[scenario] duration|out of range
scenario.limit=0s	[scenario] limit|out of range
scenario.include=x.ini	[scenario] include|unknown key
nonsense	'nonsense'|no '='
server.=1	names no key
.x=1	names no key
=	names no key
TABLE

expect '[client] address|[eth0]' "$sopsim" run "$first" --set client.address=10.0.0.1/24
expect '[client] address|10.0.0.255/24' "$sopsim" run "$first" --set client.count=300
expect '[fetch] fileset|neither' "$sopsim" run "$first" --set fetch.fileset=
expect '[fetch] fileset|path is given too' "$sopsim" run "$first" --set fetch.path=/a
expect '[scenario] batch' "$sopsim" run "$first" --set scenario.duration=1s --set scenario.batch=501ms
expect '[scenario] duration' "$sopsim" run "$root/scenarios/paper.ini" --set scenario.duration=0s

# --- a file: its bytes (as printf takes them), what the line says ----------------------------------

echo '[scenario]' >other.ini
printf '[scenario]\ninclude = circle.ini\n' >back.ini
while IFS=$'\t' read -r name bytes words; do
	# shellcheck disable=SC2059
	printf "${bytes//FIRST/[scenario]\\ninclude = $first\\n}" >"$name"
	expect "$name|$words" "$sopsim" run "$name"
done <<'TABLE'
key.ini	FIRST[pci0]\nlatencey = 1us\n	[pci0] latencey|unknown key|'latency'
group.ini	FIRST[pcj]\nlatency = 1us\n	[pcj]|unknown type|'pci'
windows.ini	FIRST[pci0]\r\nlatency = 1\r\n	[pci0] latency|missing unit
card.ini	FIRST[toe1]\ntype = toe\naddress = 10.0.0.1/24\n	[toe1] address|[eth0]
alone.ini	FIRST[toe1]\ntype = toe\naddress = 10.0.0.3/24\n	[toe1]|no network
groups.ini	FIRST[fetch]\ntimes = 1\n[fetch]\nport = 80\n	[fetch]|twice
keys.ini	FIRST[pci0]\nlatency = 1us\n latency=2us\n	[pci0] latency|twice
missing.ini	[scenario]\ninclude = nowhere.ini\n	[scenario] include|nowhere.ini
folder.ini	[scenario]\ninclude = .\n	[scenario] include
self.ini	[scenario]\ninclude = other.ini, self.ini\n	[scenario] include|itself
circle.ini	[scenario]\ninclude = back.ini\n	[scenario] include|itself
empty.ini		[scenario] duration
nul.ini	FIRST\0[pci0]\nlatency = 1us\n	UTF-8|line 3
latin1.ini	FIRSTtitle = caf\xe9\n	UTF-8|line 3
headless.ini	latency = 1us\n	group
halved.ini	[scenario\n	[scenario
block.ini	FIRST[program p]\ntext = {\nexit\n	'{'
TABLE
# A machine with N cards under SOP.
cards() {
	printf '[scenario]\ninclude = %s\nduration = 10ms\n[fetch]\nenabled = no\n[sop]\nhost = server\n' "$first"
	for n in $(seq 0 $(($1 - 1))); do
		printf '[toe%d]\ntype = toe\naddress = 10.1.%d.1/24\n' "$n" "$n"
		printf '[far%d]\ntype = peer\naddress = 10.1.%d.2/24\n' "$n" "$n"
		printf '[wire%d]\ntype = network\nmembers = toe%d, far%d\n' "$n" "$n" "$n"
	done
}
cards 32 >cards.ini
expect 'cards.ini|[toe31]|one card too many|31 cards|32 stacks' "$sopsim" run cards.ini
cards 31 >cards.ini
"$sopsim" run cards.ini >out 2>said && [ ! -s said ] || complain "31 cards: '$(cat said)'"

expect 'none.ini' "$sopsim" run none.ini
expect 'directory' "$sopsim" run .
expect 'zero|a device' "$sopsim" run /dev/zero
printf '\xef\xbb\xbf[scenario]\r\ninclude = %s\r\n' "$first" >mark.ini
"$sopsim" run mark.ini >out || complain "a byte order mark is none of the user's business"

# --- commands and options --------------------------------------------------------------------------

expect 'no command' "$sopsim"
expect 'reprodce|reproduce' "$sopsim" reprodce
expect 'option' "$sopsim" run "$first" --no-such-option
expect '--seed|abc' "$sopsim" run "$first" --seed abc
expect '--seed|-1' "$sopsim" run "$first" --seed -1
expect '--seed' "$sopsim" run "$first" --seed 99999999999999999999
for jobs in 0 -1 1001 abc; do
	expect "--jobs|$jobs" "$sopsim" reproduce --jobs $jobs --out repro
done
expect '[config nix]' "$sopsim" run "$first" --config nix
expect '--vary' "$sopsim" sweep "$first" --vary pci0.latency
expect 'pci0.latency|twice' "$sopsim" sweep "$first" --vary pci0.latency=1us --vary pci0.latency=2us
expect '[pci0] latency' "$sopsim" sweep "$first" --vary pci0.latency=1us,2 --out sweep
expect '[scenario] sweep' "$sopsim" sweep "$first" --out sweep
# What is wrong with a value is told by the option that gave it.
expect '--vary: [pci0] latency' "$sopsim" sweep "$first" --vary pci0.latency=1us,2 --out sweep
expect "--vary: pcj0.latency|no group 'pcj0'" "$sopsim" sweep "$first" --vary pcj0.latency=1us --out sweep
expect '--set: [lan] loss' "$sopsim" sweep "$first" --vary pci0.latency=1us --set lan.loss=2 --out sweep
# A group without type, and a reference to something of another type.
printf '[scenario]\ninclude = %s\n[group]\nx = 1\n' "$first" >untyped.ini
expect "untyped.ini|[group] type|no such key|unknown type 'group'" "$sopsim" run untyped.ini
grep -q 'did you mean' said && complain "a guess at nothing: $(cat said)"
expect "[fetch] target|'client' is of type peer|nic, toe" "$sopsim" run "$first" --set fetch.target=client
expect "[fetch] peer|'eth0' is of type nic" "$sopsim" run "$first" --set fetch.peer=eth0
# [echo pump] is called "pump", unless two are.
{
	printf '[scenario]\ninclude = %s\n' "$first"
	printf '[echo pump]\npeer = client\nmode = server\n[program both]\ntext = exit\n'
	printf '[echo both]\npeer = client\nmode = sink\nport = 9\n'
} >named.ini
"$sopsim" run named.ini --set pump.port=77 >out 2>said || complain "--set pump.port: $(cat said)"
expect '[echo pump] port' "$sopsim" run named.ini --set pump.port=x
expect '[program both]|[echo both]' "$sopsim" run named.ini --set both.at=1s
# An experiment with several load points, and a run is one.
expect '[experiment fig5] offered|several|100, 200' \
	"$sopsim" run "$root/scenarios/paper.ini" --experiment fig5 --config leg_tcpip
expect '[experiment fig5] offered|no load point 123' \
	"$sopsim" run "$root/scenarios/paper.ini" --experiment fig5 --config leg_tcpip --offered 123
"$sopsim" run "$root/scenarios/paper.ini" --experiment fig5 --config leg_tcpip --offered 200 \
	--set scenario.warmup=1s --set scenario.duration=1s --out loaded >out || complain "--offered 200"
grep -q '^clients.connections,61$' loaded/summary.csv || complain "not 200/s: $(grep connections loaded/summary.csv)"
# What is calibrated begins in the range that its source gives.
{
	printf '[scenario]\ninclude = %s/scenarios/paper.ini\n' "$root"
	printf '[calibrate toe_send]\nlow = 2\nhigh = 3\n'
} >range.ini
name=$(sed -n 's/^\[calibrate \(.*\)\]/\1/p' "$root/scenarios/paper.ini" | head -1)
sed -i "s/^\[calibrate .*/[calibrate $name]/" range.ini
expect "[calibrate $name] parameter|range 2 to 3" "$sopsim" calibrate range.ini
{
	printf '[scenario]\ninclude = %s/scenarios/paper.ini\n' "$root"
	printf '[cost]\nsop_dispatch = 1us | calibrated | Table 1 | 2us..3us\n'
} >range.ini
expect 'cost.sop_dispatch is 1us|range 2us..3us' "$sopsim" calibrate range.ini
expect 'first.ini|[experiment table1]' "$sopsim" explain send "$first"
expect 'first.ini|[experiment fig' "$sopsim" explain request "$first"
expect 'first.ini|[experiment fig5]' "$sopsim" explain queueing "$first"
expect 'explain|receive' "$sopsim" explain receive
expect 'explain: --config|calls' "$sopsim" explain send --config nic
for epoch in '' yesterday 1969-12-31 2005-13-01 2200-01-01 2005-01-01T25:00:00Z; do
	expect "[scenario] epoch|1970-01-01" "$sopsim" run "$first" --set "scenario.epoch=$epoch"
done
expect 'first.ini|calibrate' "$sopsim" calibrate "$first"
celeron=$root/scenarios/machines/celeron-634.ini
expect "[lmbench] tens|'host'|null_call" "$sopsim" run "$celeron" --set lmbench.host=server --set lmbench.tens=host
expect "[lmbench] otherwise|'ctx_2p_0k'" "$sopsim" run "$celeron" --set lmbench.otherwise=ctx_2p_0k
[ ! -e repro ] && [ ! -e sweep ] || complain "what was refused left files"

# --- where results go ------------------------------------------------------------------------------

touch file
mkdir -p taken/run.json captures/eth0.pcap
echo earlier >taken/summary.csv
expect "--out|'file'" "$sopsim" run "$first" --out file
expect "--pcap|'file'" "$sopsim" run "$first" --pcap file
expect '--out|run.json' "$sopsim" run "$first" --out taken
expect '--pcap|eth0.pcap' "$sopsim" run "$first" --pcap captures
expect '--out' "$sopsim" run "$first" --out /proc/nothing
expect '--out' "$sopsim" reproduce --quick --out /dev/null
expect '--repeat|one of --quick and --repeat' "$sopsim" reproduce --quick --repeat 2 --out repro
expect '--repeat|out of range' "$sopsim" reproduce --repeat -1 --out repro
[ "$(ls -A taken captures)" = "$(printf 'captures:\neth0.pcap\n\ntaken:\nrun.json\nsummary.csv\n')" ] ||
	complain "left behind: $(ls -A taken captures)"
[ "$(cat taken/summary.csv)" = earlier ] || complain "an earlier result was lost"

# --- figures to compare ----------------------------------------------------------------------------

mkdir empty
cp -r "$root/results/reference" figures
expect 'nowhere/table1.csv' "$sopsim" check nowhere
expect 'empty/table1.csv' "$sopsim" check empty
expect 'tolerance' "$sopsim" check --tolerance nan figures
echo garbage >figures/table1.csv
expect "figures/table1.csv|line 1|case,stack,sop,latency_us" "$sopsim" check figures
cp "$root/results/reference/table1.csv" figures/
echo 'leg_tcpip,12345,1,0' >>figures/fig5.csv
"$sopsim" check figures >out
[ $? -eq 1 ] && grep -q '^fig5.csv *leg_tcpip,12345' out || complain "a row too many was taken: $(cat out)"

# --- standard output -------------------------------------------------------------------------------

"$sopsim" run "$first" >/dev/full 2>said
[ $? -eq 2 ] && grep -q 'standard output' said || complain "a full disk behind standard output passed"
"$sopsim" run "$first" --out closed <&- >&- 2>&- || complain "closed streams: status $?"
[ "$(ls closed)" = "$(printf 'about.json\nrun.json\nsummary.csv\n')" ] && ! grep -q 'simulated time' closed/* ||
	complain "closed streams: prints went into results"
exit $status
