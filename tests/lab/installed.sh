#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# An installed program needs neither the build nor the sources: its scenarios come with it, and the tree
# may be moved.
#
#     installed.sh SOPSIM SOURCE BUILD
. "$(dirname "$0")/expect.sh"
build=$(readlink -f "$3")

# What is built is installed: nothing is built here, since other tests run.
DESTDIR=$dir/stage meson install -C "$build" --no-rebuild --quiet >said 2>&1 || {
	complain "meson install: $(cat said)"
	exit 1
}
prefix=$(dirname "$(dirname "$(find "$dir/stage" -path '*/bin/sopsim')")")
mv "$prefix" "$dir/moved" && rm -rf "$dir/stage"
share=$dir/moved/share/sopsim
pages=$dir/moved/share/doc/sopsim
installed=$dir/moved/bin/sopsim
mkdir empty && cd empty || exit 1

# The whole of it.
for name in scenarios docs results/reference; do
	diff -rq -x site -x about.json -x results.csv -x sweep.json -x runs "$root/$name" "$pages/$name" ||
		complain "$name is not what was installed"
done
for name in README.md CHANGELOG.md CONTRIBUTING.md LICENSE; do
	cmp "$root/$name" "$pages/$name" || complain "$name is not what was installed"
done
[ -x "$installed" ] && "$installed" --version | grep -q '^sopsim ' || complain "no program"
[ -s "$dir/moved/share/man/man1/sopsim.1" ] || complain "no manual page"
[ -s "$dir/moved/share/bash-completion/completions/sopsim.bash" ] || complain "bash cannot complete"

# --- its scenarios, from a folder that has none --------------------------------------------------------

"$installed" run "$share/scenarios/first.ini" >out 2>said || complain "first.ini: $(cat said)"
cp "$root/scenarios/first.ini" mine.ini
"$installed" run mine.ini >mine 2>said || complain "include = server.ini: $(cat said)"
cmp <(sed 1d out) <(sed 1d mine) || complain "another run than that of first.ini"
"$installed" run mine.ini --untrusted >mine 2>said || complain "a stranger's include = server.ini: $(cat said)"
printf '[scenario]\ninclude = lessons/machine.ini\n' >deeper.ini
"$installed" params deeper.ini >out 2>said || complain "include = lessons/machine.ini: $(cat said)"
# A sheet of the course says how an installed program is called, and where its scenarios are.
"$installed" course sheet 1 --student ana --out unit.md >out 2>said || complain "course sheet: $(cat said)"
sed -n '/course check/d; s/^    \(sopsim .*\)$/\1/p' unit.md >typed
[ "$(wc -l <typed)" -ge 4 ] || complain "few commands: $(cat unit.md)"
while read -r line; do
	PATH=$dir/moved/bin:$PATH bash -c "$line" >out 2>said </dev/null || complain "$line: $(cat said)"
done <typed
# Moved means moved: it is these files that are read.
sed -i 's/^\(latency .*| \)host bridge/\1of the moved tree, host bridge/' "$share/scenarios/server.ini"
"$installed" params mine.ini | grep -q '^pci0.latency .*of the moved tree' || complain "another server.ini was read"
# What lies beside the including file comes first.
cp "$root/scenarios/server.ini" .
"$installed" params mine.ini | grep -q 'of the moved tree' && complain "the file beside was not read"
rm server.ini

# An existing file wins; otherwise the installed one is named.
for name in two-cards.ini scenarios/two-cards.ini; do
	expect "two-cards.ini|$share/scenarios/two-cards.ini" "$installed" run "$name"
done
expect 'nowhere.ini|No such file' "$installed" run nowhere.ini
printf '[scenario]\ninclude = nowhere.ini\n' >lost.ini
expect "lost.ini|nowhere.ini|$share/scenarios" "$installed" run lost.ini
# Above the scenarios is nothing of theirs.
printf '[a]\nb = 1\n' >"$share/above.ini"
printf '[scenario]\ninclude = ../above.ini\n' >climber.ini
expect 'climber.ini|../above.ini' "$installed" run climber.ini --untrusted
ln -s ../above.ini "$share/scenarios/link.ini"
printf '[scenario]\ninclude = link.ini\n' >linked.ini
expect '--untrusted' "$installed" run linked.ini --untrusted

# --- what needs no FILE --------------------------------------------------------------------------------

"$installed" explain send >out 2>said || complain "explain: $(cat said)"
grep -q sop out || complain "explain printed: $(head -5 out)"
"$installed" reproduce --quick --jobs 2 >out 2>said || complain "reproduce: $(cat said)"
"$installed" check --against "$share/results/reference/quick" results/quick >out 2>said ||
	complain "not the figures that were installed: $(cat out said)"
# Without its scenarios it does not take those of the sources.
mv "$share/scenarios" "$share/gone"
expect 'paper.ini|cannot be read' "$installed" explain send
exit $status
