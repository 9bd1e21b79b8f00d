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

"$sopsim" report "$root/results/reference" --out paper.html >/dev/null || complain 'no page'
"$sopsim" sweep "$first" --vary pci0.latency=100ns,1us,10us --out sweep --report >/dev/null 2>said || complain "sweep: $(cat said)"
for page in "$dir/paper.html" "$dir/sweep/report.html"; do
	"${browser[@]}" --virtual-time-budget=4000 --dump-dom "file://$page" >dom 2>said || complain "$page: $(tail -3 said)"
	grep -q 'data-ready="1"' dom || complain "$page is not ready"
	grep -q '<input type="search"' dom || complain "$page has no filter"
	grep -E 'CONSOLE|Uncaught|Refused' said && complain "$page: the console is not empty"
done
page=$dir/paper.html
shot day --window-size=1240,3000
shot telephone --window-size=500,2000
shot night --window-size=1240,3000 --blink-settings=preferredColorScheme=0
cmp -s day.png night.png && complain 'the night is as bright as the day'
"${browser[@]}" --no-pdf-header-footer --print-to-pdf="$dir/paper.pdf" "file://$page" >/dev/null 2>said
[ -s paper.pdf ] || complain 'nothing on paper'
if command -v pdfinfo >/dev/null; then
	pages=$(pdfinfo paper.pdf | sed -n 's/^Pages: *//p')
	[ "$pages" -ge 4 ] && [ "$pages" -le 8 ] || complain "$pages pages on paper"
fi

if [ -n "${AXE:-}" ]; then
	python3 - "$page" "$AXE" >axe.html <<-'END'
		import re, sys
		page, axe = (open(name, encoding="utf-8").read() for name in sys.argv[1:])
		page = re.sub('<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
		run = 'axe.run().then(r => document.documentElement.setAttribute("data-axe", r.violations.map(v => v.id).join(" ")))'
		scripts = "".join("<script>%s</script>" % s.replace("</script", r"<\/script") for s in (axe, run))
		print(page.replace("</body>", scripts + "</body>"))
	END
	"${browser[@]}" --virtual-time-budget=20000 --dump-dom "file://$dir/axe.html" >dom 2>/dev/null
	grep -q 'data-axe=""' dom || complain "axe-core: $(grep -o 'data-axe="[^"]*"' dom)"
else
	echo 'skipped: axe-core (AXE=FILE names it)'
fi
exit "$status"
