#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A report in a browser: it is ready, says nothing on the console, fetches nothing, looks like something by day, by
# night, on a telephone and on paper.  With AXE=FILE, axe-core's axe.min.js, its findings are asked for too.
# Usage: report_browser.sh SOPSIM ROOT
. "$(dirname "$0")/expect.sh"

if ! command -v chromium >/dev/null; then
	echo 'there is no chromium'
	exit 77
fi
browser=(chromium --headless=new --no-sandbox --disable-gpu --user-data-dir="$dir/profile" --enable-logging=stderr)

# shot NAME MOST_BYTES OPTION...: a picture that is not blank.
shot() {
	local name=$1
	shift
	"${browser[@]}" "$@" --screenshot="$dir/$name.png" "file://$page" >/dev/null 2>said || complain "$name: $(tail -3 said)"
	[ -s "$dir/$name.png" ] && [ "$(stat -c %s "$dir/$name.png")" -gt 30000 ] || complain "$name is blank"
}

# The paper, with a chart; a run with series.
cp -r "$root/results/reference" reference
"$sopsim" chart "$root/scenarios/lessons/03-accept-on-three-stacks.ini" --call accept --out reference/chart.svg >/dev/null
"$sopsim" report reference --out paper.html >/dev/null || complain 'no page'
"$sopsim" run "$root/scenarios/two-cards.ini" --set scenario.warmup=500ms --set scenario.duration=1s --series auto --out series \
	--report >/dev/null 2>said || complain "series: $(cat said)"
"$sopsim" sweep "$first" --vary pci0.latency=100ns,1us,10us --out sweep --report >/dev/null 2>said || complain "sweep: $(cat said)"
"$sopsim" compare "$first" --what pci0.latency=2us --repeat 2 --out compare --report >/dev/null 2>said || complain "compare: $(cat said)"
pages=(paper.html sweep/report.html series/report.html compare/report.html)
for page in "${pages[@]/#/$dir/}"; do
	"${browser[@]}" --virtual-time-budget=4000 --dump-dom "file://$page" >dom 2>said || complain "$page: $(tail -3 said)"
	grep -q 'data-ready="1"' dom || complain "$page is not ready"
	grep -q '<input type="search"' dom || complain "$page has no filter"
	grep -E 'CONSOLE|Uncaught|Refused' said && complain "$page: the console is not empty"
done

# --- zoom and pointer ---------------------------------------------------------------------------------------

# by_hand PAGE SCRIPT WANTED: what a hand does, and what is in the page then.  It may do nothing of its own, so this
# page has no policy.
by_hand() {
	python3 - "$1" "$2" >hand.html <<-'END'
		import re, sys
		page = open(sys.argv[1], encoding="utf-8").read()
		page = re.sub('<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
		print(page.replace("</body>", "<script>%s; document.documentElement.dataset.seen = "
		      "document.querySelector('.zoom svg').getAttribute('viewBox')</script></body>" % sys.argv[2]))
	END
	"${browser[@]}" --virtual-time-budget=4000 --dump-dom "file://$dir/hand.html" >dom 2>said
	grep -qE "$3" dom || complain "$1: no $3 after $2"
}
press="const press = (where, name) => where.dispatchEvent(new KeyboardEvent('keydown', {key: name, bubbles: true}));
	const one = document.querySelector('.zoom'), over = document.querySelector('.series');"
whole=$(grep -o 'viewBox="[^"]*"' paper.html | head -1 | cut -d\" -f2)
# It is there, scripts and all, within two seconds, by the browser's own clock: once of three times, as others may run.
for try in 1 2 3; do
	by_hand paper.html 'document.documentElement.dataset.took = Math.round(performance.now())' ' data-took="[0-9]+"'
	took=$(grep -o 'data-took="[0-9]*' dom | cut -d\" -f2)
	[ "${took:-9999}" -lt 2000 ] && break
	[ $try -lt 3 ] || complain "paper.html opened in $took ms"
done
by_hand paper.html "$press press(one, '+'); press(one, 'ArrowRight')" ' data-seen="[0-9]+\.[0-9]+ [0-9.]+ [0-9.]+ [0-9.]+"'
by_hand paper.html "$press press(one, '+'); press(one, '0')" " data-seen=\"$whole\""
by_hand paper.html "$press document.querySelectorAll('.bar button')[1].click()" " data-seen=\"$whole\""
by_hand series/report.html "$press press(over, 'ArrowRight'); press(over, '+')" 'transform="translate\([-0-9.e]+ 0\) scale\(1\.5'
by_hand series/report.html "$press press(over, 'ArrowRight')" 'role="status">server: processor, % at 0\.00[0-9]+ s: user [0-9.]+, '
by_hand series/report.html "$press const svg = over.querySelectorAll('svg')[1], r = svg.getBoundingClientRect();
	const at = (name, x) => svg.dispatchEvent(new PointerEvent(name, {clientX: r.left + x * r.width, clientY: r.top + 90}));
	at('pointerdown', 0.3); at('pointermove', 0.5); at('pointerup', 0.5)" 'role="status">busy_pct at 0\.[0-9]+ s: '
grep -qE 'scale\([34]\.[0-9]+ 1\)' dom || complain 'a stretch that was dragged over is not shown alone'

# --- how it looks ---------------------------------------------------------------------------------------------

page=$dir/paper.html
shot day --window-size=1240,3000
shot telephone --window-size=500,2000
shot night --window-size=1240,3000 --blink-settings=preferredColorScheme=0
cmp -s day.png night.png && complain 'the night is as bright as the day'
"${browser[@]}" --no-pdf-header-footer --print-to-pdf="$dir/paper.pdf" "file://$page" >/dev/null 2>said
[ -s paper.pdf ] || complain 'nothing on paper'
if command -v pdfinfo >/dev/null; then
	sheets=$(pdfinfo paper.pdf | sed -n 's/^Pages: *//p')
	[ "$sheets" -ge 4 ] && [ "$sheets" -le 8 ] || complain "$sheets pages on paper"
fi

# axe PAGE
axe() {
	python3 - "$1" "$AXE" >axe.html <<-'END'
		import re, sys
		page, axe = (open(name, encoding="utf-8").read() for name in sys.argv[1:])
		page = re.sub('<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
		run = 'axe.run().then(r => document.documentElement.setAttribute("data-axe", r.violations.map(v => v.id).join(" ")))'
		scripts = "".join("<script>%s</script>" % s.replace("</script", r"<\/script") for s in (axe, run))
		print(page.replace("</body>", scripts + "</body>"))
	END
	"${browser[@]}" --virtual-time-budget=20000 --dump-dom "file://$dir/axe.html" >dom 2>/dev/null
	grep -q 'data-axe=""' dom || complain "axe-core: $1: $(grep -o 'data-axe="[^"]*"' dom)"
}
if [ -n "${AXE:-}" ]; then
	for page in "${pages[@]}"; do
		axe "$page"
	done
else
	echo 'skipped: axe-core (AXE=FILE names it)'
fi
exit "$status"
