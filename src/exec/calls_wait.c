/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls that wait for several descriptors: simulated and real ones alike, by their poll operations. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "exec/calls.h"
#include "exec/memory.h"
#include "exec/realfd.h"
#include "exec/signals.h"

#define EVENTS_MOST 4096U

/* In milliseconds as sys_poll() takes them, parts of one counted as one; -1: for ever. */
static int milliseconds(sim_time time) {
	return time > INT_MAX * SIM_MS ? -1 : (int)((time + SIM_MS - 1) / SIM_MS);
}

static int read_mask(struct thread *t, uint64_t addr) {
	if (!addr)
		return 0;
	t->masked = true;
	if (mem_read(t, addr, &t->mask, sizeof t->mask))
		return -EFAULT;
	/* It may have been pending for long. */
	if (signal_due(t))
		task_interrupt(t->task);
	return 0;
}

/* Under a mask of its own it is ended by another answer than others. */
static int64_t masked(struct thread *t, int64_t ret) {
	t->swapped = ret == -EINTR && t->masked;
	return ret;
}

/* --- poll ----------------------------------------------------------------------------------------- */

static int64_t poll_for(struct thread *t, uint64_t addr, uint64_t n, int timeout) {
	struct pollfd *fds;
	int64_t ret;

	if (n > kernel_of(t)->conf.max_files)
		return -EINVAL;
	fds = mem_buffer(t, n * sizeof *fds);
	if (mem_read(t, addr, fds, n * sizeof *fds))
		return -EFAULT;
	for (uint64_t i = 0; i < n; i++)
		file_at(t, fds[i].fd);
	ret = sys_poll(t->task, fds, (unsigned)n, timeout);
	if (ret >= 0 && mem_write(t, addr, fds, n * sizeof *fds))
		return -EFAULT;
	return ret;
}

int64_t exec_poll(struct thread *t, const uint64_t *arg) {
	return poll_for(t, arg[0], (unsigned)arg[1], (int)arg[2]);
}

int64_t exec_ppoll(struct thread *t, const uint64_t *arg) {
	sim_time time = SIM_NEVER;
	int err = arg[2] ? read_timespec(t, arg[2], &time) : 0;

	if (!err)
		err = read_mask(t, arg[3]);
	return err < 0 ? err : masked(t, poll_for(t, arg[0], arg[1], milliseconds(time)));
}

/* --- select ------------------------------------------------------------------------------------------ */

#define SETS 3

static int sets_in(struct thread *t, unsigned n, const uint64_t *addr, fd_set *set[SETS],
                   unsigned long *words) {
	size_t bytes = (n + 63) / 64 * 8;

	for (int s = 0; s < SETS; s++, words += bytes / 8) {
		set[s] = addr[s] ? (fd_set *)words : NULL;
		if (addr[s] && mem_read(t, addr[s], words, bytes))
			return -EFAULT;
		for (unsigned fd = 0; set[s] && fd < n; fd++)
			if (words[fd / 64] >> (fd % 64) & 1)
				file_at(t, (int)fd);
	}
	return 0;
}

/* `addr` are the addresses of the sets; *tv NULL: for ever, and what is left of it goes to `tv_at` (0: nowhere). */
static int64_t select_for(struct thread *t, uint64_t n64, const uint64_t *addr, struct timeval *tv,
                          uint64_t tv_at) {
	unsigned n = MIN((unsigned)n64, MAX(kernel_of(t)->conf.max_files, 1024U));
	size_t bytes = (n + 63) / 64 * 8;
	/* The table may be larger than what was asked for. */
	g_autofree unsigned long *words = g_new0(unsigned long, SETS *bytes / 8 + 64);
	struct mem_piece pieces[SETS + 1];
	fd_set *set[SETS];
	int64_t ret;

	if ((int)n64 < 0)
		return -EINVAL;
	ret = sets_in(t, n, addr, set, words);
	if (ret == 0)
		ret = sys_select(t->task, (int)n, set[0], set[1], set[2], tv);
	for (int s = 0; s < SETS; s++)
		pieces[s] = (struct mem_piece){addr[s], set[s], addr[s] ? bytes : 0};
	pieces[SETS] = (struct mem_piece){tv_at, tv, tv_at ? sizeof *tv : 0};
	return ret >= 0 && mem_write_pieces(t, pieces, G_N_ELEMENTS(pieces)) ? -EFAULT : ret;
}

int64_t exec_select(struct thread *t, const uint64_t *arg) {
	struct timeval tv;

	if (arg[4] && mem_read(t, arg[4], &tv, sizeof tv))
		return -EFAULT;
	return select_for(t, arg[0], arg + 1, arg[4] ? &tv : NULL, arg[4]);
}

int64_t exec_pselect6(struct thread *t, const uint64_t *arg) {
	sim_time time = SIM_NEVER;
	uint64_t mask[2] = {0}; /* where it is, and its size */
	struct timeval tv;
	int err = arg[4] ? read_timespec(t, arg[4], &time) : 0;

	if (!err && arg[5])
		err = mem_read(t, arg[5], mask, sizeof mask);
	if (!err)
		err = read_mask(t, mask[0]);
	if (err < 0)
		return err;
	tv = (struct timeval){time / SIM_S, (time % SIM_S + SIM_US - 1) / SIM_US};
	return masked(t, select_for(t, arg[0], arg + 1, arg[4] ? &tv : NULL, 0));
}

/* --- epoll -------------------------------------------------------------------------------------------- */

static int64_t epoll_new(struct thread *t, int size, bool cloexec) {
	int fd;

	t->cloexec = cloexec;
	fd = sys_epoll_create(t->task, size);
	if (fd >= 0)
		fd_set_cloexec(t->task, fd, cloexec);
	return fd;
}

int64_t exec_epoll_create(struct thread *t, const uint64_t *arg) {
	return epoll_new(t, (int)arg[0], false);
}

int64_t exec_epoll_create1(struct thread *t, const uint64_t *arg) {
	return arg[0] & ~(uint64_t)EPOLL_CLOEXEC ? -EINVAL : epoll_new(t, 1, arg[0]);
}

int64_t exec_epoll_ctl(struct thread *t, const uint64_t *arg) {
	struct epoll_event event;
	const struct file *file = file_at(t, (int)arg[2]);

	if (file && file_is_real(file) && !real_can_wait(file))
		return -EPERM;            /* a regular file */
	if ((int)arg[1] == EPOLL_CTL_DEL) /* takes none */
		return sys_epoll_ctl(t->task, (int)arg[0], (int)arg[1], (int)arg[2], NULL);
	if (arg[3] && mem_read(t, arg[3], &event, sizeof event))
		return -EFAULT;
	return sys_epoll_ctl(t->task, (int)arg[0], (int)arg[1], (int)arg[2],
	                     arg[3] ? &event : NULL);
}

int64_t exec_epoll_wait(struct thread *t, const uint64_t *arg) {
	struct epoll_event *events;
	int64_t ret;

	if ((int)arg[2] < 1)
		return -EINVAL;
	events = mem_buffer(t, EVENTS_MOST * sizeof *events);
	ret = sys_epoll_wait(t->task, (int)arg[0], events, MIN((int)arg[2], (int)EVENTS_MOST),
	                     (int)arg[3]);
	if (ret > 0 && mem_write(t, arg[1], events, (size_t)ret * sizeof *events))
		return -EFAULT;
	return ret;
}

int64_t exec_epoll_pwait2(struct thread *t, const uint64_t *arg) {
	sim_time time = SIM_NEVER;
	int err = arg[3] ? read_timespec(t, arg[3], &time) : 0;
	uint64_t in_ms[4] = {arg[0], arg[1], arg[2], (uint64_t)milliseconds(time)};

	if (!err)
		err = read_mask(t, arg[4]);
	return err < 0 ? err : masked(t, exec_epoll_wait(t, in_ms));
}

int64_t exec_epoll_pwait(struct thread *t, const uint64_t *arg) {
	int err = read_mask(t, arg[4]);

	return err < 0 ? err : masked(t, exec_epoll_wait(t, arg));
}
