/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The BSD socket layer over the tests' pipe family. */
#include <linux/sockios.h>
#include <string.h>

#include "run_suite.h"
#include "world.h"

static const struct sockaddr *name_of(const struct sockaddr_in *in) {
	return (const struct sockaddr *)in;
}

/* --- families and creation ---------------------------------------------------------------- */

static int refuse_create(struct kernel *k, struct socket *sock, int protocol) {
	(void)k;
	(void)sock;
	return protocol == 5 ? -EPERM : -EPROTONOSUPPORT;
}

static const struct net_proto_family odd_families[] = {
	{.family = PF_PIPE, .create = refuse_create},
	{.family = NPROTO, .create = refuse_create},
	{.family = -1, .create = refuse_create},
	{.family = PF_PACKET, .create = refuse_create},
};

static int creation(struct task *me, void *arg) {
	ck_assert_int_eq(sys_socket(me, NPROTO, SOCK_STREAM, 0), -EAFNOSUPPORT);
	ck_assert_int_eq(sys_socket(me, -1, SOCK_STREAM, 0), -EAFNOSUPPORT);
	ck_assert_int_eq(sys_socket(me, PF_APPLETALK, SOCK_STREAM, 0), -EAFNOSUPPORT);
	ck_assert_int_eq(sys_socket(me, PF_PIPE, SOCK_PACKET + 1, 0), -EINVAL);
	ck_assert_int_eq(sys_socket(me, PF_PIPE, -1, 0), -EINVAL);
	ck_assert_int_eq(sys_socket(me, PF_PIPE, SOCK_STREAM, 9), -EPROTONOSUPPORT);
	/* SOCK_PACKET of PF_INET is PF_PACKET's. */
	ck_assert_int_eq(sys_socket(me, PF_INET, SOCK_PACKET, 5), -EPERM);
	ck_assert_int_eq(sys_socket(me, PF_PIPE, SOCK_STREAM, 0), 0);
	ck_assert_int_eq(sys_socket(me, PF_PIPE, SOCK_STREAM, 0), 1);
	/* No descriptor left: the socket is released again. */
	ck_assert_int_eq(sys_socket(me, PF_PIPE, SOCK_STREAM, 0), -EMFILE);
	ck_assert_uint_eq(pipe_log.created, 3);
	ck_assert_uint_eq(pipe_log.released, 1);
	PROGRAM_END(arg);
}

START_TEST(test_families) {
	struct world w = world_new(2);

	ck_assert_int_eq(sock_register(w.k, &odd_families[0]), -EEXIST);
	ck_assert_int_eq(sock_register(w.k, &odd_families[1]), -ENOBUFS);
	ck_assert_int_eq(sock_register(w.k, &odd_families[2]), -ENOBUFS);
	ck_assert_int_eq(sock_register(w.k, &odd_families[3]), 0);
	world_run(&w, creation);
	ck_assert_int_eq(sock_unregister(w.k, PF_PACKET), 0);
	ck_assert_int_eq(sock_unregister(w.k, NPROTO), -EINVAL);
	ck_assert_int_eq(sock_register(w.k, &odd_families[3]), 0);
	world_free(&w);
}
END_TEST

/* --- data --------------------------------------------------------------------------------- */

static int pair_data(struct task *me, void *arg) {
	struct iovec out[2] = {{(void *)"ab", 2}, {(void *)"cde", 3}};
	char a[2], b[9] = "";
	struct iovec in[2] = {{a, 2}, {b, 9}};
	struct sockaddr_in from;
	struct msghdr msg = {.msg_name = &from, .msg_namelen = 8, .msg_iov = in, .msg_iovlen = 2};
	int fd[2], n, len = sizeof from;
	struct stat st;

	ck_assert_int_eq(sys_socketpair(me, PF_PIPE, SOCK_STREAM, 0, fd), 0);
	ck_assert_int_eq(sys_socketpair(me, PF_PIPE, SOCK_STREAM, 0, NULL), -EFAULT);
	ck_assert_int_eq(sys_writev(me, fd[0], out, 2), 5);
	ck_assert_int_eq(sys_ioctl(me, fd[1], FIONREAD, &n), 0);
	ck_assert_int_eq(n, 5);
	ck_assert_int_eq(sys_ioctl(me, fd[1], SIOCGSTAMP, &n), -EINVAL);
	ck_assert_int_eq(sys_recv(me, fd[1], b, 4, MSG_PEEK), 4);
	ck_assert_int_eq(sys_recvmsg(me, fd[1], &msg, MSG_DONTWAIT), 5);
	ck_assert_mem_eq(a, "ab", 2);
	ck_assert_mem_eq(b, "cde", 3);
	ck_assert_uint_eq(msg.msg_namelen, sizeof from); /* the real length of the cut name */
	ck_assert_int_eq(msg.msg_flags, 0);
	ck_assert_int_eq(sys_send(me, fd[0], "xyz", 3, MSG_NOSIGNAL), 3);
	ck_assert_int_eq(pipe_log.last_flags, MSG_NOSIGNAL);
	ck_assert_int_eq(sys_recvfrom(me, fd[1], b, 9, 0, (struct sockaddr *)&from, &len), 3);
	ck_assert_int_eq(from.sin_family, AF_INET);
	ck_assert_int_eq(sys_read(me, fd[1], b, 0), 0); /* does not wait */
	ck_assert_int_eq(sys_send(me, fd[0], NULL, 1, 0), -EFAULT);
	ck_assert_int_eq(sys_sendto(me, fd[0], b, 1, 0, NULL, 5), 1);
	ck_assert_int_eq(sys_sendto(me, fd[0], b, 1, 0, (struct sockaddr *)&from, 129), -EINVAL);
	ck_assert_int_eq(sys_sendmsg(me, fd[0], NULL, 0), -EFAULT);
	msg.msg_iovlen = 1025;
	ck_assert_int_eq(sys_sendmsg(me, fd[0], &msg, 0), -EINVAL);
	ck_assert_int_eq(sys_fstat(me, fd[0], &st), 0);
	ck_assert_int_eq(st.st_mode & S_IFMT, S_IFSOCK);
	ck_assert_int_eq(sys_lseek(me, fd[0], 0, SEEK_SET), -ESPIPE);
	ck_assert_int_eq(sys_shutdown(me, fd[0], 3), -EINVAL);
	ck_assert_int_eq(sys_close(me, fd[0]), 0);
	ck_assert_int_eq(sys_read(me, fd[1], b, 9), 1);
	ck_assert_int_eq(sys_read(me, fd[1], b, 9), 0);
	PROGRAM_END(arg);
}

START_TEST(test_data) {
	struct world w = world_new(64);

	world_run(&w, pair_data);
	world_free(&w);
}
END_TEST

static int bad_descriptors(struct task *me, void *arg) {
	struct sockaddr_in in = inet_address("127.0.0.1", 80);
	int file = sys_open(me, "/f", O_RDONLY), len = sizeof in, bad[2] = {file, 55};

	for (int i = 0; i < 2; i++) {
		int fd = bad[i], err = i == 0 ? -ENOTSOCK : -EBADF;
		ck_assert_int_eq(sys_bind(me, fd, name_of(&in), len), err);
		ck_assert_int_eq(sys_listen(me, fd, 1), err);
		ck_assert_int_eq(sys_accept(me, fd, NULL, NULL), err);
		ck_assert_int_eq(sys_connect(me, fd, name_of(&in), len), err);
		ck_assert_int_eq(sys_getsockname(me, fd, (struct sockaddr *)&in, &len), err);
		ck_assert_int_eq(sys_getpeername(me, fd, (struct sockaddr *)&in, &len), err);
		ck_assert_int_eq(sys_send(me, fd, "", 1, 0), err);
		ck_assert_int_eq(sys_recv(me, fd, &len, 1, 0), err);
		ck_assert_int_eq(sys_shutdown(me, fd, 0), err);
		ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_DEBUG, &len, 4), err);
		ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_DEBUG, &len, -1), -EINVAL);
		ck_assert_int_eq(sys_getsockopt(me, fd, SOL_SOCKET, SO_TYPE, &len, &len), err);
	}
	PROGRAM_END(arg);
}

START_TEST(test_bad_descriptors) {
	struct world w = world_new(64);

	fs_create(w.k, "/f", "abc", 3);
	world_run(&w, bad_descriptors);
	world_free(&w);
}
END_TEST

static int nonblocking(struct task *me, void *arg) {
	char buf[2000] = "";
	int fd[2], on = 1, off = 0;

	sys_socketpair(me, PF_PIPE, SOCK_STREAM, 0, fd);
	ck_assert_int_eq(sys_recv(me, fd[1], buf, 1, MSG_DONTWAIT), -EAGAIN);
	ck_assert_int_eq(sys_ioctl(me, fd[1], FIONBIO, NULL), -EFAULT);
	ck_assert_int_eq(sys_ioctl(me, fd[1], FIONBIO, &on), 0);
	ck_assert_int_eq(sys_fcntl(me, fd[1], F_GETFL, 0), O_RDWR | O_NONBLOCK);
	ck_assert_int_eq(sys_recv(me, fd[1], buf, 1, 0), -EAGAIN);
	ck_assert_int_eq(pipe_log.last_flags, MSG_DONTWAIT);
	ck_assert_int_eq(sys_read(me, fd[1], buf, 1), -EAGAIN);
	ck_assert_int_eq(sys_ioctl(me, fd[1], FIONBIO, &off), 0);
	ck_assert_int_eq(sys_fcntl(me, fd[0], F_SETFL, O_NONBLOCK), 0);
	ck_assert_int_eq(sys_write(me, fd[0], buf, 2000), PIPE_ROOM);
	ck_assert_int_eq(sys_send(me, fd[0], buf, 1, 0), -EAGAIN);
	PROGRAM_END(arg);
}

START_TEST(test_nonblocking) {
	struct world w = world_new(64);

	world_run(&w, nonblocking);
	world_free(&w);
}
END_TEST

/* --- listening and accepting -------------------------------------------------------------- */

static int listener_at(struct task *me, uint16_t port) {
	struct sockaddr_in in = inet_address("127.0.0.1", port);
	int fd = sys_socket(me, PF_PIPE, SOCK_STREAM, 0);

	ck_assert_int_eq(sys_bind(me, fd, name_of(&in), sizeof in), 0);
	ck_assert_int_eq(sys_listen(me, fd, 5), 0);
	return fd;
}

static int connect_to(struct task *me, uint16_t port) {
	struct sockaddr_in in = inet_address("127.0.0.1", port);
	int fd = sys_socket(me, PF_PIPE, SOCK_STREAM, 0);

	ck_assert_int_eq(sys_connect(me, fd, name_of(&in), sizeof in), 0);
	return fd;
}

static int accepting(struct task *me, void *arg) {
	int listener = listener_at(me, 80), client, conn, len = 16;
	struct sockaddr_in peer = {0};

	/* O_NONBLOCK reaches the family and is not inherited. */
	ck_assert_int_eq(sys_fcntl(me, listener, F_SETFL, O_NONBLOCK), 0);
	ck_assert_int_eq(sys_accept(me, listener, NULL, NULL), -EAGAIN);
	ck_assert_uint_eq(pipe_log.released_without_sk, 1);
	client = connect_to(me, 80);
	conn = sys_accept(me, listener, (struct sockaddr *)&peer, &len);
	ck_assert_int_eq(conn, client + 1);
	ck_assert_int_eq(len, 16);
	ck_assert_int_eq(peer.sin_family, AF_INET);
	ck_assert_int_eq(sys_fcntl(me, conn, F_GETFL, 0), O_RDWR);
	ck_assert_int_eq(sys_write(me, client, "hi", 2), 2);
	ck_assert_int_eq(sys_read(me, conn, &len, 2), 2);
	/* Unless a later kernel's call asks for it. */
	ck_assert_int_eq(sys_accept4(me, listener, NULL, NULL, 1), -EINVAL);
	connect_to(me, 80);
	len = sys_accept4(me, listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	ck_assert_int_eq(sys_fcntl(me, len, F_GETFL, 0), O_RDWR | O_NONBLOCK);
	ck_assert_int_eq(sys_fcntl(me, len, F_GETFD, 0), FD_CLOEXEC);
	/* A peer without a name: the connection is given up. */
	sys_close(me, client);
	sys_close(me, conn);
	client = connect_to(me, 80);
	pipe_log.released = 0;
	pipe_log.getname_error = -ENOTCONN;
	ck_assert_int_eq(sys_accept(me, listener, (struct sockaddr *)&peer, &len), -ECONNABORTED);
	ck_assert_uint_eq(pipe_log.released, 1);
	pipe_log.getname_error = 0;
	ck_assert_int_eq(sys_read(me, client, &len, 2), 0);
	pipe_log.accept_error = -ECONNRESET;
	ck_assert_int_eq(sys_accept(me, listener, NULL, NULL), -ECONNRESET);
	PROGRAM_END(arg);
}

START_TEST(test_accept) {
	struct world w = world_new(64);

	world_run(&w, accepting);
	world_free(&w);
}
END_TEST

static int accept_without_descriptors(struct task *me, void *arg) {
	int listener = listener_at(me, 80), client = connect_to(me, 80);
	char c;

	ck_assert_int_eq(sys_accept(me, listener, NULL, NULL), -EMFILE);
	ck_assert_int_eq(sys_read(me, client, &c, 1), 0); /* closed, not waiting */
	PROGRAM_END(arg);
}

START_TEST(test_accept_emfile) {
	struct world w = world_new(2);

	world_run(&w, accept_without_descriptors);
	world_free(&w);
}
END_TEST

static int arguments(struct task *me, void *arg) {
	struct sockaddr_in in = inet_address("127.0.0.1", 80);
	struct sockaddr_storage out;
	int fd = sys_socket(me, PF_PIPE, SOCK_STREAM, 0), len;

	ck_assert_int_eq(sys_bind(me, fd, name_of(&in), 129), -EINVAL);
	ck_assert_int_eq(sys_bind(me, fd, name_of(&in), -1), -EINVAL);
	ck_assert_int_eq(sys_bind(me, fd, NULL, 16), -EFAULT);
	ck_assert_int_eq(pipe_log.last_addr_len, 0);
	ck_assert_int_eq(sys_bind(me, fd, name_of(&in), 15), -EINVAL);
	ck_assert_int_eq(pipe_log.last_addr_len, 15);
	ck_assert_int_eq(sys_bind(me, fd, name_of(&in), 16), 0);
	/* Names are cut to what the program has room for, their real length is told. */
	memset(&out, 0xee, sizeof out);
	len = 3;
	ck_assert_int_eq(sys_getsockname(me, fd, (struct sockaddr *)&out, &len), 0);
	ck_assert_int_eq(len, 16);
	ck_assert_mem_eq(&out, &in, 3);
	ck_assert_uint_eq(((uint8_t *)&out)[3], 0xee);
	len = 128;
	ck_assert_int_eq(sys_getsockname(me, fd, (struct sockaddr *)&out, &len), 0);
	ck_assert_int_eq(len, 16);
	ck_assert_mem_eq(&out, &in, 8);
	len = -1;
	ck_assert_int_eq(sys_getsockname(me, fd, (struct sockaddr *)&out, &len), -EINVAL);
	ck_assert_int_eq(sys_getsockname(me, fd, (struct sockaddr *)&out, NULL), -EFAULT);
	ck_assert_int_eq(sys_getpeername(me, fd, (struct sockaddr *)&out, &len), -ENOTCONN);
	ck_assert_int_eq(sys_listen(me, fd, 5), 0);
	ck_assert_int_eq(pipe_log.last_backlog, 5);
	ck_assert_int_eq(sys_listen(me, fd, 1000), 0);
	ck_assert_int_eq(pipe_log.last_backlog, 128);
	ck_assert_int_eq(sys_listen(me, fd, -1), 0);
	ck_assert_int_eq(pipe_log.last_backlog, 128);
	ck_assert_int_eq(sys_listen(me, fd, 0), 0);
	ck_assert_int_eq(pipe_log.last_backlog, 0);
	PROGRAM_END(arg);
}

START_TEST(test_arguments) {
	struct world w = world_new(64);

	world_run(&w, arguments);
	world_free(&w);
}
END_TEST

/* --- ownership and signals ---------------------------------------------------------------- */

static unsigned sigio_seen, sigurg_seen;

static void count_signal(struct task *me, int sig) {
	(void)me;
	sigio_seen += sig == SIGIO;
	sigurg_seen += sig == SIGURG;
}

static int owners(struct task *me, void *arg) {
	int fd[2], pid = task_pid(me), got = 0, on = 1, err;

	sys_signal(me, SIGIO, count_signal);
	sys_signal(me, SIGURG, count_signal);
	sys_socketpair(me, PF_PIPE, SOCK_STREAM, 0, fd);
	ck_assert_int_eq(sys_write(me, fd[0], "x", 1), 1);
	ck_assert_int_eq(sys_ioctl(me, fd[1], FIOSETOWN, &pid), 0);
	ck_assert_int_eq(sys_ioctl(me, fd[1], SIOCGPGRP, &got), 0);
	ck_assert_int_eq(got, pid);
	ck_assert_int_eq(sys_fcntl(me, fd[1], F_GETOWN, 0), pid);
	/* Only with O_ASYNC. */
	ck_assert_int_eq(sys_write(me, fd[0], "x", 1), 1);
	ck_assert_uint_eq(sigio_seen, 0);
	ck_assert_int_eq(sys_ioctl(me, fd[1], FIOASYNC, &on), 0);
	ck_assert_int_eq(sys_write(me, fd[0], "x", 1), 1);
	ck_assert_uint_eq(sigio_seen, 1);
	ck_assert_int_eq(sys_fcntl(me, fd[1], F_SETFL, 0), 0);
	ck_assert_int_eq(sys_write(me, fd[0], "x", 1), 1);
	ck_assert_uint_eq(sigio_seen, 1);
	struct sock *sk = sockfd_lookup(me, fd[1], &err)->sk;
	sk->urgent(sk);
	sys_write(me, fd[0], "x", 1);
	ck_assert_uint_eq(sigurg_seen, 1);
	ck_assert_int_eq(sys_ioctl(me, fd[1], FIOSETOWN, NULL), -EFAULT);
	task_set_capable(me, false);
	got = pid + 1;
	ck_assert_int_eq(sys_ioctl(me, fd[1], SIOCSPGRP, &got), -EPERM);
	ck_assert_int_eq(sys_fcntl(me, fd[1], F_SETOWN, got), -EPERM);
	ck_assert_int_eq(sys_fcntl(me, fd[1], F_SETOWN, pid), 0);
	PROGRAM_END(arg);
}

START_TEST(test_owners) {
	struct world w = world_new(64);

	world_run(&w, owners);
	world_free(&w);
}
END_TEST

/* --- blocking ----------------------------------------------------------------------------- */

static int slow_writer(struct task *me, void *arg) {
	int *fd = arg;

	sys_nanosleep(me, 20 * SIM_MS); /* three ticks */
	ck_assert_int_eq(sys_write(me, fd[0], "late", 4), 4);
	return 0;
}

static int blocking(struct task *me, void *arg) {
	struct timeval tv = {.tv_usec = 20000};
	char buf[8];
	int fd[2];

	sys_socketpair(me, PF_PIPE, SOCK_STREAM, 0, fd);
	sys_fork(me, slow_writer, fd);
	sys_setsockopt(me, fd[1], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
	ck_assert_int_eq(sys_read(me, fd[1], buf, 8), -EAGAIN);
	ck_assert_int_eq(sys_gettime(me) / SIM_MS, 20);
	ck_assert_int_eq(sys_read(me, fd[1], buf, 8), 4);
	ck_assert_int_eq(sys_gettime(me) / SIM_MS, 30);
	PROGRAM_END(arg);
}

START_TEST(test_blocking) {
	struct world w = world_new(64);

	world_run(&w, blocking);
	world_free(&w);
}
END_TEST

/* A run may end while programs sleep in calls; the machine goes down without loss of memory. */
static int sleeps_in_accept(struct task *me, void *arg) {
	(void)arg;
	sys_accept(me, listener_at(me, 81), NULL, NULL);
	return 0;
}

static int sleeps_in_read(struct task *me, void *arg) {
	char c;

	(void)arg;
	sys_read(me, sys_socket(me, PF_PIPE, SOCK_STREAM, 0), &c, 1);
	return 0;
}

static int sleeps_in_poll(struct task *me, void *arg) {
	struct pollfd pfd[40];

	(void)arg;
	for (int i = 0; i < 40; i++)
		pfd[i] = (struct pollfd){sys_socket(me, PF_PIPE, SOCK_STREAM, 0), POLLIN, 0};
	sys_poll(me, pfd, 40, -1);
	return 0;
}

START_TEST(test_cut_off) {
	struct world w = world_new(64);

	process_start(w.k, "accept", sleeps_in_accept, NULL);
	process_start(w.k, "read", sleeps_in_read, NULL);
	process_start(w.k, "poll", sleeps_in_poll, NULL);
	sim_run(w.sim, SIM_NEVER);
	kernel_free(w.k);
	ck_assert_uint_eq(pipe_log.created, 42);
	ck_assert_uint_eq(pipe_log.released, 42);
	pipe_family_exit();
	sim_free(w.sim);
}
END_TEST

/* --- sendfile ----------------------------------------------------------------------------- */

static int sends_files(struct task *me, void *arg) {
	static uint8_t buf[20000];
	off_t offset = 4000;
	int fd[2], file = sys_open(me, "/p", O_RDONLY);
	int log = sys_open(me, "/log", O_RDWR | O_CREAT);

	sys_socketpair(me, PF_PIPE, SOCK_STREAM, 0, fd);
	ck_assert_int_eq(sys_sendfile(me, fd[0], file, &offset, 300), 300);
	ck_assert_int_eq(offset, 4300);
	ck_assert_uint_eq(pipe_log.more_pages, 1); /* 96 bytes to the page's end, then 204 */
	ck_assert_int_eq(sys_read(me, fd[1], buf, 1000), 300);
	ck_assert(pattern_check(3, 4000, buf, 300));
	ck_assert_int_eq(sys_lseek(me, file, 0, SEEK_CUR), 0);
	/* A receiver that takes less ends it; the position follows what was taken. */
	sys_fcntl(me, fd[0], F_SETFL, O_NONBLOCK);
	ck_assert_int_eq(sys_sendfile(me, fd[0], file, NULL, 20000), PIPE_ROOM);
	ck_assert_int_eq(sys_lseek(me, file, 0, SEEK_CUR), PIPE_ROOM);
	ck_assert_int_eq(sys_sendfile(me, fd[0], file, NULL, 1), -EAGAIN);
	ck_assert_int_eq(sys_sendfile(me, log, file, NULL, 20000), 9000);
	ck_assert_int_eq(sys_sendfile(me, log, file, NULL, 20000), 0);
	ck_assert_int_eq(sys_lseek(me, log, 0, SEEK_SET), 0);
	ck_assert_int_eq(sys_read(me, log, buf, sizeof buf), 9000);
	ck_assert(pattern_check(3, 1000, buf, 9000));
	ck_assert_int_eq(sys_sendfile(me, fd[0], fd[1], NULL, 1), -EINVAL);
	ck_assert_int_eq(sys_sendfile(me, file, log, NULL, 1), -EBADF);
	ck_assert_int_eq(sys_sendfile(me, fd[0], 99, NULL, 1), -EBADF);
	offset = -1;
	ck_assert_int_eq(sys_sendfile(me, fd[0], file, &offset, 1), -EINVAL);
	PROGRAM_END(arg);
}

START_TEST(test_sendfile) {
	struct world w = world_new(64);

	fs_create_pattern(w.k, "/p", 10000, 3);
	world_run(&w, sends_files);
	world_free(&w);
}
END_TEST

/* --- costs -------------------------------------------------------------------------------- */

static int charged(struct task *me, void *arg) {
	int fd = sys_socket(me, PF_PIPE, SOCK_STREAM, 0), on = 1;

	/* Socket calls return when their work is done. */
	ck_assert_int_eq(sim_now(task_kernel(me)->sim), 1 * SIM_US + 10 * SIM_US);
	sys_setsockopt(me, fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	ck_assert_int_eq(sim_now(task_kernel(me)->sim), 11 * SIM_US + 3 * SIM_US);
	sys_close(me, fd);
	ck_assert_int_eq(sim_now(task_kernel(me)->sim), 14 * SIM_US + 1 * SIM_US + 20 * SIM_US);
	PROGRAM_END(arg);
}

START_TEST(test_charges) {
	struct world w = world_new(64);

	world_cost(&w, "syscall", SIM_US, 0);
	world_cost(&w, "dispatch", 2 * SIM_US, 0);
	world_cost(&w, "sock_alloc", 10 * SIM_US, 0);
	world_cost(&w, "sock_free", 20 * SIM_US, 0);
	world_run(&w, charged);
	world_free(&w);
}
END_TEST

START_TEST(test_vectors) {
	char a[] = "abc", b[] = "", c[] = "defgh", out[16] = "";
	struct iovec iov[3] = {{a, 3}, {b, 0}, {c, 5}};

	ck_assert_uint_eq(iov_length(iov, 3), 8);
	for (size_t from = 0; from < 8; from++)
		for (size_t len = 0; from + len <= 8; len++) {
			iov_gather(out, iov, 3, from, len);
			ck_assert(memcmp(out, &"abcdefgh"[from], len) == 0);
		}
	iov_scatter(iov, 3, 2, "XYZ", 3);
	ck_assert_str_eq(a, "abX");
	ck_assert_str_eq(c, "YZfgh");
}
END_TEST

static Suite *suite(void) {
	Suite *s = suite_create("socket");
	TCase *tc = tcase_create("socket");

	tcase_add_test(tc, test_families);
	tcase_add_test(tc, test_data);
	tcase_add_test(tc, test_bad_descriptors);
	tcase_add_test(tc, test_nonblocking);
	tcase_add_test(tc, test_accept);
	tcase_add_test(tc, test_accept_emfile);
	tcase_add_test(tc, test_arguments);
	tcase_add_test(tc, test_owners);
	tcase_add_test(tc, test_blocking);
	tcase_add_test(tc, test_cut_off);
	tcase_add_test(tc, test_sendfile);
	tcase_add_test(tc, test_charges);
	tcase_add_test(tc, test_vectors);
	suite_add_tcase(s, tc);
	return s;
}

int main(void) { return run_suite(suite()); }
