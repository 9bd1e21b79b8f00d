/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A process may give another a descriptor, in a message of an AF_UNIX socket, which is real.  All simulated files have
 * the same placeholder in the real table, so it would not say which is meant.  The simulator sends such a message
 * itself, with a token for each (handed.c).  In the table of who has received it a placeholder takes the token's place,
 * and the file is put beside.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "exec/hand.h"
#include "exec/handed.h"
#include "exec/memory.h"
#include "exec/notify.h"
#include "exec/realfd.h"
#include "exec/table.h"

#define CONTROL_MOST 4096U
#define FDS_MOST 253U /* the real kernel's SCM_MAX_FD */

/* What of a message's control data is here. */
struct control {
	struct msghdr msg; /* of it msg_control and msg_controllen alone */
	char bytes[CONTROL_MOST] __attribute__((aligned(8)));
};

static int read_control(const struct thread *t, const struct msghdr *theirs, struct control *to) {
	to->msg = (struct msghdr){.msg_control = to->bytes,
	                          .msg_controllen = MIN(theirs->msg_controllen, CONTROL_MOST)};
	return mem_read(t, (uint64_t)theirs->msg_control, to->bytes, to->msg.msg_controllen);
}

/* The descriptors in one piece of control data: how many there are. */
static size_t descriptors(struct cmsghdr *c, int **fds) {
	*fds = (int *)CMSG_DATA(c);
	if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
		return 0;
	return (c->cmsg_len - CMSG_LEN(0)) / sizeof **fds;
}

/* --- sending ---------------------------------------------------------------------------------- */

bool hand_is_needed(const struct thread *t, const struct msghdr *theirs) {
	struct control control;
	int *fds;

	if (read_control(t, theirs, &control))
		return false;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&control.msg); c; c = CMSG_NXTHDR(&control.msg, c))
		for (size_t i = descriptors(c, &fds); i-- > 0;) {
			const struct file *file = fd_file(t->task, fds[i]);

			if (file && !file_is_real(file))
				return true;
		}
	return false;
}

/* In place of the program's descriptors there are ours, which are to be closed: 0, or -errno. */
static int exchange(const struct thread *t, struct control *control, int *ours, size_t *n) {
	int *fds;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(&control->msg); c;
	     c = CMSG_NXTHDR(&control->msg, c)) {
		size_t all = descriptors(c, &fds);

		if (all == 0)
			return -EPERM; /* credentials: the simulator's would go */
		for (size_t i = 0; i < all; i++) {
			struct file *file = fd_file(t->task, fds[i]);
			int fd = file && !file_is_real(file) ? handed_token(exec_of(t), file)
			                                     : real_dup(t, fds[i]);

			if (fd < 0 || *n == FDS_MOST)
				return fd < 0 ? -EBADF : -EINVAL;
			fds[i] = ours[(*n)++] = fd;
		}
	}
	return 0;
}

static int64_t send_waiting(struct thread *t, struct file *file, const struct msghdr *msg,
                            int flags) {
	bool waits = !(flags & MSG_DONTWAIT) && !real_never_blocks(file, O_WRONLY);
	ssize_t sent;

	do {
		if (waits && real_wait(t, file, POLLOUT))
			return RESTART;
		sent = sendmsg(real_own(file), msg, flags | MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (sent < 0 && errno == EAGAIN && waits);
	if (sent < 0)
		sent = -errno;
	if (sent == -EPIPE && !(flags & MSG_NOSIGNAL))
		send_sig(kernel_of(t), t->task, SIGPIPE);
	return sent;
}

int64_t hand_over(struct thread *t, struct file *file, const struct msghdr *theirs, int flags) {
	g_autofree struct iovec *iov = NULL;
	struct control control;
	struct sockaddr_storage name;
	size_t n = 0, name_len = MIN(theirs->msg_namelen, sizeof name);
	int ours[FDS_MOST];
	ssize_t len = mem_vector(t, (uint64_t)theirs->msg_iov, theirs->msg_iovlen, &iov);
	int64_t ret;

	if (len < 0)
		return len;
	if (read_control(t, theirs, &control) ||
	    mem_gather(t, iov, theirs->msg_iovlen, mem_buffer(t, (size_t)len), (size_t)len) ||
	    (theirs->msg_name && mem_read(t, (uint64_t)theirs->msg_name, &name, name_len)))
		return -EFAULT;
	control.msg.msg_iov = &(struct iovec){t->buffer, (size_t)len};
	control.msg.msg_iovlen = 1;
	control.msg.msg_name = theirs->msg_name ? &name : NULL;
	control.msg.msg_namelen = theirs->msg_name ? (socklen_t)name_len : 0;
	ret = exchange(t, &control, ours, &n);
	file_get(file);
	if (ret == 0)
		ret = send_waiting(t, file, &control.msg, flags);
	real_used(file);
	file_put(file);
	while (n > 0)
		close(ours[--n]);
	real_look(exec_of(t));
	return ret;
}

/* --- receiving -------------------------------------------------------------------------------- */

void hand_expect(struct thread *t, int flags) {
	t->expects = exec_of(t)->handed;
	t->expects_cloexec = flags & MSG_CMSG_CLOEXEC;
}

/* The file that a token stands for is put there, and a placeholder. */
static void take_one(struct thread *t, int fd, struct file *file) {
	struct file *old;

	if (place(t, fd, t->expects_cloexec) < 0)
		return;
	file_get(file);
	if (fd_install_at(t->task, fd, file, &old) < 0)
		file_put(file);
	else
		fd_set_cloexec(t->task, fd, t->expects_cloexec);
}

/* What was told of them in the program's memory may be there no more: so all that it has is looked at. */
void hand_take(struct thread *t) {
	g_autofree char *path = g_strdup_printf("/proc/%d/fd", t->tid);
	g_autoptr(GArray) fds = g_array_new(FALSE, FALSE, sizeof(int));
	DIR *dir = opendir(path);
	const struct dirent *entry;
	struct stat st;
	int at;

	t->expects = false;
	if (!dir)
		return;
	at = dirfd(dir);
	while ((entry = readdir(dir))) {
		int fd = atoi(entry->d_name);

		if (g_ascii_isdigit(*entry->d_name) && !fd_file(t->task, fd))
			g_array_append_val(fds, fd);
	}
	for (guint i = 0; i < fds->len; i++) {
		int fd = g_array_index(fds, int, i);
		g_autofree char *name = g_strdup_printf("%d", fd);
		struct file *file = NULL;

		if (at >= 0 && fstatat(at, name, &st, 0) == 0 && S_ISSOCK(st.st_mode))
			file = handed_file(exec_of(t), st.st_ino);
		if (file)
			take_one(t, fd, file);
	}
	closedir(dir);
	handed_look(exec_of(t));
}
