/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ppoll(), pselect() and epoll_pwait() wait under a mask of their own, and the signal that ends them may be one
 * that only this mask lets through.  The real kernel would swap masks, take the signal and have the handler's
 * return put the old mask back, all in one.  The call is simulated, so we do it: the thread is traced for a moment,
 * stopped on its way out of the call and given the call's mask; the real kernel then delivers the signal;
 * and in what it has laid on the stack for the handler's return stands the mask that is to come back.
 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <ucontext.h>

#include "exec/mask.h"
#include "exec/memory.h"
#include "exec/notify.h"
#include "exec/status.h"
#include "exec/tsc.h"

/* From where the stack stands as a handler begins: behind its return address lies what is restored. */
#define SAVED_MASK (sizeof(uint64_t) + offsetof(ucontext_t, uc_sigmask))

static bool stopped(pid_t tid, int *status) {
	return waitpid(tid, status, __WALL) == tid && WIFSTOPPED(*status);
}

static bool set_mask(pid_t tid, uint64_t mask) {
	return ptrace(PTRACE_SETSIGMASK, tid, sizeof mask, &mask) == 0;
}

/* Lets the real kernel deliver what is pending, up to the first handler's first instruction: whether there is
 * one.  *alive: the thread is stopped there, or where it would have gone on. */
static bool deliver(const struct thread *t, bool *alive) {
	int status, sig = 0;
	bool caught = false;

	while (ptrace(PTRACE_SINGLESTEP, t->tid, 0, sig) == 0 && stopped(t->tid, &status)) {
		g_autofree char *text = status_text(t->process->pid, t->tid);

		*alive = true;
		sig = WSTOPSIG(status);
		if (sig == SIGTRAP)
			return caught;
		caught = text && status_mask(text, "\nSigCgt:") & UINT64_C(1)
		                                                          << ((unsigned)sig - 1);
		*alive = false;
	}
	return false;
}

/* The thread stands on its way out of the call. */
static void take_signal(const struct thread *t, uint64_t own) {
	struct user_regs_struct regs;
	bool alive = true, handled = set_mask(t->tid, t->mask) && deliver(t, &alive);

	if (!alive)
		return;
	if (handled && ptrace(PTRACE_GETREGS, t->tid, 0, &regs) == 0)
		mem_write(t, regs.rsp + SAVED_MASK, &own, sizeof own);
	else
		set_mask(t->tid, own);
	if (tsc_watches(exec_of(t), t->tid))
		tsc_go_on(t->tid);
	else
		ptrace(PTRACE_DETACH, t->tid, 0, 0);
}

void answer_interrupted(struct thread *t) {
	bool watched = tsc_watches(exec_of(t), t->tid);
	g_autofree char *text = status_text(t->process->pid, t->tid);
	bool traced = text && (watched || ptrace(PTRACE_SEIZE, t->tid, 0, 0) == 0) &&
	              ptrace(PTRACE_INTERRUPT, t->tid, 0, 0) == 0;
	int status;

	answer_value(t, -EINTR);
	t->doubted = true; /* the signal may end it */
	if (traced && stopped(t->tid, &status))
		take_signal(t, status_mask(text, "\nSigBlk:"));
}
