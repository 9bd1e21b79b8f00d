/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Locks of real files, which the real kernel keeps, and who waits for one does so in simulated time.
 *
 * What belongs to an open file can be had by way of a duplicate: it is tried until it is had.  Locks of POSIX belong to
 * a process: whether another has one that is in the way is asked until none is, and the call is passed then.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "exec/calls.h"
#include "exec/memory.h"
#include "exec/realfd.h"

static int now(int ret) { return ret < 0 ? -errno : 0; }

int64_t exec_flock(struct thread *t, const uint64_t *arg) {
	struct wait_queue *changes = &t->process->program->machine->changes;
	int op = (int)arg[1], dup, err = 0, cut;

	if (op & (LOCK_NB | LOCK_UN))
		return PASS;
	dup = real_dup(t, (int)arg[0]);
	if (dup < 0)
		return -EBADF;
	cut = wait_event_interruptible(kernel_of(t), changes, false,
	                               (err = now(flock(dup, op | LOCK_NB))) != -EWOULDBLOCK);
	close(dup);
	return cut ? RESTART : err;
}

/* Whether another process's lock is in the way of that. */
static bool is_locked(const struct thread *t, int dup, const struct flock *lock) {
	struct flock found = *lock;

	return fcntl(dup, F_GETLK, &found) == 0 && found.l_type != F_UNLCK &&
	       found.l_pid != t->process->pid;
}

int64_t lock_wait(struct thread *t, const uint64_t *arg) {
	struct wait_queue *changes = &t->process->program->machine->changes;
	bool of_file = arg[1] == F_OFD_SETLKW;
	int dup = real_dup(t, (int)arg[0]), err = 0, cut;
	struct flock lock;

	if (dup < 0)
		return -EBADF;
	if (mem_read(t, arg[2], &lock, sizeof lock))
		cut = 0, err = -EFAULT;
	else if (of_file)
		cut = wait_event_interruptible(kernel_of(t), changes, false,
		                               (err = now(fcntl(dup, F_OFD_SETLK, &lock))) !=
		                                       -EAGAIN);
	else
		cut = wait_event_interruptible(kernel_of(t), changes, false,
		                               !is_locked(t, dup, &lock));
	close(dup);
	return cut ? RESTART : err ? err : of_file ? 0 : PASS;
}
