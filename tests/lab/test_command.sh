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
	printf '{"name": "sopsim:net / net-a", "result": "OK", "duration": 2.5, "stdout": "100%%: Checks: 3, Failures: 0, Errors: 0"}\n' \
		>build/meson-logs/testlog.json
	[ ! -e bad ] || {
		printf '{"name": "sopsim / lab_b", "result": "FAIL", "duration": 10.5, "stdout": "97%%: Checks: 5, Failures: 1, Errors: 1"}\n'
		printf '{"name": "lab_c", "result": "SKIP", "duration": 0.1}\n'
	} >>build/meson-logs/testlog.json
	[ ! -e bad ]
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
tail -1 out | grep -qx '3 passed, 0 failed, 0 skipped, in [0-9]* s' || complain "all: $(cat out)"
run 0 net-a --num-processes 1
tail -1 out | grep -qx '3 passed, 0 failed, 0 skipped, in [0-9]* s' || complain "one: $(cat out)"
run 0 'net-*'
for name in net-b 'lab_?x' ''; do
	earlier
	expect "'$name'|--list" "$root/tests/run" build net-a "$name"
done
run 0 --list
[ "$(cat out)" = "$(printf 'net-a\nlab_b\n')" ] || complain "--list: $(cat out)"
run 0 --help
grep -q '^Usage' out || complain "--help: $(cat out)"
for word in --slow --slowest=x --slowest= -z; do
	earlier
	expect "unknown option '$word'|--help" "$root/tests/run" build $word
done

# What failed and was skipped is named at the end; the slowest on request.
touch bad
run 1 --slowest
[ "$(sed 's/in [0-9]* s$/in some s/' out)" = "$(printf '%s\n' '    10.50 s  lab_b' '     2.50 s  net-a' '     0.10 s  lab_c' \
	'failed: lab_b' 'skipped: lab_c' '6 passed, 2 failed, 1 skipped, in some s')" ] || complain "--slowest: $(cat out)"
run 1 --slowest=1
[ "$(grep -c ' s  ' out)" -eq 1 ] || complain "--slowest=1: $(cat out)"
rm bad

run 2 --suite nosuch
grep -q 'no test was run' said || complain "nothing: $(cat out said)"
exit $status
