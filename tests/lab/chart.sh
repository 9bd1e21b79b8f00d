#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The pictures of docs/pictures.md are what its commands draw, byte for byte.  With a third word, `write`, they are
# drawn anew.  And what a chart refuses.
. "$(dirname "$0")/expect.sh"

n=0
while read -r line; do
	picture=${line##* --out docs/pictures/}
	out=$PWD/$picture
	[ "${3:-}" != write ] || out=$root/docs/pictures/$picture
	(cd "$root" && eval "'$sopsim' chart ${line% --out *} --out '$out'") >said 2>&1 || complain "$picture: $(cat said)"
	cmp "$out" "$root/docs/pictures/$picture" || complain "$picture is another"
	n=$((n + 1))
done < <(sed -n 's|^    \./sopsim chart \(.* --out docs/pictures/[a-z-]*\.svg\)$|\1|p' "$root/docs/pictures.md")
[ $n -ge 10 ] || complain "$n commands"

# The bar to scale adds up to the call: to the picosecond what the title says in three digits.
total=$(grep -o 'data-part="[0-9]*"' "$root/docs/pictures/send-card.svg" | tr -dc '0-9\n' | awk '{ s += $1 } END { print s / 1e6 }')
printf '%.1f us' "$total" >took
grep -q "takes $(cat took)<" "$root/docs/pictures/send-card.svg" || complain "parts are $total us"
# One SOP, and a frame that is lost.
grep -q '>sop_dispatch 1.40 us<' "$root/docs/pictures/send-card.svg" || complain 'no SOP in a send()'
grep -q ', lost<' "$root/docs/pictures/loss.svg" || complain 'no frame is lost'
# A switch has what it hands on.
grep -q ', lost<' "$root/docs/pictures/connect.svg" && complain 'a frame is lost that a switch hands on'

# What is behind the last date is not run.
timeout 60 "$sopsim" chart "$root/scenarios/streaming.ini" --set scenario.duration=86400s --from 5.101s --to 5.106s \
	--out long.svg >said 2>&1 || complain "--to: $(cat said)"

# For paper, where there is what makes it.
accept=(chart "$root/scenarios/lessons/03-accept-on-three-stacks.ini" --call accept --view context --out)
if command -v rsvg-convert >/dev/null; then
	"$sopsim" "${accept[@]}" a.pdf >said 2>&1 && "$sopsim" "${accept[@]}" b.pdf >said 2>&1 || complain "PDF: $(cat said)"
	cmp a.pdf b.pdf || complain 'the same chart is another PDF'
	[ "$(head -c 5 a.pdf)" = %PDF- ] || complain 'no PDF'
	expect '--out|rsvg-convert' "$sopsim" "${accept[@]}" "$PWD/nowhere/a.pdf"
fi
expect '--out|rsvg-convert|librsvg2-bin' env PATH="$PWD" "$sopsim" "${accept[@]}" c.pdf

first=$root/scenarios/first.ini
"$sopsim" chart "$first" --list >list 2>said || complain "--list: $(cat said)"
grep -q ' accept4$' list && [ ! -e chart.svg ] || complain "--list: $(head -3 list)"
expect '--call|--from' "$sopsim" chart "$first"
# What is no file does not become one.
ln -s /dev/null nowhere.svg
"$sopsim" chart "$first" --call 1 --out nowhere.svg >said 2>&1 && [ -L nowhere.svg ] || complain "a link: $(cat said)"
ln -s /dev/full full.svg
expect '--out|space' "$sopsim" chart "$first" --call 1 --out full.svg
expect '--call|not so many|--list' "$sopsim" chart "$first" --call accept:99
expect '--call|names no call' "$sopsim" chart "$first" --call 0
expect '--call|names no call' "$sopsim" chart "$first" --call accept:x
expect '--call|one of' "$sopsim" chart "$first" --call accept --from 1ms
expect '--from|unit' "$sopsim" chart "$first" --from 10
expect '--to|not behind' "$sopsim" chart "$first" --from 2ms --to 1ms
expect '--from|nothing happens' "$sopsim" chart "$first" --from 1ms --to 2ms
expect '--to|more than 600' "$sopsim" chart "$first" --set file.size=1MiB --from 0s --rows 600
expect '--view|place or context' "$sopsim" chart "$first" --call accept --view time
expect '--offered|0 to' "$sopsim" chart "$first" --call accept --offered -1
expect '--rows|1 to 600' "$sopsim" chart "$first" --call accept --rows 0
expect '--out|cannot be written' "$sopsim" chart "$first" --call accept --out "$PWD/nowhere/a.svg"
exit "$status"
