/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does this machine's kernel lack for real programs?  Tried in a child, which leaves nothing. */
#include <linux/filter.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec/internal.h"

static const char *const needs[] = {
	NULL,
	"a processor of the x86-64 kind",
	"seccomp user notification with WAIT_KILLABLE_RECV (Linux 5.19, and no filter that forbids it)",
	"namespaces of users, processes, mounts and networks",
};

static unsigned char missing_need(void) {
#ifndef __x86_64__
	return 1;
#endif
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = {1, &allow};
	unsigned action = SECCOMP_RET_USER_NOTIF;

	if (unshare(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC |
	            CLONE_NEWUTS) < 0)
		return 3;
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) < 0 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	            SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
	            &program) < 0)
		return 2;
	return 0;
}

const char *exec_lacks(void) {
	static int need = -1;
	int status;
	pid_t pid;

	if (need >= 0)
		return needs[need];
	pid = fork();
	if (pid == 0)
		_exit(missing_need());
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return needs[3];
	need = WIFEXITED(status) && WEXITSTATUS(status) < (int)G_N_ELEMENTS(needs)
	               ? WEXITSTATUS(status)
	               : 2;
	return needs[need];
}
