#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The gallery's pictures are what the commands below them draw, byte for byte; with a third word, `write`, they are
# drawn anew.  Those of results/reference are other tests' (e2e_figures, e2e_choices), charts e2e_chart's.
# Usage: gallery.sh SOPSIM ROOT [write]
. "$(dirname "$0")/expect.sh"

# As if one stood in the tree.
mkdir -p docs/pictures
ln -s "$root/scenarios" scenarios
cp "$root/docs/pictures/series.gp" docs/pictures
printf '#!/bin/sh\nexec "%s" "$@"\n' "$sopsim" >sopsim && chmod +x sopsim

# draw PICTURE COMMAND...: where the commands leave it is the last --out, or below it.
draw() {
	local picture=$1 made
	shift
	made=docs/pictures/$picture
	rm -f "$made"
	for command in "$@"; do
		eval "$command" >said 2>&1 || complain "$picture: $command: $(tail -3 said)"
	done
	[ -e "$made" ] || made=$(find results -name "$picture" -newer sopsim)
	[ "${write:-}" = write ] && cp "$made" "$root/docs/pictures/$picture"
	# What another version of gnuplot draws has other lines.
	if grep -q 'Produced by GNUPLOT' "$made" &&
		[ "$(grep 'Produced by' "$made")" != "$(grep 'Produced by' "$root/docs/pictures/$picture")" ]; then
		echo "$picture: another version of gnuplot"
		return
	fi
	cmp "$made" "$root/docs/pictures/$picture" || complain "$picture is another"
}

write=${3:-}
picture='' commands=() n=0
finish() {
	[[ $picture != *.svg ]] || [ ${#commands[@]} -eq 0 ] || { draw "$picture" "${commands[@]}" && n=$((n + 1)); }
	picture='' commands=()
}
while IFS= read -r line; do
	case $line in
	'## '*) finish ;;
	'!['*'](pictures/'*) picture=${line##*/} picture=${picture%)} ;;
	'    ./sopsim chart '*) grep -qxF "$line" "$root/docs/pictures.md" || complain "not as docs/pictures.md has it: $line" ;;
	'    '*) commands+=("${line#    }") ;;
	esac
done <"$root/docs/gallery.md"
finish
[ $n -ge 2 ] || complain "$n pictures with commands"

# Every picture of the tree is in the gallery, or on the page of charts; each has its command there.
for file in "$root"/docs/pictures/*.svg; do
	grep -q "(pictures/${file##*/})" "$root/docs/gallery.md" "$root/docs/pictures.md" || complain "nobody shows $file"
done
# The README begins with what the paper found and how one call goes.
mapfile -t shown < <(sed -n 's/^!\[.*\](\(.*\))$/\1/p' "$root/README.md")
[ "${shown[0]}" = results/reference/fig5.svg ] && [[ ${shown[1]} == docs/pictures/*.svg ]] &&
	grep -q "^    ./sopsim chart .* --out ${shown[1]}$" "$root/docs/pictures.md" || complain "README's pictures: ${shown[*]}"
# The trace's picture is a photograph of what another program shows of this file.
"$sopsim" run "$root/scenarios/first.ini" --set file.size=4KiB --trace first.speedscope.json >said 2>&1 &&
	grep -q 'httpd\[2\]"' first.speedscope.json || complain 'there is no httpd[2] in the trace'
exit "$status"
