#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# sweep --slurm with stand-ins for Slurm's commands, which run the tasks at once: the same bytes as a local sweep,
# what is missing is submitted again, and what comes to nothing ends.  The test slurm-long has a real one.
. "$(dirname "$0")/expect.sh"
mkdir bin
PATH=$dir/bin:$PATH

stub() { # NAME: a script on standard input
	{ echo '#!/bin/bash'; cat; } >"bin/$1"
	chmod +x "bin/$1"
}
# Runs the array, but for tasks that the file `dead` names, and notes how it was asked.
stub sbatch <<'END'
echo "$@" >>asked
for word; do case $word in --array=0-*) last=${word#--array=0-} ;; esac; done
for ((SLURM_ARRAY_TASK_ID = 0; SLURM_ARRAY_TASK_ID <= last; SLURM_ARRAY_TASK_ID++)); do
	export SLURM_ARRAY_TASK_ID
	grep -qx $SLURM_ARRAY_TASK_ID doomed 2>/dev/null || sh "${!#}" >>tasks.out 2>&1
done
rm -f doomed
echo 17
END
stub squeue </dev/null
stub sinfo <<<'echo 0/1/0/1'
stub scancel <<<'echo "$@" >cancelled'

sweep() { "$sopsim" sweep "$first" --vary file.size=10KiB,20KiB,30KiB --repeat 2 "$@"; }
same() { diff -r -x about.json local "$1" || complain "$1 is not what a local sweep leaves"; }

sweep --out local >out 2>said || complain "local: $(cat said)"
sweep --out all --slurm --slurm-option=--partition=x >out 2>said || complain "--slurm: $(cat said)"
same all
grep -q 'job 17: 6 runs in 4 tasks' said || complain "not told: $(cat said)"
grep -qE -- "--array=0-3 .* --partition=x $dir/all/slurm/job.sh\$" asked || complain "asked: $(cat asked)"
[ "$(wc -l <tasks.out)" -eq 6 ] || complain "tasks: $(cat tasks.out)"

# Two of four tasks die: their runs are submitted again, no others.
printf '1\n2\n' >doomed
rm tasks.out
sweep --out dead --slurm >out 2>said || complain "dead: $(cat said)"
same dead
[ "$(wc -l <tasks.out)" -eq 6 ] && grep -q 'job 17: [23] runs in [23] tasks' said || complain "dead: $(cat said tasks.out)"

# All of them always.
stub sbatch <<<'echo 17'
sweep --out never --slurm >out 2>said
[ $? -eq 2 ] && grep -qE -- '--slurm: 3 jobs in a row brought none of the 6 runs .*allowed: .*/never/slurm/log$' said ||
	complain "never: $(cat said)"
stub squeue <<<'echo RUNNING'
sweep --out left --slurm --no-wait >out 2>said || complain "left: $(cat said)"
grep -q '^6 of 6 runs are missing' out || complain "left: $(cat out)"
sweep --out left --slurm --no-wait >out 2>said || complain "joined: $(cat said)"
grep -q 'job 17 is at it: 6 runs are missing' said || complain "joined: $(cat said)"
sweep --out left --fresh >out 2>said || complain "fresh: $(cat said)"
same left
[ "$(cat cancelled)" = 17 ] || complain "the job of a folder that is begun anew goes on"

# A node with another version; a task that is none.
sweep --out other --slurm --no-wait >out 2>said
sed -i 's/"version" : "[^"]*"/"version" : "0"/' other/slurm/todo/*.json
expect 'another version' "$sopsim" slurm-task other 0
expect 'tasks/9|no such file' "$sopsim" slurm-task other 9
expect 'nowhere' "$sopsim" slurm-task nowhere 0
expect "'x'" "$sopsim" slurm-task other x
expect '--no-wait|--slurm' "$sopsim" sweep "$first" --vary lan.loss=0 --out bad --no-wait
expect '--slurm-option|--slurm' "$sopsim" sweep "$first" --vary lan.loss=0 --out bad --slurm-option=x
expect '--slurm|--untrusted' "$sopsim" sweep "$first" --vary lan.loss=0 --out bad --slurm --untrusted
expect '--slurm|--stop-at-failure' "$sopsim" sweep "$first" --vary lan.loss=0 --out bad --slurm --stop-at-failure
exit $status
