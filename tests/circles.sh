#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# How many files of each room are in circles: call each other, directly or round about.  Read off the
# object files' symbols, so that a comment or a header cannot hide it.
#
#     circles.sh BUILD                    how many in each room
#     circles.sh BUILD ROOM[=MOST]...     fails if one of these rooms (sop, net/engine, lab/kinds) has more
#                                         files in circles than it may (0), and any other one if it has any
#     circles.sh BUILD -v ROOM            names the files, and from which to which an arrow of a circle goes
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

# Rooms that must have been there, and how many of their files may be in circles.
declare -A most=()
for word in "$@"; do
	most[${word%%=*}]=0
	[[ $word != *=* ]] || most[${word%%=*}]=${word#*=}
done

status=0
while read -r objects; do
	room=${objects#"$build"/src/}
	library=$(basename "${objects%.a.p}")
	room=${room%/lib*}
	[ "$room" != lab ] || room=lab/${library#liblab_}
	[ "$library" != libsop_checked ] || continue # the same files
	[ "$verbose" = 0 ] || [ -n "${most[$room]-}" ] || continue
	found=$(circles "$objects")
	printf '%-14s %s\n' "$room" "$found"
	[ $# -gt 0 ] || continue
	n=${found%%$'\n'*}
	if [ "$verbose" = 0 ] && [ "$n" -gt "${most[$room]-0}" ]; then
		echo "circles: $room has $n files in circles; allowed: ${most[$room]-0}" >&2
		status=1
	fi
	unset "most[$room]"
done < <(find "$build/src" -name 'lib*.a.p' -type d | sort)
[ ${#most[@]} -eq 0 ] || { echo "circles: no such room: ${!most[*]}" >&2; status=1; }
exit $status
