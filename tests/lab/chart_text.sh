#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# On paper no word of a chart lies on another, and none leaves the page: by the letters' own measures, which the
# program only estimates.  All charts of docs/pictures.md, as PDF, whose pages are A4 and have their fonts in them; with
# many columns, as accept.svg has them, they are larger.
. "$(dirname "$0")/expect.sh"
if ! command -v rsvg-convert >/dev/null || ! command -v pdftotext >/dev/null; then
	echo "rsvg-convert and pdftotext are not both there"
	exit 77
fi

n=0
while read -r line; do
	pdf=$PWD/$(basename "${line##* --out }" .svg).pdf
	(cd "$root" && eval "'$sopsim' chart ${line% --out *} --out '$pdf'") >said 2>&1 || complain "$pdf: $(cat said)"
	size='841.89 x 595.* pts (A4)'
	[[ $pdf != */accept.pdf ]] || size='1190.55 x 841.* pts (A3)'
	pdfinfo "$pdf" | grep -q "Page size: .*$size" || complain "$pdf: $(pdfinfo "$pdf" | grep size)"
	[ -z "$(pdffonts "$pdf" | tail -n +3 | awk '$(NF-4) != "yes"')" ] || complain "$pdf: a font is not in it"
	pdftotext -bbox "$pdf" "$pdf.html"
	n=$((n + 1))
done < <(sed -n 's|^    \./sopsim chart \(.* --out docs/pictures/[a-z-]*\.svg\)$|\1|p' "$root/docs/pictures.md")
[ $n -ge 10 ] || complain "$n charts"

# With many columns the paper is larger, not the letters smaller.
wide() { # CARDS PAPER
	local pdf=$PWD/cards-$1.pdf
	(cd "$root" && "$sopsim" chart scenarios/cards.ini --set card.count="$1" --call accept --view context --out "$pdf") \
		>said 2>&1 || complain "$1 cards: $(cat said)"
	pdfinfo "$pdf" | grep -q "Page size: .*pts ($2)" || complain "$1 cards: $(pdfinfo "$pdf" | grep size)"
	pdftotext -bbox "$pdf" "$pdf.html"
	sed -n 's/.*yMin="\([0-9.]*\)".*yMax="\([0-9.]*\)".*/\1 \2/p' "$pdf.html" |
		awk '$2 - $1 < 6.2 { bad++ } END { exit bad > 0 || NR < 50 }' || complain "$1 cards: letters below six points"
}
wide 4 A3
wide 16 A0

# Boxes are as high as the font's tallest letters: a tenth is left off above and below.
python3 - ./*.pdf.html <<-'END' || status=1
	import re, sys
	bad = words = 0
	for path in sys.argv[1:]:
	    for number, page in enumerate(open(path).read().split('<page ')[1:], 1):
	        width, height = map(float, re.match(r'width="([\d.]+)" height="([\d.]+)"', page).groups())
	        boxes = []
	        for m in re.finditer(r'xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">([^<]*)<', page):
	            x1, y1, x2, y2 = map(float, m.groups()[:4])
	            trim = (y2 - y1) * 0.15
	            boxes.append((x1, y1 + trim, x2, y2 - trim, m.group(5)))
	            if x1 < 0 or y1 < 0 or x2 > width or y2 > height:
	                print(f"{path} page {number}: '{m.group(5)}' leaves the page")
	                bad += 1
	        words += len(boxes)
	        for i, a in enumerate(boxes):
	            for b in boxes[:i]:
	                if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]:
	                    print(f"{path} page {number}: '{a[4]}' lies on '{b[4]}'")
	                    bad += 1
	if words < 1000:
	    print(f'only {words} words')
	    bad += 1
	sys.exit(bad > 0)
END
exit "$status"
