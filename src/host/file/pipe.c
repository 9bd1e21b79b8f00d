/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What passes between who writes into a pipe and who reads from it, and when does one of them sleep?
 *
 * Only tasks come here, and none of them is preempted in the kernel: what one has done is paid for before
 * another looks.
 */
#include "host/file/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>

#include "host/file/fd.h"
#include "host/file/ring.h"

struct pipe {
	struct wait_queue wait;    /* readers and writers alike */
	struct ring ring;          /* in `bytes` */
	unsigned readers, writers; /* files */
	unsigned waiting_writers;
	char bytes[PIPE_BYTES];
};

static struct pipe *pipe_of(const struct file *file) { return file->private; }

/* --- read ------------------------------------------------------------------------------------- */

/* 0 when there is something to read or nothing will ever be. */
static int wait_to_read(const struct file *file, struct pipe *pipe) {
	if (pipe->ring.len || !pipe->writers)
		return 0;
	if (file->flags & O_NONBLOCK)
		return -EAGAIN;
	return wait_event_interruptible(file->kernel, &pipe->wait, false,
	                                pipe->ring.len || !pipe->writers);
}

/* Who finds writers waiting goes on as long as they fill it (pipe_read()). */
static ssize_t pipe_read(struct file *file, const struct iovec *iov, size_t n) {
	struct kernel *k = file->kernel;
	struct pipe *pipe = pipe_of(file);
	size_t want = iov_length(iov, n), got = 0;
	int err = 0;

	charge(k, COST_PIPE, 0);
	while (got < want) {
		err = wait_to_read(file, pipe);
		if (err || !pipe->ring.len)
			break;
		size_t part = ring_peek(&pipe->ring, iov, n, got, want - got);
		ring_drop(&pipe->ring, part);
		charge(k, COST_COPY_PIPE, part);
		got += part;
		wake_up(k, &pipe->wait);
		if (!pipe->waiting_writers || (file->flags & O_NONBLOCK))
			break;
	}
	return got ? (ssize_t)got : err;
}

/* --- write ------------------------------------------------------------------------------------ */

/* 0 when there is room for so much, or nobody will ever read. */
static int wait_to_write(const struct file *file, struct pipe *pipe, size_t need) {
	int err;

	if (ring_room(&pipe->ring) >= need || !pipe->readers)
		return 0;
	if (file->flags & O_NONBLOCK)
		return -EAGAIN;
	wake_up(file->kernel, &pipe->wait);
	pipe->waiting_writers++;
	err = wait_event_interruptible(file->kernel, &pipe->wait, false,
	                               ring_room(&pipe->ring) >= need || !pipe->readers);
	pipe->waiting_writers--;
	return err;
}

static ssize_t pipe_write(struct file *file, const struct iovec *iov, size_t n) {
	struct kernel *k = file->kernel;
	struct pipe *pipe = pipe_of(file);
	size_t len = iov_length(iov, n), sent = 0, need = len <= PIPE_BYTES ? len : 1;
	int err = 0;

	charge(k, COST_PIPE, 0);
	while (sent < len && !err) {
		err = wait_to_write(file, pipe, need);
		if (!err && !pipe->readers)
			err = -EPIPE;
		if (err)
			break;
		size_t part = ring_put(&pipe->ring, iov, n, sent, len - sent);
		charge(k, COST_COPY_PIPE, part);
		sent += part;
		wake_up(k, &pipe->wait);
	}
	if (sent)
		return (ssize_t)sent;
	if (err == -EPIPE)
		send_sig(k, current_task(k), SIGPIPE);
	return err;
}

/* --- the rest of a file's operations ---------------------------------------------------------- */

/* The same for both ends, as in 2.4. */
static unsigned pipe_poll(struct file *file, struct poll_table *table) {
	struct pipe *pipe = pipe_of(file);
	unsigned mask = pipe->ring.len ? POLLIN | POLLRDNORM : POLLOUT | POLLWRNORM;

	poll_wait(file, &pipe->wait, table);
	if (!pipe->writers)
		mask |= POLLHUP;
	if (!pipe->readers)
		mask |= POLLERR;
	return mask;
}

static int pipe_ioctl(struct file *file, unsigned long cmd, void *arg) {
	if (cmd != FIONREAD)
		return -EINVAL;
	if (!arg)
		return -EFAULT;
	*(int *)arg = (int)pipe_of(file)->ring.len;
	return 0;
}

static void pipe_release(struct file *file) {
	struct pipe *pipe = pipe_of(file);

	(*((file->flags & O_ACCMODE) == O_WRONLY ? &pipe->writers : &pipe->readers))--;
	if (pipe->readers || pipe->writers)
		wake_up_all(file->kernel, &pipe->wait);
	else
		g_slice_free(struct pipe, pipe);
}

static const struct file_operations pipe_file_ops = {
	.read = pipe_read,
	.write = pipe_write,
	.poll = pipe_poll,
	.ioctl = pipe_ioctl,
	.release = pipe_release,
};

bool file_is_pipe(const struct file *file) { return file->ops == &pipe_file_ops; }

/* --- pipe() ----------------------------------------------------------------------------------- */

static int open_end(struct task *me, struct pipe *pipe, int mode) {
	struct file *file = file_new(task_kernel(me), &pipe_file_ops, mode);
	int fd;

	file->private = pipe;
	fd = fd_install(me, file);
	if (fd < 0)
		file_put(file);
	return fd;
}

static int open_ends(struct task *me, int fds[2]) {
	struct pipe *pipe = g_slice_new0(struct pipe);

	wait_queue_init(&pipe->wait);
	pipe->ring = (struct ring){.bytes = pipe->bytes, .size = PIPE_BYTES};
	pipe->readers = pipe->writers = 1;
	fds[0] = open_end(me, pipe, O_RDONLY);
	fds[1] = open_end(me, pipe, O_WRONLY);
	if (fds[0] >= 0 && fds[1] >= 0)
		return 0;
	if (fds[0] >= 0)
		file_put(fd_remove(me, fds[0]));
	return -EMFILE;
}

int sys_pipe(struct task *me, int fds[2]) {
	int err = -EFAULT;

	syscall_enter(me);
	if (fds)
		err = open_ends(me, fds);
	syscall_exit(me);
	return err;
}
