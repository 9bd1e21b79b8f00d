#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The course: of each unit, right answers are right and others are wrong, whoever the student is; a sheet has the same
# bytes each time.  Usage: course.sh SOPSIM ROOT [long], which tries all units with a class of twenty.
. "$(dirname "$0")/expect.sh"
students=1 tried=3
[ "${3:-}" != long ] || students=20 tried='1 2 3 4 5 6'
course() { "$sopsim" course "$@"; }

# What `answers` prints: values, then of each question its name and answer; reasons stand further in.
values() { awk 'NR > 1 && !NF { exit } NR > 1 { print $1, substr($0, 16) }' right.txt; }
answered() { awk 'seen && /^  [^ ]/ { name = $1; sub(/^  [^ ]+ +/, ""); print name "\t" $0 } NR > 1 && !NF { seen = 1 }' right.txt; }

# given FILE: a file of the unit as the student would have written it, with values, and what came with the sheet.
given() {
	local name value script='s|^\(include = .*\)\.ini\.in$|\1.ini|; s|^include = \([a-z]*\.ini\)$|include = unit-\1|; '
	while read -r name value; do
		script+="s|\${$name}|$value|g; "
	done < <(values)
	sed "$script" "$1"
}

# another "UNIT ANSWER" QUESTION: one that is wrong, a number twice too high or another word of the question's.
another() {
	case $2 in
	[0-9.-]*) awk '{ v = $1 ? $1 * 2 : 5; $1 = sprintf("%.6g", v); print }' <<<"$2" ;;
	*) sed -n "s/^\*\*$3\.\*\* .*(one of: \(.*\))\*$/\1/p" unit.md | tr ',' '\n' | sed 's/^ *//' | grep -vxF "$2" | head -1 ;;
	esac
}

# marks FILE STATUS: whether that is the status
marks() {
	local rc=0
	course check "$unit" "$1" --student "$student" >out 2>said || rc=$?
	[ $rc -eq "$2" ]
}

# formulas UNIT: what sums on paper say of the answers, for some questions of each unit.
formulas() {
	awk -v unit="$1" '
		function us(text) { return text * (text ~ /ms$/ ? 1000 : text ~ /ns$/ ? 0.001 : 1) }
		function near(name, sum, share) {
			if ((a[name] - sum) ^ 2 > (share * sum) ^ 2 + 1e-12) print unit, name ": " a[name] ", on paper " sum
		}
		seen && /^  [^ ]/ { a[$1] = $2 + 0 }
		NR > 1 && !NF { seen = 1 }
		NR > 1 && !seen { v[$1] = $2 }
		END {
			if (unit == 1) near("q8", 5.7 + 6.5 * v["cards"], 0.001)
			if (unit == 2) near("q1", v["stacks"] + 3 - 1, 0)
			if (unit == 2) near("q4", v["stacks"], 0)
			if (unit == 3) near("q1", 5.9815 + 0.0011 * v["message"], 0.001)
			if (unit == 3) near("q3", a["q2"] + 8 * (us(v["latency"]) - 0.3), 0.001)
			if (unit == 4) near("q1", 4 * us(v["delay"]) / 1000, 0.01)
			if (unit == 4) near("q5", a["q4"] * 8 / 80000, 0.04)
			if (unit == 5) near("q2", 1e6 / a["q1"], 0.02)
			if (unit == 5) near("q4", 1e6 / a["q3"], 0.04)
			if (unit == 6) near("q1", (us(v["interval"]) - us(v["think"])) / 1000, 0.02)
			if (unit == 6) near("q2", 1e6 / us(v["interval"]), 0.01)
			if (unit == 6) near("q6", us(v["interval"]) / 2000, 0.06)
		}' right.txt
}

# tries UNIT STUDENT: the answers of one student.
tries() {
	local unit=$1 student=$2 name answer n=0
	rm -rf at && mkdir at && cd at || exit 1
	course answers "$unit" --student "$student" >right.txt 2>said || complain "$unit $student: answers: $(cat said)"
	course sheet "$unit" --student "$student" >unit.md 2>said || complain "$unit $student: sheet: $(cat said)"
	course sheet "$unit" --student "$student" --out unit.html >/dev/null 2>said || complain "$unit $student: sheet: $(cat said)"
	! grep -n '\${' unit.md unit-*.ini || complain "$unit $student: a value was left out"
	! sed 's/<code>[^<]*<.code>//g' unit.html | grep -n '[*][*]\|`' || complain "$unit: Markdown was left in the page"
	echo '[answers]' | tee right.ini >wrong.ini
	while IFS=$'\t' read -r name answer; do
		n=$((n + 1))
		case $answer in
		/*.in)
			given "$answer" >"$name.ini"
			given "$(dirname "$answer")/$(sed -n "/^\[question $name\]/,/^\$/s/^wrong = //p" "$(dirname "$answer")/unit.ini")" >"$name-wrong.ini"
			echo "$name = $name.ini" >>right.ini
			echo "$name = $name-wrong.ini" >>wrong.ini
			;;
		*)
			echo "$name = $answer" >>right.ini
			echo "$name = $(another "$unit" "$answer" "$name")" >>wrong.ini
			;;
		esac
	done < <(answered)
	formulas "$unit" | grep . && complain "$unit $student: not what the sums say"
	[ $n -ge 5 ] || complain "$unit $student: $n answers: $(cat right.txt)"
	marks right.ini 0 && [ "$(grep -c ' right$' out)" -eq $((n + 1)) ] || complain "$unit $student: right answers: $(cat out said right.ini)"
	marks wrong.ini 1 && [ "$(grep -c ' wrong: ' out)" -eq $n ] || complain "$unit $student: wrong answers: $(cat out said wrong.ini)"
	cd ..
}

# types UNIT: each command of the sheet that tries() left, as a student types it, does what it is there for.
types() {
	local line n=0
	cd at || exit 1
	ln -s "$root/scenarios" .
	while read -r line; do
		n=$((n + 1))
		bash -c "${line//.\/sopsim/$sopsim}" >out 2>said </dev/null || complain "$1: $line: $(tail -3 said)"
	done < <(sed -n '/course check/d; s/^    \(\.\/sopsim .*\)$/\1/p' unit.md)
	[ $n -ge 3 ] || complain "$1: $n commands"
	cd ..
}

course list >out 2>said || complain "list: $(cat said)"
[ "$(sed -n 's/^    lessons: //p' out | tr ',' '\n' | sed 's/^ *//' | sort | paste -sd' ')" = "$(basename -as .ini "$root"/scenarios/lessons/[0-9]*.ini | paste -sd' ')" ] ||
	complain "a lesson is in no unit: $(cat out)"
[ "$(grep -c '^[1-6]-[a-z-]*: .* questions$' out)" -eq 6 ] || complain "list: $(cat out)"
for unit in $tried; do
	for n in $(seq "$students"); do
		tries "$unit" "Student $n"
	done
	[ "${3:-}" != long ] || types "$unit"
done
[ "$status" -eq 0 ] || exit "$status"
[ "${3:-}" != long ] || exit 0

# --- the same student, the same bytes -----------------------------------------------------------------------

mkdir a b
for dir in a b; do (cd $dir && course sheet 3 --student ' ANA  diaz ' --out unit3.html && course sheet 3 --student 'Ana Diaz' --out unit3.md) >/dev/null || complain "sheet in $dir"; done
diff -r a b || complain 'other bytes of the same student'
[ "$(names a)" = 'unit3-1.svg unit3-2.svg unit3-3.svg unit3-answers.ini unit3-send.ini unit3.html unit3.md' ] || complain "files: $(names a)"
course answers 3 --student 'ANA  DIAZ' | sed 1d >one
course answers 3 --student 'ana diaz' | sed 1d >two
cmp one two || complain 'capitals make another student'
SOPSIM_COURSE_KEY=teacher course answers 3 --student 'ana diaz' | sed 1d >salted
cmp -s one salted && complain 'the key changes nothing'
# Answers that were written down are not written over.
echo 'q1 = 3' >>a/unit3-answers.ini
(cd a && course sheet 3 --student 'Ana Diaz' --out unit3.html) >/dev/null
grep -q '^q1 = 3$' a/unit3-answers.ini || complain 'answers were written over'
python3 -c 'import sys, xml.dom.minidom as x; t = open(sys.argv[1]).read().split("\n", 1)[1]; x.parseString(t)' a/unit3.html || complain 'the page is not well-formed'

# --- hints, units, a class ------------------------------------------------------------------------------------

course check 3 --student ana --answer q1=5.98 >out && complain 'one of eight is all'
grep -q '^  q1    wrong: .* % too low. The copy is missing' out || complain "a hint: $(cat out)"
q3=$(course answers 3 --student ana | awk '$1 == "q3" { print $2 / 1000 }')
course check 3 --student ana --answer "q3=$q3 ms" | grep -q '^  q3    right$' || complain "in ms: $q3"
# On a terminal a sheet says where its files come from.
course sheet 3 --student ana | grep -q 'are called `unit-...` are left by `--out unit.html`\.' || complain 'no word of the files'
course sheet 3 --student ana --out ana.md >/dev/null
grep -q 'are called `ana-...` came with this sheet\.' ana.md || complain 'its files are beside it'
# A question with choices: one word of them is right, another is not.
word=$(course answers 1 --student ana | awk '$1 == "q1" { print $2 }')
course check 1 --student ana --answer "q1=$word" | grep -q '^  q1    right$' || complain "the word $word"
[ "$word" = toe1 ] && word=inet || word=toe1
course check 1 --student ana --answer "q1=$word" | grep -q "^  q1    wrong: not $word" || complain "another word, $word"
# How near is near enough, and that what a student runs is what the course runs.
course check 3 --student ana --answer q4=8.09 --answer q5=1 | grep -q '^  q4    right$' || complain 'q4 off by less than 0.1'
course check 3 --student ana --answer q4=8.11 | grep -q '^  q4    wrong: 1.4 % too high$' || complain 'q4 off by more than 0.1'
(cd a && course sheet 3 --student ana --out ana.md) >/dev/null
q1=$("$sopsim" run a/ana-send.ini | sed -n 's/.*" nic: \(.*\)us$/\1/p')
course check 3 --student ana --answer "q1=$q1" | grep -q '^  q1    right$' || complain "what the student's file says: $q1"
mkdir -p class/Ana class/Bo
printf '# a class\nAna\n\nBo\nCy\n' >class/list
printf '[answers]\nq4 = 8\n' >class/Ana/3-where-a-microsecond-goes.ini
printf '[answers]\nq4 = eight\n' >class/Bo/3-where-a-microsecond-goes.ini
course class class/list 3 >out 2>said || complain "class: $(cat said)"
printf 'student,3-where-a-microsecond-goes,right,asked,percent\nAna,1,1,8,12\nBo,0,0,8,0\nCy,,0,8,0\n' | diff - out || complain 'class'
grep -q "warning: Bo: .*q4: 'eight' is no number" said || complain "class: $(cat said)"

# --- what is refused -------------------------------------------------------------------------------------------

expect "unknown word 'chekc'|did you mean 'check'" "$sopsim" course chekc
expect "--student: missing" "$sopsim" course sheet 3
expect "wrong number" "$sopsim" course sheet --student ana
expect "no unit '17'" "$sopsim" course sheet 17 --student ana
expect '--student: no name' "$sopsim" course sheet 3 --student ' '
expect '--out|.html' "$sopsim" course sheet 3 --student ana --out sheet.pdf
expect "q4|'eight' is no number" "$sopsim" course check 3 --student ana --answer q4=eight
expect "q1|another unit" "$sopsim" course check 3 --student ana --answer q1=4kg
expect "asks no 'q11'|did you mean 'q1'" "$sopsim" course check 3 --student ana --answer q11=4
expect "no '='" "$sopsim" course check 3 --student ana --answer q1
expect 'nothing.ini' "$sopsim" course check 3 nothing.ini --student ana
printf '[questions]\nq1 = 1\n' >other.ini
expect '[questions]|[answers]' "$sopsim" course check 3 other.ini --student ana
printf '[answers]\nq1 = 1\nq1 = 2\n' >twice.ini
expect 'a second time' "$sopsim" course check 3 twice.ini --student ana
expect 'own.ini' "$sopsim" course check 3 --student ana --answer own=own.ini
echo ../up >up
expect '../up' "$sopsim" course class up 3

# --- a unit of one's own ----------------------------------------------------------------------------------------

mkdir mine
printf 'Read.\n\n?q1\n' >mine/sheet.md
cat >mine/unit.ini <<-'END'
	[unit]
	title = Mine
	about = one fetch

	[value rate]
	of = 1Gbit/s, 10Mbit/s, 100Mbit/s

	[run fetch]
	scenario = first.ini
	set = lan.rate=${rate}

	[question q1]
	ask = How long?
	answer = fetch:fetch.total_us / 1000
	unit = ms
	within = 1%
END
course answers mine --student x | grep -q '^  q1    [0-9.]* ms$' || complain 'a unit of my own'
wrong() { # WORDS SED: what is said of a unit that was changed so
	rm -rf bad && cp -r mine bad && sed -i "$2" bad/unit.ini
	expect "$1" "$sopsim" course answers bad --student x
}
wrong 'bad/unit.ini|[value rate] of|two' 's/^of = .*/of = 1s/'
wrong '[question q1] anser|unknown key' 's/^answer/anser/'
wrong "no run 'fecth'" 's/= fetch:/= fecth:/'
wrong "measured no fetch.total" 's/total_us/total/'
wrong "'\${rat}' is no value" 's/{rate}/{rat}/'
wrong '[run fetch]|no_such.ini' 's/first.ini/no_such.ini/'
wrong "missing" '/^title/d'
wrong "unknown group" 's/^\[run fetch\]/[walk fetch]/'
exit "$status"
