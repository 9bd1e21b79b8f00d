#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The page of a folder of results: whole, small, the same each time, safe, and what it says.  Usage: report.sh SOPSIM ROOT
. "$(dirname "$0")/expect.sh"

# good PAGE: it is XML, needs nothing else, and allows its own style and script alone.
good() {
	python3 - "$1" <<-'END' || complain "$1 is no page to hand out"
		import base64, hashlib, re, sys, xml.dom.minidom
		page = open(sys.argv[1], encoding="utf-8").read()
		xml.dom.minidom.parseString(page.encode())
		assert len(page.encode()) < 500000, len(page)
		policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page).group(1)
		assert policy.startswith("default-src 'none'; "), policy
		for tag in "style", "script":
		    text = re.findall("<%s>(.*?)</%s>" % (tag, tag), page, re.S)
		    assert len(text) == 1, (tag, len(text))
		    digest = base64.b64encode(hashlib.sha256(text[0].encode()).digest()).decode()
		    assert "%s-src 'sha256-%s'" % (tag, digest) in policy, tag
		tags = " ".join(re.findall(r"<[a-zA-Z][^>]*>", page))
		assert not re.search(r"<(link|iframe|img|object|embed|base)\b|\s(src|style|on[a-z]+)=", tags)
		assert not re.search(r"@import|url\([^#]", page)
		assert not re.search(r'href="(?!#)', page), "a link that leads away"
		ids = re.findall(r'\sid=["\']([^"\']*)', page)
		assert len(ids) == len(set(ids)), "a name twice"
		figures = re.findall(r"<svg\b[^>]*>\s*<title>[^<]+</title>\s*<desc>[^<]+</desc>", page)
		assert len(figures) == page.count("<svg") == len(re.findall(r'<svg\b[^>]*role="img"', page)), "a figure that says nothing"
		assert not re.search(r"<th(?![^>]*scope=)[ >]", page), "a heading without a scope"
	END
	if command -v tidy >/dev/null; then
		tidy -q -e "$1" >said 2>&1
		[ ! -s said ] || complain "tidy: $1: $(head -3 said)"
	fi
}

says() { grep -qF -- "$2" "$1" || complain "$1 does not say '$2'"; }

# --- a reproduction ----------------------------------------------------------------------------------------

"$sopsim" report "$root/results/reference" --out paper.html >out 2>said || complain "reference: $? $(cat said)"
# On a telephone as much of the table is seen as ends with the verdict.
grep -q '>simulated</th><th[^>]*>verdict</th>' paper.html || complain 'the verdict is far to the right'
[ "$(cat out)" = paper.html ] || complain "said '$(cat out)'"
good paper.html
for text in 'of 1</strong><span>predictions hold' '>fig5 offload sop gain pct</th>' 'holds</td>' 'id="figures"' \
	'<title>Figure 5: throughput</title>' 'Where the time goes' 'offload_sop' '<th scope="row">cost.tcp_tx_segment</th>' \
	'class="default"' 'scenario_sha256'; do
	says paper.html "$text"
done
[ "$(grep -c '<svg' paper.html)" -eq 5 ] || complain "$(grep -c '<svg' paper.html) figures, not 5"
"$sopsim" report "$root/results/reference" --out again.html >out 2>said
cmp -s paper.html again.html || complain 'other bytes of the same folder'

# --- a run, a sweep, a comparison ----------------------------------------------------------------------------

"$sopsim" run "$first" --out run --report >out 2>said || complain "run: $? $(cat said)"
good run/report.html
says run/report.html '<strong>held</strong>'
says run/report.html "./sopsim run $first</td>"
"$sopsim" run "$first" --set fetch.port=81 --out bad --report >out 2>said
[ $? -eq 1 ] || complain 'a run that failed ends well with --report'
good bad/report.html
says bad/report.html 'fetch.failed'
says bad/report.html 'tile bad'
"$sopsim" sweep "$first" --vary pci0.latency=100ns,1us --out sweep --report >out 2>said || complain "sweep: $? $(cat said)"
good sweep/report.html
says sweep/report.html '<button type="button">pci0.latency_s</button>'
says sweep/report.html '<td class="n">600ns</td>'
"$sopsim" compare "$first" --what lan.propagation=1ms --repeat 2 --out compare --report >out 2>said || complain "compare: $(cat said)"
good compare/report.html
says compare/report.html '<td>fetch.total_us</td>'
says compare/report.html '<tr><th scope="row">lan.propagation</th><td class="n">1us</td><td class="n">1ms</td>'
says compare/report.html '<th scope="row">cost.tcp_tx_segment</th>'
says compare/report.html '>changed: server</text>'

# --- charts ------------------------------------------------------------------------------------------------

"$sopsim" chart "$first" --call accept --out run/chart-accept.svg >out 2>said || complain "chart: $(cat said)"
"$sopsim" report run >out 2>said || complain "charts: $(cat said)"
good run/report.html
says run/report.html 'Who did what when</h2>'
says run/report.html 'id="chart-accept-sc-a"'
[ "$(grep -o 'data-t0' run/report.html | wc -l)" -eq "$(grep -o 'data-t0' run/chart-accept.svg | wc -l)" ] || complain 'not the chart'
rm run/chart-accept.svg
"$sopsim" report run >out 2>said || complain "no charts: $(cat said)"
"$sopsim" run "$first" --out other --report --seed 1 >out 2>said
sed 's/ --seed 1//' other/report.html | cmp -s - run/report.html || complain 'the same run in another folder has another page'

# --- over time -----------------------------------------------------------------------------------------------

"$sopsim" run "$root/scenarios/two-cards.ini" --set scenario.warmup=500ms --set scenario.duration=1s --series auto --out series \
	--report >out 2>said || complain "series: $(cat said)"
good series/report.html
for text in 'Over time</h2>' 'class="plot" data-first="0" ' 'class="mask"' '<title>server: processor, %</title>' '<title>busy_pct</title>' '>toe1</text>' 'class="early"'; do
	says series/report.html "$text"
done
grep -qE '<path class="c0" d="M[0-9.]+ [0-9.]+L' series/report.html || complain 'no line over time'
# A number that is too long for its place would be cut: bytes a second have a unit.
grep -qE 'text-anchor="end">[0-9.]+ M</text>' series/report.html || complain 'a scale without a unit'
grep -oE ' (d|x|y|width|height)="[^"]*"' series/report.html | grep -q 'nan\|inf' && complain 'a number that is none'

# --- what strangers write is text ----------------------------------------------------------------------------

{
	printf '[scenario]\ninclude = %s\ntitle = </title><script>alert(1)</script>\n' "$first"
	printf '[file]\nfolder =\n[cost]\nirq = 5us | assumed | <img src=x onerror="alert(2)"> & "quotes"\n'
} >evil.ini
sed -i '/folder/d' evil.ini
"$sopsim" run evil.ini --out evil --report >out 2>said || complain "evil: $(cat said)"
good evil/report.html
says evil/report.html '&lt;img src=x onerror=&quot;alert(2)&quot;&gt; &amp; &quot;quotes&quot;'
printf '<svg><script>alert(3)</script>' >evil/sweep.svg
printf '<svg role="img"><title><script>alert(4)</script></title><desc>x</desc></svg>' >evil/chart.svg
"$sopsim" report evil >out 2>said || complain "evil: $(cat said)"
good evil/report.html

# --- what is refused ------------------------------------------------------------------------------------------

mkdir -p empty
expect "'empty' has no results" "$sopsim" report empty
expect "'nowhere' has no results" "$sopsim" report nowhere
expect '--report|--out' "$sopsim" run "$first" --report
exit "$status"
