/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * To open a FIFO one waits for somebody who opens its other end.
 *
 * That is done in simulated time; so that the real calls do not wait for each other, the simulator has both ends open
 * itself while they are made.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec/calls.h"
#include "exec/memory.h"
#include "exec/notify.h"
#include "exec/realfd.h"

/* Who waits for its other end. */
struct opener {
	dev_t device;
	ino_t number;
	bool reads, met;
	struct wait_queue queue;
	int both; /* ends of it, which are ours until it is open; -1: none */
};

/* Whether somebody has the end open that who reads (or writes) waits for. */
static bool is_met(const char *path, bool reads) {
	int reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), writer;
	struct pollfd pfd = {reader, 0, 0};
	bool met;

	if (!reads && reader >= 0) {
		close(reader); /* or it would be the one that is looked for */
		reader = -1;
	}
	/* A writer that comes and goes leaves POLLHUP if it was the only one. */
	writer = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	met = writer >= 0;
	if (writer >= 0)
		close(writer);
	if (reads)
		met = reader >= 0 && poll(&pfd, 1, 0) == 0;
	if (reader >= 0)
		close(reader);
	return met;
}

static struct opener *other_end(const struct exec *exec, const struct opener *opener) {
	for (GList *link = exec->openers; link; link = link->next) {
		struct opener *other = link->data;

		if (other->device == opener->device && other->number == opener->number &&
		    other->reads != opener->reads && !other->met)
			return other;
	}
	return NULL;
}

/* Passes the call, which finds both ends open. */
static int64_t open_passed(struct thread *t, int both) {
	answer_pass(t);
	thread_await(t);
	if (both >= 0)
		close(both);
	real_look(exec_of(t));
	return 0;
}

int64_t fifo_open(struct thread *t, int dir, const char *path, int flags) {
	g_autofree char *from_here = path_from_here(t, dir, path);
	struct exec *exec = exec_of(t);
	struct opener me = {.reads = (flags & O_ACCMODE) == O_RDONLY, .both = -1}, *other;
	struct stat st;
	int cut = 0;

	if (!exec->fifos || flags & (O_NONBLOCK | O_PATH) || (flags & O_ACCMODE) == O_RDWR ||
	    stat(from_here, &st) < 0 || !S_ISFIFO(st.st_mode))
		return PASS;
	me.device = st.st_dev;
	me.number = st.st_ino;
	other = other_end(exec, &me);
	if (other) {
		other->met = true;
		other->both = open(from_here, O_RDWR | O_CLOEXEC);
		wake_up(kernel_of(t), &other->queue);
	} else if (!is_met(from_here, me.reads)) {
		wait_queue_init(&me.queue);
		exec->openers = g_list_append(exec->openers, &me);
		cut = wait_event_interruptible(kernel_of(t), &me.queue, false, me.met);
		exec->openers = g_list_remove(exec->openers, &me);
	}
	return me.met || !cut ? open_passed(t, me.both) : RESTART;
}
