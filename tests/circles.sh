#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# How many files of each room are in circles: call each other, directly or round about.  Read off the
# object files' symbols, so that a comment or a header cannot hide it.
#
#     circles.sh BUILD [ROOM...]     fails if one of these rooms has any (a library's folder: sop)
#     circles.sh BUILD -v ROOM       names the files, and from which to which an arrow of a circle goes
set -euo pipefail
build=$1
shift
verbose=0
[ "${1-}" = -v ] && verbose=1 && shift

# "file symbol" of one library: D defined, U used.
symbols() {
	find "$1" -name '*.o' -print0 | xargs -r0 nm -A --extern-only | awk '{
		file = $1; sub(/:.*/, "", file); sub(/.*\//, "", file); sub(/\.o$/, "", file)
		print $(NF - 1) == "U" ? "U" : "D", file, $NF
	}'
}

circles() {
	symbols "$1" | awk -v verbose="$verbose" '
	{ files[$2] = 1 }
	$1 == "D" { home[$3] = $2 }
	$1 == "U" { uses[$2, $3] = 1 }
	END {
		for (u in uses) {
			split(u, part, SUBSEP)
			if (part[2] in home && home[part[2]] != part[1])
				near[part[1], home[part[2]]] = by[part[1], home[part[2]]] = part[2]
		}
		for (a in near)
			reach[a] = 1
		for (k in files)
			for (i in files)
				if ((i, k) in reach)
					for (j in files)
						if ((k, j) in reach)
							reach[i, j] = 1
		for (i in files)
			n += (i, i) in reach
		print n + 0
		for (a in near) {
			split(a, part, SUBSEP)
			if (verbose && (part[2], part[1]) in reach)
				print "    " part[1] " -> " part[2] ": " by[a] | "sort"
		}
	}'
}

status=0
left=" $* "
while read -r objects; do
	room=${objects#"$build"/src/}
	room=${room%/lib*}
	found=$(circles "$objects")
	[ "$verbose" = 1 ] && [[ " $* " != *" $room "* ]] && continue
	printf '%-24s %s\n' "$room/$(basename "${objects%.a.p}")" "$found"
	[[ " $* " == *" $room "* ]] && [ "${found%%$'\n'*}" != 0 ] && status=1
	left=${left/ $room / }
done < <(find "$build/src" -name 'lib*.a.p' -type d | sort)
[ "${left// /}" = "" ] || { echo "circles: no such room:$left" >&2; status=1; }
exit $status
