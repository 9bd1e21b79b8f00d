/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pipes: fs/pipe.c of Linux 2.4, and what stat() says of a path. */
#include "world.h"

#include <string.h>
#include <sys/ioctl.h>

#include "host/file/pipe.h"
#include "run_suite.h"

static int one_process(struct task *me, void *arg) {
	char buf[8] = "";
	int fds[2], n = -1;
	struct stat st;

	ck_assert_int_eq(sys_pipe(me, NULL), -EFAULT);
	ck_assert_int_eq(sys_pipe(me, fds), 0);
	ck_assert_int_eq(fds[0], 0);
	ck_assert_int_eq(fds[1], 1);
	ck_assert_int_eq(sys_fstat(me, fds[0], &st), 0);
	ck_assert(S_ISFIFO(st.st_mode));
	ck_assert_int_eq(sys_lseek(me, fds[0], 0, SEEK_SET), -ESPIPE);
	ck_assert_int_eq(sys_write(me, fds[0], "x", 1), -EBADF);
	ck_assert_int_eq(sys_read(me, fds[1], buf, 1), -EBADF);
	ck_assert_int_eq(sys_write(me, fds[1], "hello", 5), 5);
	ck_assert_int_eq(sys_ioctl(me, fds[0], FIONREAD, &n), 0);
	ck_assert_int_eq(n, 5);
	ck_assert_int_eq(sys_ioctl(me, fds[0], FIONREAD, NULL), -EFAULT);
	ck_assert_int_eq(sys_ioctl(me, fds[0], SIOCATMARK, &n), -EINVAL);
	ck_assert_int_eq(sys_read(me, fds[0], buf, 3), 3);
	ck_assert_int_eq(sys_read(me, fds[0], buf + 3, 5), 2);
	ck_assert_str_eq(buf, "hello");
	sys_fcntl(me, fds[0], F_SETFL, O_NONBLOCK);
	ck_assert_int_eq(sys_read(me, fds[0], buf, 1), -EAGAIN);
	ck_assert_int_eq(sys_close(me, fds[1]), 0);
	ck_assert_int_eq(sys_read(me, fds[0], buf, 1), 0);
	PROGRAM_END(arg);
}

static int full_and_broken(struct task *me, void *arg) {
	char page[PIPE_BYTES + 1] = "";
	int fds[2];

	sys_pipe(me, fds);
	sys_fcntl(me, fds[1], F_SETFL, O_NONBLOCK);
	sys_signal(me, SIGPIPE, SIGNAL_IGNORE);
	ck_assert_int_eq(sys_write(me, fds[1], page, 4000), 4000);
	ck_assert_int_eq(sys_write(me, fds[1], page, 97), -EAGAIN); /* all of it or nothing */
	ck_assert_int_eq(sys_write(me, fds[1], page, 96), 96);
	ck_assert_int_eq(sys_read(me, fds[0], page, 100), 100);
	ck_assert_int_eq(sys_write(me, fds[1], page, PIPE_BYTES + 1), 100); /* larger: a part */
	sys_close(me, fds[0]);
	ck_assert_int_eq(sys_write(me, fds[1], page, 1), -EPIPE);
	PROGRAM_END(arg);
}

static int polled(struct task *me, void *arg) {
	struct pollfd at[2];
	int fds[2];

	sys_pipe(me, fds);
	for (int i = 0; i < 2; i++)
		at[i] = (struct pollfd){.fd = fds[i], .events = POLLIN | POLLOUT};
	ck_assert_int_eq(sys_poll(me, at, 2, 0), 2);
	ck_assert_int_eq(at[0].revents, POLLOUT);
	sys_write(me, fds[1], "x", 1);
	ck_assert_int_eq(sys_poll(me, at, 2, 0), 2);
	ck_assert_int_eq(at[1].revents, POLLIN);
	sys_close(me, fds[1]);
	ck_assert_int_eq(sys_poll(me, at, 1, 0), 1);
	ck_assert_int_eq(at[0].revents, POLLIN | POLLHUP);
	PROGRAM_END(arg);
}

static int no_room(struct task *me, void *arg) {
	int fds[2];

	while (sys_open(me, "/f", O_RDONLY) >= 0)
		;
	ck_assert_int_eq(sys_pipe(me, fds), -EMFILE);
	sys_close(me, 0);
	ck_assert_int_eq(sys_pipe(me, fds), -EMFILE);
	ck_assert_int_eq(sys_open(me, "/f", O_RDONLY), 0); /* it left nothing open */
	PROGRAM_END(arg);
}

static int of_a_path(struct task *me, void *arg) {
	struct stat st;

	ck_assert_int_eq(sys_stat(me, "/f", &st), 0);
	ck_assert_int_eq(st.st_size, 1);
	ck_assert_int_eq(sys_stat(me, "/g", &st), -ENOENT);
	ck_assert_int_eq(sys_stat(me, NULL, &st), -EFAULT);
	ck_assert_int_eq(sys_stat(me, "/f", NULL), -EFAULT);
	PROGRAM_END(arg);
}

static program const programs[] = {one_process, full_and_broken, polled, no_room, of_a_path};

START_TEST(alone) {
	struct world w = world_new(16);

	fs_create(w.k, "/f", "x", 1);
	world_run(&w, programs[_i]);
	world_free(&w);
}
END_TEST

/* --- between processes ------------------------------------------------------------------------ */

#define STREAM 100000U

static int writes_all(struct task *me, void *arg) {
	const int *fds = arg;
	char buf[10000];

	sys_close(me, fds[0]);
	for (size_t sent = 0; sent < STREAM; sent += sizeof buf) {
		pattern_fill(7, sent, buf, sizeof buf);
		ck_assert_int_eq(sys_write(me, fds[1], buf, sizeof buf), sizeof buf);
	}
	return 0;
}

/* What does not fit waits for the reader; who reads to the end finds it when the last writer is gone. */
static int a_stream(struct task *me, void *arg) {
	char buf[3000];
	size_t got = 0;
	int fds[2];
	ssize_t n;

	sys_pipe(me, fds);
	sys_fork(me, writes_all, fds);
	sys_close(me, fds[1]);
	while ((n = sys_read(me, fds[0], buf, sizeof buf)) > 0) {
		ck_assert(pattern_check(7, got, buf, (size_t)n));
		got += (size_t)n;
	}
	ck_assert_int_eq(n, 0);
	ck_assert_uint_eq(got, STREAM);
	PROGRAM_END(arg);
}

static int echoes(struct task *me, void *arg) {
	const int *fds = arg;
	char byte;

	sys_close(me, fds[1]);
	sys_close(me, fds[2]);
	while (sys_read(me, fds[0], &byte, 1) == 1)
		sys_write(me, fds[3], &byte, 1);
	return 0;
}

/* Two writes, two reads, two wake-ups and two switches; nothing else takes time. */
static int round_trips(struct task *me, void *arg) {
	int fds[4];
	char byte = 'x';
	sim_time start;

	sys_pipe(me, fds);
	sys_pipe(me, fds + 2);
	sys_fork(me, echoes, fds);
	sys_write(me, fds[1], &byte, 1);
	sys_read(me, fds[2], &byte, 1);
	start = task_stopwatch(me);
	for (unsigned i = 0; i < 10; i++) {
		sys_write(me, fds[1], &byte, 1);
		sys_read(me, fds[2], &byte, 1);
	}
	ck_assert_int_eq(task_stopwatch(me) - start,
	                 (sim_time)10 * (4 * (300 + 200) + 4 * 5 + 2 * 100 + 2 * 700) * SIM_NS);
	PROGRAM_END(arg);
}

START_TEST(between_processes) {
	struct world w = world_new(16);

	world_cost(&w, "syscall", 300 * SIM_NS, 0);
	world_cost(&w, "pipe", 200 * SIM_NS, 0);
	world_cost(&w, "copy_pipe", 0, 5 * SIM_NS);
	world_cost(&w, "wakeup", 100 * SIM_NS, 0);
	world_cost(&w, "context_switch", 700 * SIM_NS, 0);
	world_run(&w, _i ? round_trips : a_stream);
	world_free(&w);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("pipe");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, alone, 0, G_N_ELEMENTS(programs));
	tcase_add_loop_test(tc, between_processes, 0, 2);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
