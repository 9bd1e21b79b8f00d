/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Programs that read the time stamp counter, to seed something, are not repeatable: it counts real time.
 * With `tsc = simulated` the instruction faults (PR_SET_TSC, set by the launcher), and the simulator, which
 * traces the program's threads, puts simulated time in its place: nanoseconds, as of a processor of 1 GHz.
 *
 * A traced thread also stops where a signal would be delivered, and its end has to be taken note of by the
 * tracer: until then nobody else sees it.  Threads are traced from their first call on; none reads the
 * counter before.
 */
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "exec/tsc.h"

#define STOP_EVENT(status) ((status) >> 16)

void tsc_watch(struct exec *exec, pid_t tid) {
	if (!exec->traced)
		exec->traced = g_hash_table_new(NULL, NULL);
	/* When it has died there is nothing to watch. */
	if (ptrace(PTRACE_SEIZE, tid, 0, 0) == 0)
		g_hash_table_add(exec->traced, GINT_TO_POINTER(tid));
}

bool tsc_watches(const struct exec *exec, pid_t tid) {
	return exec->traced && g_hash_table_contains(exec->traced, GINT_TO_POINTER(tid));
}

/* If it stands at such an instruction, that is done. */
static bool read_counter(const struct exec *exec, pid_t tid) {
	static const unsigned char rdtsc[] = {0x0f, 0x31}, rdtscp[] = {0x0f, 0x01, 0xf9};
	uint64_t now = (uint64_t)(sim_now(exec->sim) / SIM_NS);
	struct user_regs_struct regs;
	unsigned char code[sizeof(long)];
	long word;

	if (ptrace(PTRACE_GETREGS, tid, 0, &regs) < 0)
		return false;
	word = ptrace(PTRACE_PEEKTEXT, tid, regs.rip, 0);
	memcpy(code, &word, sizeof code);
	if (memcmp(code, rdtsc, sizeof rdtsc) == 0) {
		regs.rip += sizeof rdtsc;
	} else if (memcmp(code, rdtscp, sizeof rdtscp) == 0) {
		regs.rip += sizeof rdtscp;
		regs.rcx = 0; /* the processor's number: there is one */
	} else {
		return false;
	}
	regs.rax = (uint32_t)now;
	regs.rdx = now >> 32;
	return ptrace(PTRACE_SETREGS, tid, 0, &regs) == 0;
}

/* It has stopped for another reason than to be stopped. */
static void attend_stop(const struct exec *exec, pid_t tid, int status) {
	int sig = WSTOPSIG(status);

	if (STOP_EVENT(status) == PTRACE_EVENT_STOP && sig != SIGTRAP)
		ptrace(PTRACE_LISTEN, tid, 0, 0); /* stopped as by SIGSTOP: until SIGCONT */
	else if (STOP_EVENT(status) || (sig == SIGSEGV && read_counter(exec, tid)))
		ptrace(PTRACE_CONT, tid, 0, 0);
	else
		ptrace(PTRACE_CONT, tid, 0, sig);
}

void tsc_attend(struct exec *exec) {
	siginfo_t info;
	int status;

	if (!exec->traced)
		return;
	for (;;) {
		info.si_pid = 0;
		/* The simulator has other children: who it is is seen first. */
		if (waitid(P_ALL, 0, &info, WNOHANG | WNOWAIT | WEXITED | WSTOPPED | (int)__WALL) <
		            0 ||
		    !tsc_watches(exec, info.si_pid))
			return;
		if (waitpid(info.si_pid, &status, __WALL | WNOHANG) != info.si_pid)
			return;
		if (WIFSTOPPED(status))
			attend_stop(exec, info.si_pid, status);
		else
			g_hash_table_remove(exec->traced, GINT_TO_POINTER(info.si_pid));
	}
}

bool tsc_stop(struct exec *exec, pid_t tid) {
	int status;

	if (ptrace(PTRACE_INTERRUPT, tid, 0, 0) < 0)
		return false;
	while (waitpid(tid, &status, __WALL) == tid) {
		if (!WIFSTOPPED(status)) {
			g_hash_table_remove(exec->traced, GINT_TO_POINTER(tid));
			return false;
		}
		if (STOP_EVENT(status) == PTRACE_EVENT_STOP)
			return true;
		attend_stop(exec, tid, status);
	}
	return false;
}

void tsc_go_on(pid_t tid) { ptrace(PTRACE_CONT, tid, 0, 0); }
