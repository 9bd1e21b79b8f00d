# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by the scripts that run fuzz targets.  The caller has a folder of its own, $work.

# Sets $clang, or ends the script as skipped (77).
find_clang() {
	local candidate
	for candidate in clang clang-14 clang-15 clang-16 clang-17 clang-18 clang-19; do
		if echo 'int LLVMFuzzerTestOneInput(const char *d, long n) { return !d && n; }' |
		   "$candidate" -xc -fsanitize=fuzzer,address,undefined - -o "$work/probe" 2>/dev/null; then
			clang=$candidate
			return
		fi
	done
	echo "skipped: no clang with libFuzzer (packages clang, libclang-rt-14-dev)"
	exit 77
}

# target ROOT NAME ARGUMENT...: compiles $work/fuzz with sanitizers.  A build folder keeps what it made of the same
# sources with the same arguments.
target() {
	local root=$1 kept=kept-fuzz-$2 key
	shift 2
	key=$({
		"$clang" --version
		echo "$@"
		find "$root/src" "$root/tests/net" "$root/tests/fuzz" \( -name '*.[ch]' -o -name meson.build \) -print0 |
			sort -z | xargs -0 cat
	} | sha256sum | cut -c1-32)
	if [ -x "$kept-$key" ]; then
		cp "$kept-$key" "$work/fuzz"
		return
	fi
	"$clang" -g -std=gnu11 -D_GNU_SOURCE -I"$root/src" -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=all "$@" -o "$work/fuzz" || exit 1
	[ -f build.ninja ] || return 0
	rm -f "$kept"-*
	cp "$work/fuzz" "$kept.$$"
	mv "$kept.$$" "$kept-$key"
}

# tell STATUS: what stands in `log`, and the inputs that failed; ends the script with 1 if it did.
tell() {
	local f
	grep -E '^#[0-9]+.*DONE|^Done|ERROR|SUMMARY|runtime error|fuzz_engine.c' log | head -20
	[ "$1" -ne 0 ] || return 0
	tail -60 log
	for f in crash-* leak-* timeout-* oom-*; do
		[ -f "$f" ] && echo "input, base64:" && base64 "$f"
	done
	exit 1
}
