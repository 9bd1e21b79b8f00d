#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# tests/run, behind `./sopsim test`: names that lead nowhere, --list, --help; and a total that is of
# this run alone, whatever an earlier one left.  Its build folder is a stand-in for meson.
. "$(dirname "$0")/expect.sh"

mkdir -p bin build/meson-logs
cat >bin/meson <<'END'
#!/bin/bash
# test -C BUILD --no-rebuild [--list | ...]
case " $* " in
*" --list "*) printf 'ninja: no work to do.\nsopsim:net / net-a\nsopsim / lab_b\n' ;;
*" broken "* | *" --suite nosuch "*) exit 1 ;;
*)
	printf '{"name": "a", "result": "OK", "stdout": "100%%: Checks: 3, Failures: 0, Errors: 0"}\n' \
		>build/meson-logs/testlog.json
	;;
esac
END
chmod +x bin/meson
export PATH=$dir/bin:$PATH

# An earlier run, of which nothing may be told.
earlier() {
	printf '{"name": "x", "result": "OK", "stdout": "Checks: 70, Failures: 7, Errors: 0"}\n' \
		>build/meson-logs/testlog.json
}

run() {
	local want=$1
	shift
	earlier
	"$root/tests/run" build "$@" >out 2>said
	rc=$?
	[ $rc -eq "$want" ] || complain "$*: status $rc, not $want: $(cat out said)"
	! grep -q '6[0-9] passed\|7 failed' out said || complain "$*: an earlier run's total: $(cat out)"
}

run 0
grep -qx '3 passed, 0 failed' out || complain "all: $(cat out)"
run 0 net-a --num-processes 1
grep -qx '3 passed, 0 failed' out || complain "one: $(cat out)"
run 0 'net-*'
for name in net-b 'lab_?x' ''; do
	earlier
	expect "'$name'|--list" "$root/tests/run" build net-a "$name"
done
run 0 --list
[ "$(cat out)" = "$(printf 'net-a\nlab_b\n')" ] || complain "--list: $(cat out)"
run 0 --help
grep -q '^Usage' out || complain "--help: $(cat out)"
run 2 --suite nosuch
grep -q 'no test was run' said || complain "nothing: $(cat out said)"
exit $status
