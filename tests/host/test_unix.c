/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pairs of UNIX sockets: bytes both ways, waiting, ends that are shut or closed. */
#include "world.h"

#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "host/core/clone.h"
#include "host/socket/unix.h"
#include "run_suite.h"

#define ROOM (32 * 1024)

/* A machine that has the family. */
static void run(program main) {
	struct world w = world_new(64);

	ck_assert_int_eq(sock_unregister(w.k, PF_UNIX),
	                 0); /* the tests' own family had its place */
	ck_assert_int_eq(unix_register(w.k), 0);
	ck_assert_int_eq(unix_register(w.k), -EEXIST);
	world_run(&w, main);
	world_free(&w);
}

static void pair_of(struct task *me, int fd[2]) {
	ck_assert_int_eq(sys_socketpair(me, AF_UNIX, SOCK_STREAM, 0, fd), 0);
}

static int both_ways(struct task *me, void *arg) {
	char buf[8];
	int fd[2], n;

	pair_of(me, fd);
	ck_assert_int_eq(sys_write(me, fd[0], "abcdef", 6), 6);
	ck_assert_int_eq(sys_write(me, fd[1], "xy", 2), 2);
	ck_assert_int_eq(sys_ioctl(me, fd[1], SIOCINQ, &n), 0);
	ck_assert_int_eq(n, 6);
	ck_assert_int_eq(sys_ioctl(me, fd[0], SIOCOUTQ, &n), 0);
	ck_assert_int_eq(n, 6);
	ck_assert_int_eq(sys_recv(me, fd[1], buf, 4, MSG_PEEK), 4);
	ck_assert_mem_eq(buf, "abcd", 4);
	ck_assert_int_eq(sys_read(me, fd[1], buf, 3), 3);
	ck_assert_mem_eq(buf, "abc", 3);
	ck_assert_int_eq(sys_read(me, fd[1], buf, 8), 3);
	ck_assert_mem_eq(buf, "def", 3);
	ck_assert_int_eq(sys_recv(me, fd[1], buf, 8, MSG_DONTWAIT), -EAGAIN);
	ck_assert_int_eq(sys_read(me, fd[0], buf, 8), 2);
	ck_assert_mem_eq(buf, "xy", 2);
	PROGRAM_END(arg);
}

START_TEST(bytes_go_both_ways) { run(both_ways); }
END_TEST

static int sends_later(struct task *me, void *fd) {
	sys_nanosleep(me, 50 * SIM_MS);
	sys_write(me, ((int *)fd)[0], "late", 4);
	sys_nanosleep(me, 50 * SIM_MS);
	sys_write(me, ((int *)fd)[0], "r", 1);
	return 0;
}

static int waits(struct task *me, void *arg) {
	char buf[8];
	int fd[2];
	sim_time start = sim_now(task_kernel(me)->sim);

	pair_of(me, fd);
	ck_assert_int_gt(sys_fork(me, sends_later, fd), 0);
	ck_assert_int_eq(sys_recv(me, fd[1], buf, 5, MSG_WAITALL), 5);
	ck_assert_mem_eq(buf, "later", 5);
	ck_assert_int_ge(sim_now(task_kernel(me)->sim) - start, 50 * SIM_MS);
	ck_assert_int_gt(sys_waitpid(me, -1, NULL, 0), 0);
	PROGRAM_END(arg);
}

START_TEST(who_reads_waits) { run(waits); }
END_TEST

static int drains(struct task *me, void *fd) {
	char buf[5000]; /* so that the buffer's end comes at many places */
	ssize_t n, got = 0;

	sys_close(me, ((int *)fd)[0]);
	while ((n = sys_read(me, ((int *)fd)[1], buf, sizeof buf)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			ck_assert_int_eq(buf[i], (char)(got + i));
		got += n;
	}
	ck_assert_int_eq(n, 0);
	ck_assert_int_eq(got, 3 * ROOM);
	return 0;
}

static int fills(struct task *me, void *arg) {
	static char buf[3 * ROOM];
	int fd[2];

	for (size_t i = 0; i < sizeof buf; i++)
		buf[i] = (char)i;
	pair_of(me, fd);
	ck_assert_int_eq(sys_send(me, fd[0], buf, sizeof buf, MSG_DONTWAIT), ROOM);
	ck_assert_int_eq(sys_send(me, fd[0], buf, 1, MSG_DONTWAIT), -EAGAIN);
	ck_assert_int_eq(sys_recv(me, fd[1], buf, sizeof buf, 0), ROOM);
	ck_assert_int_gt(sys_fork(me, drains, fd), 0);
	sys_close(me, fd[1]);
	ck_assert_int_eq(sys_write(me, fd[0], buf, sizeof buf), sizeof buf);
	sys_close(me, fd[0]);
	ck_assert_int_gt(sys_waitpid(me, -1, NULL, 0), 0);
	PROGRAM_END(arg);
}

START_TEST(who_writes_waits_for_room) { run(fills); }
END_TEST

static int goes_around(struct task *me, void *arg) {
	static char out[ROOM], in[ROOM];
	int fd[2];

	for (size_t i = 0; i < sizeof out; i++)
		out[i] = (char)(i * 7 / 3);
	pair_of(me, fd);
	ck_assert_int_eq(sys_write(me, fd[0], out, 30000), 30000);
	ck_assert_int_eq(sys_read(me, fd[1], in, 29000), 29000);
	ck_assert_int_eq(sys_write(me, fd[0], out, 20000), 20000);
	ck_assert_int_eq(sys_read(me, fd[1], in, 1000), 1000);
	ck_assert_mem_eq(in, out + 29000, 1000);
	ck_assert_int_eq(sys_read(me, fd[1], in, ROOM), 20000);
	ck_assert_mem_eq(in, out, 20000);
	PROGRAM_END(arg);
}

START_TEST(the_buffer_goes_around) { run(goes_around); }
END_TEST

static unsigned events(struct task *me, int fd) {
	struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT};

	ck_assert_int_ge(sys_poll(me, &p, 1, 0), 0);
	return (unsigned)p.revents;
}

static int shuts(struct task *me, void *arg) {
	char buf[4];
	int fd[2], err = 0, len = sizeof err;

	sys_signal(me, SIGPIPE, SIGNAL_IGNORE);
	pair_of(me, fd);
	ck_assert_uint_eq(events(me, fd[0]), POLLOUT);
	ck_assert_int_eq(sys_write(me, fd[1], "q", 1), 1);
	ck_assert_uint_eq(events(me, fd[0]), POLLIN | POLLOUT);
	ck_assert_int_eq(sys_shutdown(me, fd[1], SHUT_WR), 0);
	ck_assert_int_eq(sys_write(me, fd[1], "r", 1), -EPIPE);
	ck_assert_int_eq(sys_read(me, fd[0], buf, 4), 1);
	ck_assert_int_eq(sys_read(me, fd[0], buf, 4), 0);
	ck_assert_int_eq(sys_write(me, fd[0], "s", 1), 1);
	ck_assert_int_eq(sys_read(me, fd[1], buf, 4), 1);
	ck_assert_int_eq(sys_shutdown(me, fd[1], SHUT_RD), 0);
	ck_assert_uint_eq(events(me, fd[0]), POLLIN | POLLOUT | POLLHUP);
	ck_assert_int_eq(sys_write(me, fd[0], "t", 1), -EPIPE);
	/* Bytes that were left unread reset the other end, once. */
	pair_of(me, fd);
	ck_assert_int_eq(sys_write(me, fd[0], "u", 1), 1);
	ck_assert_int_eq(sys_close(me, fd[1]), 0);
	ck_assert_int_eq(sys_getsockopt(me, fd[0], SOL_SOCKET, SO_ERROR, &err, &len), 0);
	ck_assert_int_eq(err, ECONNRESET);
	ck_assert_int_eq(sys_read(me, fd[0], buf, 4), 0);
	PROGRAM_END(arg);
}

START_TEST(ends_are_shut_and_closed) { run(shuts); }
END_TEST

static int is_no_more(struct task *me, void *arg) {
	struct sockaddr addr = {0};
	int len = sizeof addr, fd = sys_socket(me, AF_UNIX, SOCK_STREAM, 0), pair[2];

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(sys_getsockname(me, fd, &addr, &len), 0);
	ck_assert_int_eq(addr.sa_family, AF_UNIX);
	ck_assert_int_eq(len, 2);
	ck_assert_int_eq(sys_getpeername(me, fd, &addr, &len), -ENOTCONN);
	ck_assert_int_eq(sys_bind(me, fd, &addr, 2), -EOPNOTSUPP);
	ck_assert_int_eq(sys_connect(me, fd, &addr, 2), -EOPNOTSUPP);
	ck_assert_int_eq(sys_listen(me, fd, 1), -EOPNOTSUPP);
	ck_assert_int_eq(sys_send(me, fd, "x", 1, 0), -ENOTCONN);
	ck_assert_int_eq(sys_recv(me, fd, &addr, 1, 0), -EINVAL);
	ck_assert_int_eq(sys_send(me, fd, "x", 1, MSG_OOB), -EOPNOTSUPP);
	ck_assert_int_eq(sys_socketpair(me, AF_UNIX, SOCK_DGRAM, 0, pair), -ESOCKTNOSUPPORT);
	ck_assert_int_eq(sys_socketpair(me, AF_UNIX, SOCK_STREAM, 6, pair), -EPROTONOSUPPORT);
	PROGRAM_END(arg);
}

START_TEST(without_a_name_there_is_no_more) { run(is_no_more); }
END_TEST

int main(void) {
	Suite *suite = suite_create("unix");
	TCase *tc = tcase_create("unix");

	tcase_add_test(tc, bytes_go_both_ways);
	tcase_add_test(tc, who_reads_waits);
	tcase_add_test(tc, who_writes_waits_for_room);
	tcase_add_test(tc, the_buffer_goes_around);
	tcase_add_test(tc, ends_are_shut_and_closed);
	tcase_add_test(tc, without_a_name_there_is_no_more);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
