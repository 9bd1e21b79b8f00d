/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls that send and receive, on simulated sockets and on real ones. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "exec/calls.h"
#include "exec/hand.h"
#include "exec/memory.h"
#include "exec/realfd.h"
#include "exec/table.h"

#define CONTROL_MOST 1024U
#define MESSAGES_MOST 1024U

/* --- sending ------------------------------------------------------------------------------------ */

static int64_t send_bytes(struct thread *t, int fd, const struct iovec *theirs, uint64_t n,
                          size_t len, const struct msghdr *to, int flags) {
	struct iovec iov = {mem_buffer(t, len), len};
	struct msghdr msg = *to;

	if (mem_gather(t, theirs, n, iov.iov_base, len))
		return -EFAULT;
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	return restartable(sys_sendmsg(t->task, fd, &msg, flags));
}

/* On a real socket.  With an address or control data it is a message, which waits until there is room;
 * else bytes, which may be more than there ever is room for. */
static int64_t send_real(struct thread *t, struct file *file, int flags, bool message,
                         const struct iovec *iov, uint64_t n, ssize_t len) {
	if (flags & MSG_DONTWAIT || real_never_blocks(file, O_WRONLY))
		return PASS;
	if (!message && len >= 0)
		return real_write(t, file, iov, n, (size_t)len);
	return real_wait(t, file, POLLOUT) ? RESTART : PASS;
}

int64_t exec_sendto(struct thread *t, const uint64_t *arg) {
	struct iovec theirs = {(void *)arg[1], (size_t)arg[2]};
	struct msghdr msg = {0};
	struct addr a = {.len = 0};
	int64_t ret;

	if (!socket_at(t, arg[0], &ret))
		return ret != PASS ? ret
		                   : send_real(t, file_at(t, (int)arg[0]), (int)arg[3], arg[4],
		                               &theirs, 1, (ssize_t)theirs.iov_len);
	if (arg[4]) {
		ret = addr_in(t, arg[4], arg[5], &a);
		if (ret < 0)
			return ret;
		msg.msg_name = NAME(a);
		msg.msg_namelen = (socklen_t)a.len;
	}
	return send_bytes(t, (int)arg[0], &theirs, 1, theirs.iov_len, &msg, (int)arg[3]);
}

static int64_t sendmsg_real(struct thread *t, const uint64_t *arg) {
	g_autofree struct iovec *iov = NULL;
	struct msghdr theirs;
	ssize_t len;

	if (mem_read(t, arg[1], &theirs, sizeof theirs))
		return -EFAULT;
	if (theirs.msg_controllen && hand_is_needed(t, &theirs))
		return hand_over(t, file_at(t, (int)arg[0]), &theirs, (int)arg[2]);
	len = mem_vector(t, (uint64_t)theirs.msg_iov, theirs.msg_iovlen, &iov);
	return send_real(t, file_at(t, (int)arg[0]), (int)arg[2],
	                 theirs.msg_controllen || theirs.msg_name, iov, theirs.msg_iovlen, len);
}

/* The head of a message that is at `at`, and where its bytes lie; how many those are. */
static ssize_t message_at(struct thread *t, uint64_t at, struct msghdr *theirs,
                          struct iovec **iov) {
	if (mem_read(t, at, theirs, sizeof *theirs))
		return -EFAULT;
	return mem_vector(t, (uint64_t)theirs->msg_iov, theirs->msg_iovlen, iov);
}

/* One message of the program's, which is at `at`. */
static int64_t send_one(struct thread *t, int fd, uint64_t at, int flags) {
	g_autofree struct iovec *iov = NULL;
	struct msghdr theirs, msg = {0};
	struct addr a = {.len = 0};
	ssize_t len;

	len = message_at(t, at, &theirs, &iov);
	if (len < 0)
		return len;
	if (theirs.msg_name && theirs.msg_namelen) {
		int err = addr_in(t, (uint64_t)theirs.msg_name, theirs.msg_namelen, &a);
		if (err < 0)
			return err;
		msg.msg_name = NAME(a);
		msg.msg_namelen = (socklen_t)a.len;
	}
	return send_bytes(t, fd, iov, theirs.msg_iovlen, (size_t)len, &msg, flags);
}

int64_t exec_sendmsg(struct thread *t, const uint64_t *arg) {
	int64_t ret;

	if (!socket_at(t, arg[0], &ret))
		return ret == PASS ? sendmsg_real(t, arg) : ret;
	return send_one(t, (int)arg[0], arg[1], (int)arg[2]);
}

int64_t exec_sendmmsg(struct thread *t, const uint64_t *arg) {
	uint64_t at = arg[1];
	int64_t ret;
	unsigned n = 0;

	if (!socket_at(t, arg[0], &ret))
		return ret != PASS ? ret
		                   : send_real(t, file_at(t, (int)arg[0]), (int)arg[3], true, NULL,
		                               0, 0);
	for (; n < MIN((unsigned)arg[2], MESSAGES_MOST); n++, at += sizeof(struct mmsghdr)) {
		unsigned sent;

		ret = send_one(t, (int)arg[0], at, (int)arg[3]);
		if (ret < 0)
			return n ? n : ret;
		sent = (unsigned)ret;
		mem_write(t, at + offsetof(struct mmsghdr, msg_len), &sent, sizeof sent);
	}
	return n;
}

/* --- receiving ---------------------------------------------------------------------------------- */

static int64_t receive_real(struct thread *t, struct file *file, int flags, int64_t ret) {
	if (ret != PASS)
		return ret;
	if (!(flags & MSG_DONTWAIT) && !real_never_blocks(file, O_RDONLY) &&
	    real_wait(t, file, POLLIN | POLLRDHUP))
		return RESTART;
	real_used(file);
	return PASS;
}

int64_t exec_recvfrom(struct thread *t, const uint64_t *arg) {
	size_t len = MIN((size_t)arg[2], 64UL << 20);
	struct iovec theirs = {(void *)arg[1], len};
	struct addr a = addr_room();
	struct mem_piece pieces[2];
	int64_t ret;
	int err;

	if (!socket_at(t, arg[0], &ret))
		return receive_real(t, file_at(t, (int)arg[0]), (int)arg[3], ret);
	ret = sys_recvfrom(t->task, (int)arg[0], mem_buffer(t, len), len, (int)arg[3],
	                   arg[4] ? NAME(a) : NULL, &a.len);
	if (ret < 0)
		return restartable(ret);
	err = addr_pieces(t, &a, arg[4], arg[5], pieces);
	if (!err)
		err = mem_scatter_pieces(t, &theirs, 1, t->buffer, MIN((size_t)ret, len), pieces,
		                         G_N_ELEMENTS(pieces));
	return err ? err : ret;
}

/* Arrivals are told by the clock that the program knows. */
static void show_stamps(struct msghdr *msg, int64_t epoch) {
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMP)
			((struct timeval *)CMSG_DATA(c))->tv_sec += epoch;
}

static int64_t receive_one(struct thread *t, int fd, uint64_t at, int flags) {
	g_autofree struct iovec *iov = NULL;
	struct addr a = addr_room();
	char control[CONTROL_MOST] __attribute__((aligned(8)));
	struct msghdr theirs, msg = {.msg_iovlen = 1};
	ssize_t len;
	int64_t ret;

	len = message_at(t, at, &theirs, &iov);
	if (len < 0)
		return len;
	msg.msg_iov = &(struct iovec){mem_buffer(t, (size_t)len), (size_t)len};
	msg.msg_control = control;
	msg.msg_controllen = MIN(theirs.msg_controllen, sizeof control);
	if (theirs.msg_name) {
		msg.msg_name = NAME(a);
		msg.msg_namelen = MIN(theirs.msg_namelen, ADDR_MOST);
	}
	ret = sys_recvmsg(t->task, fd, &msg, flags);
	if (ret < 0)
		return restartable(ret);
	show_stamps(&msg, exec_of(t)->epoch);
	theirs.msg_namelen = msg.msg_namelen;
	theirs.msg_flags = msg.msg_flags;
	theirs.msg_controllen = msg.msg_controllen;
	return mem_scatter_pieces(
		       t, iov, theirs.msg_iovlen, t->buffer, MIN((size_t)ret, (size_t)len),
		       (struct mem_piece[]){
			       {(uint64_t)theirs.msg_name, &a.bytes,
	                        msg.msg_name ? MIN(msg.msg_namelen, ADDR_MOST) : 0},
			       {(uint64_t)theirs.msg_control, control, msg.msg_controllen},
			       {at, &theirs, sizeof theirs}},
		       3)
	               ? -EFAULT
	               : ret;
}

/* On a real socket, by which simulated files may come. */
static int64_t receive_message(struct thread *t, const uint64_t *arg, int64_t ret) {
	ret = receive_real(t, file_at(t, (int)arg[0]), (int)arg[2], ret);
	if (ret == PASS)
		hand_expect(t, (int)arg[2]);
	return ret;
}

int64_t exec_recvmsg(struct thread *t, const uint64_t *arg) {
	int64_t ret;

	if (!socket_at(t, arg[0], &ret))
		return receive_message(t, arg, ret);
	return receive_one(t, (int)arg[0], arg[1], (int)arg[2]);
}

/* The time-out is looked at between messages, as Linux does. */
int64_t exec_recvmmsg(struct thread *t, const uint64_t *arg) {
	sim_time left = SIM_NEVER, begin = sim_now(exec_of(t)->sim);
	int flags = (int)arg[3] & ~MSG_WAITFORONE;
	uint64_t at = arg[1];
	unsigned n = 0;
	int64_t ret;

	if (!socket_at(t, arg[0], &ret))
		return receive_real(t, file_at(t, (int)arg[0]), (int)arg[3], ret);
	if (arg[4] && read_timespec(t, arg[4], &left))
		return -EINVAL;
	for (; n < MIN((unsigned)arg[2], MESSAGES_MOST); n++, at += sizeof(struct mmsghdr)) {
		unsigned got;

		if (n && sim_now(exec_of(t)->sim) - begin >= left)
			break;
		ret = receive_one(t, (int)arg[0], at, flags);
		if (ret < 0)
			return n ? n : ret;
		got = (unsigned)ret;
		mem_write(t, at + offsetof(struct mmsghdr, msg_len), &got, sizeof got);
		if ((int)arg[3] & MSG_WAITFORONE)
			flags |= MSG_DONTWAIT;
	}
	return n;
}
