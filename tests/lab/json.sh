#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --json of commands that print no run's measures: what it says is what the command without it prints.
# (e2e_figures asks reproduce, e2e_compare compare.)  Usage: json.sh SOPSIM ROOT
. "$(dirname "$0")/expect.sh"

# ask STATUS CHECK COMMAND...: CHECK, Python, may use answer, rows, and said, what is printed without --json.
ask() {
	local wanted=$1 check=$2 rc
	shift 2
	"$sopsim" "$@" --json >out 2>said
	rc=$?
	[ $rc -eq "$wanted" ] || complain "status $rc, not $wanted: $* --json: $(head -3 said)"
	"$sopsim" "$@" >plain 2>/dev/null
	[ $? -eq "$wanted" ] || complain "another status without --json: $*"
	python3 - out plain "$1" "$wanted" "$check" <<-'END' || complain "$* --json: $(head -c 600 out)"
		import json, sys
		answer, said = json.load(open(sys.argv[1])), open(sys.argv[2]).read()
		rows = answer["results"]
		assert answer["schema"] == "sopsim/1" and answer["command"] == sys.argv[3]
		assert answer["holds"] == (sys.argv[4] == "0") == (not answer["failures"]), answer["failures"]
		exec(sys.argv[5])
	END
}

# --- params ----------------------------------------------------------------------------------------------

ask 0 '
assert "seed" not in answer and answer["scenario"].endswith("first.ini")
assert len(rows) == len(said.splitlines()) - 1
one = [r for r in rows if (r["group"], r["key"]) == ("pci0", "dma_setup")][0]
assert one["unit"] == "ns" and "%gns" % one["value"] == one["text"] and one["role"] == "assumed" and one["source"]
one = [r for r in rows if (r["group"], r["key"]) == ("cost", "irq")][0]
assert one["text"] == "1 trap + 1.6us@1GHz + 1us" and one["time"] == "2.8us" and "value" not in one
words = [r for r in rows if r["key"] == "members"]
assert words and all("value" not in r for r in words)
' params "$first"
ask 0 '
assert len(rows) == len(said.splitlines()) - 3 and "scenario" not in answer
assert {"host", "toe", "sop"} <= {r["type"] for r in rows if r["of"] == "type"}
' params --types
ask 0 '
keys = {r["key"]: r for r in rows if r["of"] == "key"}
assert keys["clock_scale"]["default"] == "1" and keys["tcp.mss"]["default"] if "tcp.mss" in keys else True
assert all("  %s " % k in said for k in keys)
assert [r for r in rows if r["of"] == "measure" and r["measure"] == "busy"][0]["unit"] == "%"
' params --keys=toe
ask 0 'assert all(r["of"] == "measure" and r["unit"] and r["help"] in said for r in rows) and len(rows) > 150' params --measures
ask 0 '
assert len(rows) == len(said.splitlines()) - 1
assert "%s.%s" % (rows[-1]["group"], rows[-1]["measure"]) in said.splitlines()[-1]
' params "$first" --measures
"$sopsim" params --keys=nothing --json >out 2>said
[ $? -eq 2 ] && [ ! -s out ] || complain 'it answers what it does not understand'

# --- check -----------------------------------------------------------------------------------------------

cp -r "$root/results/reference/quick" now
quick=$root/results/reference/quick
ask 0 '
assert rows and all(r["verdict"] == "same" and r["now"] == r["baseline"] for r in rows)
assert "%d numbers compared, 0 moved" % len(rows) in said
' check --against "$quick" now
sed -i '2s/,[0-9.]*,/,1.5,/' now/fig5.csv
sed -i '3s/,\([0-9.]*\),\([0-9.]*\)$/,9\1,\2/' now/fig5.csv
ask 1 '
moved = [r for r in rows if r["verdict"] == "moved"]
assert moved and all(r["file"].startswith("fig5") for r in moved)
assert any(isinstance(r["now"], (int, float)) and abs(r["by"] - (r["now"] - r["baseline"]) / r["baseline"]) < 1e-9
           for r in moved if r["by"] is not None)
' check --against "$quick" now
expect '--json|--github' "$sopsim" check --json --github --against "$quick" now

# --- rerun -----------------------------------------------------------------------------------------------

"$sopsim" sweep "$first" --vary pci0.latency=1us --out sweep >/dev/null 2>&1
run=$(ls sweep/runs/*.json)
ask 0 'assert answer["seed"] == 1 and rows == [] and "the same" in said' rerun "$run"
sed 's/"fetch\.total_us" : \([0-9]\)/"fetch.total_us" : 9\1/' "$run" >other.json
cmp -s "$run" other.json && complain 'nothing was changed'
ask 1 '
assert [(r["group"], r["measure"]) for r in rows] == [("fetch", "total_us")]
assert "was %.17g, is %.17g" % (rows[0]["was"], rows[0]["is"]) in said
assert "1 of" in answer["failures"][0]
' rerun other.json

# --- calibrate -------------------------------------------------------------------------------------------

{
	printf '[scenario]\n[server]\ntype = host\n[pci0]\ntype = pci\n[eth0]\ntype = nic\naddress = 10.0.0.1/24\n'
	printf '[c]\ntype = peer\naddress = 10.0.0.2/24\n[lan]\ntype = network\nmembers = eth0, c\nrate = 1Gbit/s\n'
	printf '[cost]\nsyscall = 5us\n[bench]\ntype = sendbench\npeer = c\nsends = 10\nrepetitions = 4\nmessage = 10B\n'
	printf '[config one]\n[experiment e]\nconfigs = one\n[calibrate k]\nexperiment = e\nconfig = one\n'
	printf 'parameter = cost.syscall\nmeasure = bench.latency_us\ntolerance = 0.01\nlow = 1us\nhigh = 50us\n'
} >fit.ini
{ cat fit.ini && echo 'target = 20'; } >good.ini
{ cat fit.ini && echo 'target = 200'; } >bad.ini
ask 0 '
assert [r["key"] for r in rows] == ["cost.syscall"] and rows[0]["verdict"] == "agrees"
assert rows[0]["text"] in said and abs(rows[0]["measured"] - 20) <= 0.01 and rows[0]["target"] == 20
' calibrate good.ini
ask 1 'assert len(answer["failures"]) == 1 and rows[0]["verdict"] == "does not agree" and rows[0]["at_end_of_range"] == "yes"' calibrate bad.ini

# --- what docs/results.md shows ------------------------------------------------------------------------------

"$sopsim" run "$first" --json >out 2>said
n=0
while IFS= read -r line; do
	grep -qF -- "$line" out || complain "docs/results.md shows what is not printed: $line"
	n=$((n + 1))
done < <(sed -n 's/^    \({"[sg].*\)$/\1/p' "$root/docs/results.md")
[ $n -eq 2 ] || complain "$n lines of JSON in docs/results.md"
exit "$status"
