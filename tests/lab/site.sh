#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The pages as HTML: they need nothing from anywhere, every link leads to what there is, and the search finds words,
# in a browser that opens them from disk.  Usage: site.sh SOPSIM ROOT
. "$(dirname "$0")/expect.sh"
build=$root/docs/site/build

for tool in mkdocs chromium; do
	command -v $tool >/dev/null || {
		echo "there is no $tool"
		exit 77
	}
done

"$build" --out site >out 2>said || complain "build: $? $(cat said)"
[ "$(cat out)" = "$PWD/site/index.html" ] && [ ! -s said ] || complain "said '$(cat out said)'"
"$build" --out again >out 2>said && diff -r site again || complain 'other bytes of the same pages'
"$build" --out site >out 2>said || complain 'not a second time'

python3 - site "$root" <<-'END' || complain 'the pages are not whole'
	import glob, html.parser, os, re, sys, urllib.parse
	site, root = sys.argv[1:]
	class Page(html.parser.HTMLParser):
	    def __init__(self, name):
	        super().__init__()
	        self.ids, self.links = set(), []
	        self.feed(open(name, encoding="utf-8").read())
	    def handle_starttag(self, tag, attrs):
	        attrs = dict(attrs)
	        self.ids |= {attrs["id"]} if attrs.get("id") else set()
	        self.links += [attrs[k] for k in ("href", "src") if k in attrs]
	        assert not any(k.startswith("on") or k == "style" for k in attrs), (tag, attrs)
	names = [f for f in glob.glob(site + "/**/*.html", recursive=True)]
	pages = {os.path.normpath(f): Page(f) for f in names}
	count = 0
	for name, page in pages.items():
	    for link in page.links:
	        path, _, anchor = link.partition("#")
	        if re.match("https?:", path):
	            continue
	        assert not re.match("[a-z]+:|/", path), (name, link)
	        to = os.path.normpath(os.path.join(os.path.dirname(name), urllib.parse.unquote(path))) if path else name
	        assert os.path.isfile(to), (name, link)
	        assert not anchor or anchor in pages[to].ids, (name, link)
	        count += 1
	sources = glob.glob(root + "/docs/*.md") + glob.glob(root + "/*.md")
	assert len(pages) >= len(sources) and count > 1000, (len(pages), len(sources), count)
	listed = pages[os.path.join(site, "index.html")].links
	for source in sources:
	    to = os.path.relpath(source, root).replace("README.md", "index.html").replace(".md", ".html")
	    assert to in listed, "not in the list: " + to
END
if command -v tidy >/dev/null; then
	find site -name '*.html' -exec tidy -q -e --drop-empty-elements no {} + 2>&1 | grep -v 'aria-current' >said
	[ ! -s said ] || complain "tidy: $(head -3 said)"
fi

browser=(chromium --headless=new --no-sandbox --disable-gpu --user-data-dir="$dir/profile" --enable-logging=stderr
	--virtual-time-budget=4000)
for page in 'docs/index.html?q=tcp_tx_segment' 'docs/time.html?q=--json%20sopsim%2F1' 'index.html?q=zyzzyva'; do
	"${browser[@]}" --dump-dom "file://$dir/site/$page" >dom 2>said || complain "$page: $(tail -3 said)"
	grep -q 'data-ready="1"' dom || complain "$page is not ready"
	grep -E 'CONSOLE|Uncaught|Refused' said && complain "$page: the console is not empty"
	case $page in
	*zyzzyva) grep -q '>Nothing has all of these words.<' dom || complain 'it finds what is nowhere' ;;
	*--json*) grep -q 'href="../docs/results.html#how-do-programs-read-it"' dom || complain 'two words find no section' ;;
	*) grep -q '<mark>tcp_tx_segment</mark>' dom || complain 'no word is found' ;;
	esac
done
page='docs/pictures.html'
"${browser[@]}" --window-size=1240,2000 --screenshot="$dir/day.png" "file://$dir/site/$page" >/dev/null 2>said
"${browser[@]}" --window-size=1240,2000 --blink-settings=preferredColorScheme=0 --screenshot="$dir/night.png" \
	"file://$dir/site/$page" >/dev/null 2>said
[ "$(stat -c %s day.png)" -gt 60000 ] || complain 'a page with pictures is blank'
cmp -s day.png night.png && complain 'the night is as bright as the day'

# --- what is refused -------------------------------------------------------------------------------------

mkdir mine && touch mine/thesis.txt
expect '--out|mine' "$build" --out mine
[ -e mine/thesis.txt ] || complain 'it wrote over what was mine'
expect '--out|missing' "$build" --out
expect 'unknown' "$build" elsewhere
exit "$status"
