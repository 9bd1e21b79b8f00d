# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced: what tshark says of a capture, asked once for all that a test wants to know, since its start
# takes longer than its work.

# captured FILE FIELD...: the fields of each frame, with tabs between them, a frame a line.  Fails, and says why,
# where a frame is malformed or the expert complains; checksums are looked at.
captured() {
	local file=$1 fields
	shift
	fields=("${@/#/-e}")
	env -u MALLOC_PERTURB_ tshark -r "$file" -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE -T fields \
		-e _ws.malformed -e _ws.expert.severity "${fields[@]}" 2>/dev/null | awk -F '\t' -v file="${file##*/}" '
		{
			n = split($2, severity, ",")
			for (i = 1; i <= n; i++)
				if (severity[i] >= 6291456)
					bad = FNR
			if ($1 != "")
				bad = FNR
			sub(/^[^\t]*\t[^\t]*\t/, "")
			print
		}
		END {
			if (bad)
				print file ": the expert complains of frame " bad >"/dev/stderr"
			exit bad > 0
		}'
}
