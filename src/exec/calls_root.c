/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What root may do on the simulated machine and nobody here does: it is answered, but not without a look at what it was
 * asked for.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec/calls.h"
#include "exec/memory.h"
#include "exec/realfd.h"
#include "exec/signals.h"

#define PATH_MOST 4096U

/* --- paths ---------------------------------------------------------------------------------------- */

char *path_from_here(const struct thread *t, int dir, const char *path) {
	if (*path == '/')
		return g_strdup_printf("/proc/%d/root%s", t->process->pid, path);
	if (dir == AT_FDCWD)
		return g_strdup_printf("/proc/%d/cwd/%s", t->process->pid, path);
	return g_strdup_printf("/proc/%d/fd/%d/%s", t->process->pid, dir, path);
}

/* --- processors --------------------------------------------------------------------------------- */

/* Whether a thread is meant that there is; 0 means who asks. */
static int64_t look_for_thread(const struct thread *t, uint64_t pid) {
	if ((int)pid < 0)
		return -EINVAL;
	return (int)pid == 0 || signals_outer(t, (pid_t)pid) ? 0 : -ESRCH;
}

/* The machine has one processor. */
int64_t exec_sched_getaffinity(struct thread *t, const uint64_t *arg) {
	uint64_t first = 1;
	int64_t err = look_for_thread(t, arg[0]);

	if (err)
		return err == -EINVAL ? -ESRCH : err;
	if (arg[1] < sizeof first)
		return -EINVAL;
	return mem_write(t, arg[2], &first, sizeof first) ? -EFAULT : (int64_t)sizeof first;
}

int64_t exec_sched_setaffinity(struct thread *t, const uint64_t *arg) {
	int64_t err = look_for_thread(t, arg[0]);
	unsigned char first = 0;

	if (err)
		return err == -EINVAL ? -ESRCH : err;
	if (arg[1] && mem_read(t, arg[2], &first, 1))
		return -EFAULT;
	return first & 1 ? 0 : -EINVAL;
}

int64_t exec_sched_setscheduler(struct thread *t, const uint64_t *arg) {
	return look_for_thread(t, arg[0]);
}

int64_t exec_sched_setparam(struct thread *t, const uint64_t *arg) {
	return look_for_thread(t, arg[0]);
}
