#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sweeps on a cluster: a real Slurm of one node with two processors, private to this test.  What it leaves is
# byte for byte what a local sweep leaves, also when the node dies in the middle.  Usage: slurm.sh SOPSIM ROOT
for command in slurmctld slurmd sbatch squeue scancel sinfo munged; do
	PATH=$PATH:/usr/sbin command -v $command >/dev/null || { echo "skipped: no $command (slurm-wlm, munge)"; exit 77; }
done
. "$(dirname "$0")/expect.sh"
PATH=$PATH:/usr/sbin
host=$(hostname -s)
me=$(id -un)
declare -A daemon

# --- the cluster -----------------------------------------------------------------------------------

end() { # NAME: by its pid
	kill "${daemon[$1]:-0}" 2>/dev/null && wait "${daemon[$1]}" 2>/dev/null
}
down() {
	local pid
	for pid in $(pgrep -f "slurm-task $dir/"); do kill -9 "$pid" 2>/dev/null; done
	end slurmd
	end slurmctld
	end munged
	rm -rf "$dir"
}
trap '{ down; } 2>/dev/null' EXIT

# until_so SECONDS COMMAND...: waits for it to succeed.
until_so() {
	local i
	for ((i = 0; i < $1 * 10; i++)); do
		"${@:2}" >/dev/null 2>&1 && return
		sleep 0.1
	done
	complain "not so within $1 s: ${*:2}"
	return 1
}

start_munged() {
	local as=()
	mkdir -m 711 munge
	head -c 1024 /dev/urandom >munge/key
	chmod 400 munge/key
	# It refuses to be root's.
	if [ "$(id -u)" -eq 0 ]; then
		as=(setpriv --reuid=munge --regid=munge --clear-groups)
		chown -R munge: munge
	fi
	chmod 711 "$dir"
	"${as[@]}" munged --foreground --key-file="$dir/munge/key" --socket="$dir/munge/socket" \
		--pid-file="$dir/munge/pid" --log-file="$dir/munge/log" --seed-file="$dir/munge/seed" &>munged.out &
	daemon[munged]=$!
	until_so 10 test -S munge/socket
}
start_slurmd() {
	slurmd -D -N "$host" &>slurmd.out &
	daemon[slurmd]=$!
}
up() {
	local port=$((20000 + $$ % 20000))
	mkdir state spool
	cat >slurm.conf <<-END
		ClusterName=sopsim
		SlurmctldHost=$host(127.0.0.1)
		SlurmctldPort=$port
		SlurmdPort=$((port + 1))
		AuthType=auth/munge
		AuthInfo=socket=$dir/munge/socket
		SlurmUser=$me
		SlurmdUser=$me
		StateSaveLocation=$dir/state
		SlurmdSpoolDir=$dir/spool
		SlurmctldPidFile=$dir/slurmctld.pid
		SlurmdPidFile=$dir/slurmd.pid
		SlurmctldLogFile=$dir/slurmctld.log
		SlurmdLogFile=$dir/slurmd.log
		ProctrackType=proctrack/pgid
		TaskPlugin=task/none
		SelectType=select/cons_tres
		SelectTypeParameters=CR_CPU
		ReturnToService=2
		SlurmdTimeout=5
		MpiDefault=none
		NodeName=$host NodeAddr=127.0.0.1 CPUs=2
		PartitionName=main Nodes=$host Default=YES State=UP
	END
	export SLURM_CONF=$dir/slurm.conf
	start_munged || return
	slurmctld -D -i &>slurmctld.out &
	daemon[slurmctld]=$!
	start_slurmd
	until_so 30 bash -c 'sinfo -h -o %T | grep -q idle'
}

# --- sweeps ----------------------------------------------------------------------------------------

points=(sweep "$root/scenarios/cards.ini" --vary 'card.count=1,2' --vary 'page.size=1KiB,4KiB,8KiB' --repeat 4)
sweep() { "$sopsim" "${points[@]}" "$@"; }
# same DIR: but for what differs from day to day.
same() { diff -r -x about.json local "$1" || complain "$1 is not what a local sweep leaves"; }
some_runs() { [ "$(find "$1/runs" -name '*.json' | wc -l)" -ge "$2" ]; }
files() { find "$1/runs" -name '*.json' -printf '%i %f\n' | sort; }
idle() { [ -z "$(squeue -h)" ]; }

up || { cat ./*.out ./*.log; exit 1; }
sweep --out local >out 2>said || complain "local: $(cat said)"

# It waits.
sweep --out waits --slurm >out 2>said || complain "--slurm: $(cat said)"
grep -qE '^sopsim sweep: job [0-9]+: 24 runs in 8 tasks$' said || complain "not told: $(cat said)"
same waits
sweep --out waits --slurm >out 2>said || complain "again: $(cat said)"
grep -q 'job' said && complain "nothing was missing, and submitted: $(cat said)"

# It is left, and collected later; what another computer did is not done again.
sweep --out left --slurm --no-wait >out 2>said || complain "--no-wait: $(cat said)"
grep -q '^24 of 24 runs are missing' out || complain "not told: $(cat out)"
[ ! -e left/sweep.csv ] || complain "a table of nothing"
until_so 20 some_runs left 1
sweep --out left --slurm --no-wait >out 2>said || complain "--no-wait again: $(cat said)"
grep -qE '^sopsim sweep: job [0-9]+ is at it' said || complain "submitted twice: $(cat said)"
sweep --out left --slurm --slurm-option=--comment=x >out 2>said || complain "collected: $(cat said)"
same left

# As many replications as it takes: a job a round, the same rounds as here, also when each is only left.
precise=(sweep "$root/scenarios/cards.ini" --vary 'card.count=1,2' --measure type:poisson.requests --precision 3% --repeat 3 --most 9)
"$sopsim" "${precise[@]}" --out local-precise >out 2>said
rc=$?
[ "$(find local-precise/runs -name '*.json' | wc -l)" -gt 6 ] || complain "one round only: $(cat said)"
"$sopsim" "${precise[@]}" --out precise --slurm >out 2>said
[ $? -eq $rc ] || complain "--precision: status is not $rc: $(cat said)"
[ "$(grep -c ': job ' said)" -gt 1 ] || complain "--precision: no second round: $(cat said)"
diff -r -x about.json local-precise precise >out || complain "--precision: not what a local sweep leaves: $(head -5 out)"
for ((i = 0; i < 20; i++)); do
	"$sopsim" "${precise[@]}" --out collected --slurm --no-wait >out 2>said
	grep -q 'are missing' out || break
	until_so 60 idle
done
diff -r -x about.json local-precise collected >out || complain "--precision --no-wait: not what a local sweep leaves: $(head -5 out)"

# The node dies in the middle: its runs are done again when it is back, the others are not.
sweep --out node --slurm >out 2>said &
command=$!
until_so 60 some_runs node 4
for pid in $(pgrep -f "slurm-task $dir/"); do
	kill -9 "$(ps -o ppid= -p "$pid" | tr -d ' ')" "$pid" 2>/dev/null
done
kill -9 "${daemon[slurmd]}"
wait "${daemon[slurmd]}" 2>/dev/null
files node >before
until_so 60 bash -c 'sinfo -h -o %T | grep -q down'
start_slurmd
wait $command || complain "the node died: $(cat said)"
same node
files node | comm -23 before - | grep -q . && complain "runs that had ended were done again"

# Interrupted (Ctrl-C is ignored by what a script leaves in the background): the job is cancelled, what has ended is kept.
"$sopsim" "${points[@]}" --out stopped --slurm >out 2>said &
command=$!
until_so 60 some_runs stopped 4
kill -TERM $command
wait $command
[ $? -eq 2 ] && grep -qE 'interrupted; job [0-9]+ is cancelled, what has ended is kept' said || complain "interrupted: $(cat said)"
until_so 30 idle
sweep --out stopped >out 2>said || complain "the rest here: $(cat said)"
same stopped

# Refused.
expect '--slurm|nonsense' "$sopsim" sweep "$first" --vary lan.loss=0 --out bad --slurm --slurm-option=--nonsense
expect '--slurm: there is no sbatch' env PATH=/nowhere "$sopsim" sweep "$first" --vary lan.loss=0 --out bad --slurm
expect '--no-wait|--slurm' "$sopsim" sweep "$first" --vary lan.loss=0 --out bad --no-wait
expect 'tasks/0|no such file' "$sopsim" slurm-task waits 0
exit $status
