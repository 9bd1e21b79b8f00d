/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SOL_SOCKET options over the tests' pipe family. */
#include <limits.h>

#include "run_suite.h"
#include "world.h"

static int get_int(struct task *me, int fd, int name) {
	int val = -77, len = sizeof val;

	ck_assert_int_eq(sys_getsockopt(me, fd, SOL_SOCKET, name, &val, &len), 0);
	ck_assert_int_eq(len, 4);
	return val;
}

static int set_int(struct task *me, int fd, int name, int val) {
	return sys_setsockopt(me, fd, SOL_SOCKET, name, &val, sizeof val);
}

static int plain_options(struct task *me, void *arg) {
	static const int switches[] = {SO_REUSEADDR, SO_KEEPALIVE, SO_BROADCAST, SO_OOBINLINE,
	                               SO_DEBUG,     SO_DONTROUTE, SO_NO_CHECK,  SO_BSDCOMPAT,
	                               SO_PASSCRED,  SO_TIMESTAMP};
	int fd = sys_socket(me, PF_PIPE, SOCK_STREAM, 0), val = 0, len = 2;

	for (size_t i = 0; i < G_N_ELEMENTS(switches); i++) {
		ck_assert_int_eq(get_int(me, fd, switches[i]), 0);
		ck_assert_int_eq(set_int(me, fd, switches[i], 17), 0);
		ck_assert_int_eq(get_int(me, fd, switches[i]), 1);
		ck_assert_int_eq(pipe_log.last_option_changed, switches[i]);
	}
	ck_assert_int_eq(set_int(me, fd, SO_TYPE, 1), -ENOPROTOOPT);
	ck_assert_int_eq(set_int(me, fd, SO_ERROR, 1), -ENOPROTOOPT);
	ck_assert_int_eq(set_int(me, fd, SO_SNDLOWAT, 1), -ENOPROTOOPT);
	ck_assert_int_eq(set_int(me, fd, 9999, 1), -ENOPROTOOPT);
	ck_assert_int_eq(sys_getsockopt(me, fd, SOL_SOCKET, 9999, &val, &len), -ENOPROTOOPT);
	ck_assert_int_eq(get_int(me, fd, SO_TYPE), SOCK_STREAM);
	ck_assert_int_eq(get_int(me, fd, SO_SNDLOWAT), 1);
	ck_assert_int_eq(get_int(me, fd, SO_RCVLOWAT), 1);
	ck_assert_int_eq(set_int(me, fd, SO_RCVLOWAT, -1), 0);
	ck_assert_int_eq(get_int(me, fd, SO_RCVLOWAT), INT_MAX);
	ck_assert_int_eq(set_int(me, fd, SO_RCVLOWAT, 0), 0);
	ck_assert_int_eq(get_int(me, fd, SO_RCVLOWAT), 1);
	/* Short values are cut, not refused; only the first bytes are written. */
	val = -1;
	ck_assert_int_eq(sys_getsockopt(me, fd, SOL_SOCKET, SO_RCVLOWAT, &val, &len), 0);
	ck_assert_int_eq(len, 2);
	ck_assert_uint_eq((unsigned)val, 0xffff0001U);
	len = -1;
	ck_assert_int_eq(sys_getsockopt(me, fd, SOL_SOCKET, SO_TYPE, &val, &len), -EINVAL);
	ck_assert_int_eq(sys_getsockopt(me, fd, SOL_SOCKET, SO_TYPE, &val, NULL), -EFAULT);
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_REUSEADDR, &val, 3), -EINVAL);
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_REUSEADDR, NULL, 4), -EFAULT);
	ck_assert_int_eq(get_int(me, fd, SO_ACCEPTCONN), 0);
	sys_listen(me, fd, 1);
	ck_assert_int_eq(get_int(me, fd, SO_ACCEPTCONN), 1);
	/* None of these was the family's business; other levels are. */
	ck_assert_uint_eq(pipe_log.option_calls, 0);
	ck_assert_int_eq(sys_setsockopt(me, fd, IPPROTO_TCP, 1, &val, 4), -ENOPROTOOPT);
	len = 4;
	ck_assert_int_eq(sys_getsockopt(me, fd, IPPROTO_TCP, 1, &val, &len), -EOPNOTSUPP);
	ck_assert_uint_eq(pipe_log.option_calls, 2);
	PROGRAM_END(arg);
}

static int sized_options(struct task *me, void *arg) {
	int fd = sys_socket(me, PF_PIPE, SOCK_STREAM, 0), len;
	struct linger ling = {.l_onoff = 5, .l_linger = 3};
	struct timeval tv = {.tv_sec = 2, .tv_usec = 500000};

	ck_assert_int_eq(set_int(me, fd, SO_SNDBUF, 1), 0);
	ck_assert_int_eq(get_int(me, fd, SO_SNDBUF), 2048);
	ck_assert_int_eq(set_int(me, fd, SO_SNDBUF, 30000), 0);
	ck_assert_int_eq(get_int(me, fd, SO_SNDBUF), 60000);
	ck_assert_int_eq(set_int(me, fd, SO_SNDBUF, 1 << 20), 0);
	ck_assert_int_eq(get_int(me, fd, SO_SNDBUF), 131070);
	ck_assert_int_eq(set_int(me, fd, SO_RCVBUF, -1), 0);
	ck_assert_int_eq(get_int(me, fd, SO_RCVBUF), 256);
	ck_assert_int_eq(set_int(me, fd, SO_RCVBUF, 500), 0);
	ck_assert_int_eq(get_int(me, fd, SO_RCVBUF), 1000);
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_LINGER, &ling, 4), -EINVAL);
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_LINGER, &ling, sizeof ling), 0);
	len = sizeof ling;
	ck_assert_int_eq(sys_getsockopt(me, fd, SOL_SOCKET, SO_LINGER, &ling, &len), 0);
	ck_assert_int_eq(ling.l_onoff, 1);
	ck_assert_int_eq(ling.l_linger, 3);
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_RCVTIMEO, &tv, 8), -EINVAL);
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv), 0);
	len = sizeof tv;
	ck_assert_int_eq(sys_getsockopt(me, fd, SOL_SOCKET, SO_RCVTIMEO, &tv, &len), 0);
	ck_assert_int_eq(len, sizeof tv);
	ck_assert_int_eq(tv.tv_sec, 2);
	ck_assert_int_eq(tv.tv_usec, 500000);
	ck_assert_int_eq(sys_getsockopt(me, fd, SOL_SOCKET, SO_SNDTIMEO, &tv, &len), 0);
	ck_assert_int_eq(tv.tv_sec, 0);
	ck_assert_int_eq(set_int(me, fd, SO_PRIORITY, 99), 0);
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_BINDTODEVICE, "eth77", 6), -ENODEV);
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_BINDTODEVICE, "\0\0\0", 4), 0);
	/* What takes rights. */
	task_set_capable(me, false);
	ck_assert_int_eq(set_int(me, fd, SO_PRIORITY, 7), -EPERM);
	ck_assert_int_eq(set_int(me, fd, SO_PRIORITY, 6), 0);
	ck_assert_int_eq(set_int(me, fd, SO_DEBUG, 1), -EACCES);
	ck_assert_int_eq(set_int(me, fd, SO_DEBUG, 0), 0);
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_BINDTODEVICE, "eth0", 5), -EPERM);
	PROGRAM_END(arg);
}

static void fetch_inner(struct sock *sk) {
	if (!sk->err)
		sk->err = ECONNREFUSED;
}

static int pending_error(struct task *me, void *arg) {
	int fd = sys_socket(me, PF_PIPE, SOCK_STREAM, 0), err, len = 4;
	struct socket *sock = sockfd_lookup(me, fd, &err);

	sock->sk->err = ETIMEDOUT;
	ck_assert_int_eq(sys_getsockopt(me, fd, SOL_SOCKET, SO_ERROR, NULL, &len), -EFAULT);
	ck_assert_int_eq(get_int(me, fd, SO_ERROR), ETIMEDOUT);
	ck_assert_int_eq(get_int(me, fd, SO_ERROR), 0);
	sock->sk->fetch_error = fetch_inner;
	ck_assert_int_eq(get_int(me, fd, SO_ERROR), ECONNREFUSED);
	sock->sk->err = ENOMEM;
	ck_assert_int_eq(sock_error(sock->sk), -ENOMEM);
	ck_assert_int_eq(sock_error(sock->sk), 0);
	PROGRAM_END(arg);
}

static int copied_options(struct task *me, void *arg) {
	int from_fd = sys_socket(me, PF_PIPE, SOCK_STREAM, 0), err;
	int to_fd = sys_socket(me, PF_PIPE, SOCK_STREAM, 0);
	struct socket *from = sockfd_lookup(me, from_fd, &err);
	struct socket *to = sockfd_lookup(me, to_fd, &err);

	ck_assert_int_eq(set_int(me, from_fd, SO_KEEPALIVE, 1), 0);
	ck_assert_int_eq(set_int(me, from_fd, SO_DONTROUTE, 1), 0);
	ck_assert_int_eq(set_int(me, from_fd, SO_SNDBUF, 5000), 0);
	ck_assert_uint_eq(from->sk->opt_seq, 3);
	/* A size that nobody chose does not overrule the other's default. */
	to->sk->rcvbuf = 777;
	pipe_log.last_option_changed = 0;
	sock_copy_options(to->sk, from->sk);
	ck_assert_int_eq(get_int(me, to_fd, SO_KEEPALIVE), 1);
	ck_assert_int_eq(get_int(me, to_fd, SO_DONTROUTE), 1);
	ck_assert_int_eq(get_int(me, to_fd, SO_SNDBUF), 10000);
	ck_assert_int_eq(get_int(me, to_fd, SO_RCVBUF), 777);
	ck_assert_uint_eq(to->sk->opt_seq, 3);
	ck_assert_int_eq(pipe_log.last_option_changed, SO_SNDBUF);
	pipe_log.last_option_changed = 0;
	sock_copy_options(to->sk, from->sk);
	ck_assert_int_eq(pipe_log.last_option_changed, 0);
	ck_assert_int_eq(sock_rcvtimeo(to->sk, true), 0);
	ck_assert(sock_rcvtimeo(to->sk, false) == SIM_NEVER);
	PROGRAM_END(arg);
}

static const program option_programs[] = {plain_options, sized_options, pending_error,
                                          copied_options};

START_TEST(test_options) {
	struct world w = world_new(64);

	world_run(&w, option_programs[_i]);
	world_free(&w);
}
END_TEST

static Suite *suite(void) {
	Suite *s = suite_create("sockopt");
	TCase *tc = tcase_create("sockopt");

	tcase_add_loop_test(tc, test_options, 0, G_N_ELEMENTS(option_programs));
	suite_add_tcase(s, tc);
	return s;
}

int main(void) { return run_suite(suite()); }
