/* SPDX-License-Identifier: GPL-3.0-or-later */
/* epoll over the tests' pipe family. */
#include <string.h>

#include "host/core/clone.h"
#include "run_suite.h"
#include "world.h"

static struct epoll_event want(uint32_t events, int mark) {
	return (struct epoll_event){.events = events, .data.fd = mark};
}

/* A pair in a new epoll, with `events` for its first end. */
static int watched_pair(struct task *me, uint32_t events, int fd[2]) {
	struct epoll_event event = want(events, 7);
	int ep;

	task_set_epoll(me, true);
	ep = sys_epoll_create(me, 1);
	ck_assert_int_eq(sys_socketpair(me, PF_PIPE, SOCK_STREAM, 0, fd), 0);
	ck_assert_int_eq(sys_epoll_ctl(me, ep, EPOLL_CTL_ADD, fd[0], &event), 0);
	return ep;
}

static int news(struct task *me, int ep) {
	struct epoll_event event[4];

	return sys_epoll_wait(me, ep, event, 4, 0);
}

#define RUN(program)                                                                               \
	START_TEST(test_##program) {                                                               \
		struct world w = world_new(64);                                                    \
		world_run(&w, program);                                                            \
		world_free(&w);                                                                    \
	}                                                                                          \
	END_TEST

static int errors(struct task *me, void *arg) {
	struct epoll_event event = want(EPOLLIN, 1);
	int fd[2], ep;

	ck_assert_int_eq(sys_epoll_create(me, 1), -ENOSYS); /* a program of 2.4 */
	ep = watched_pair(me, EPOLLIN, fd);
	ck_assert_int_eq(sys_epoll_create(me, 0), -EINVAL);
	ck_assert_int_eq(sys_epoll_ctl(me, ep, EPOLL_CTL_ADD, fd[0], &event), -EEXIST);
	ck_assert_int_eq(sys_epoll_ctl(me, ep, EPOLL_CTL_MOD, fd[1], &event), -ENOENT);
	ck_assert_int_eq(sys_epoll_ctl(me, ep, EPOLL_CTL_DEL, fd[1], NULL), -ENOENT);
	ck_assert_int_eq(sys_epoll_ctl(me, ep, EPOLL_CTL_ADD, 99, &event), -EBADF);
	ck_assert_int_eq(sys_epoll_ctl(me, 99, EPOLL_CTL_ADD, fd[1], &event), -EBADF);
	ck_assert_int_eq(sys_epoll_ctl(me, fd[0], EPOLL_CTL_ADD, fd[1], &event), -EINVAL);
	ck_assert_int_eq(sys_epoll_ctl(me, ep, EPOLL_CTL_ADD, ep, &event), -EINVAL);
	ck_assert_int_eq(sys_epoll_ctl(me, ep, 9, fd[0], &event), -EINVAL);
	ck_assert_int_eq(sys_epoll_ctl(me, ep, EPOLL_CTL_MOD, fd[0], NULL), -EFAULT);
	ck_assert_int_eq(sys_epoll_wait(me, ep, &event, 0, 0), -EINVAL);
	ck_assert_int_eq(sys_epoll_wait(me, fd[0], &event, 1, 0), -EINVAL);
	ck_assert_int_eq(sys_epoll_wait(me, 99, &event, 1, 0), -EBADF);
	PROGRAM_END(arg);
}
RUN(errors)

static int level(struct task *me, void *arg) {
	struct epoll_event event;
	char byte;
	int fd[2], ep = watched_pair(me, EPOLLIN, fd);

	ck_assert_int_eq(news(me, ep), 0);
	sys_write(me, fd[1], "x", 1);
	ck_assert_int_eq(sys_epoll_wait(me, ep, &event, 1, -1), 1);
	ck_assert_int_eq(event.events, EPOLLIN);
	ck_assert_int_eq(event.data.fd, 7);
	ck_assert_int_eq(news(me, ep), 1); /* as long as it is so */
	sys_read(me, fd[0], &byte, 1);
	ck_assert_int_eq(news(me, ep), 0);
	/* Of what was there before it was added it hears at once; hang-up comes unasked. */
	event = want(EPOLLOUT, 8);
	ck_assert_int_eq(sys_epoll_ctl(me, ep, EPOLL_CTL_MOD, fd[0], &event), 0);
	ck_assert_int_eq(sys_epoll_wait(me, ep, &event, 1, 0), 1);
	ck_assert_int_eq(event.data.fd, 8);
	event = want(0, 9);
	ck_assert_int_eq(sys_epoll_ctl(me, ep, EPOLL_CTL_MOD, fd[0], &event), 0);
	sys_close(me, fd[1]);
	PROGRAM_END(arg);
}
RUN(level)

static int edge(struct task *me, void *arg) {
	int fd[2], ep = watched_pair(me, EPOLLIN | EPOLLET, fd);

	sys_write(me, fd[1], "x", 1);
	ck_assert_int_eq(news(me, ep), 1);
	ck_assert_int_eq(news(me, ep), 0); /* still there, and no news */
	sys_write(me, fd[1], "x", 1);
	ck_assert_int_eq(news(me, ep), 1);
	PROGRAM_END(arg);
}
RUN(edge)

static int once(struct task *me, void *arg) {
	struct epoll_event again = want(EPOLLIN | EPOLLONESHOT, 7);
	int fd[2], ep = watched_pair(me, EPOLLIN | EPOLLONESHOT, fd);

	sys_write(me, fd[1], "x", 1);
	ck_assert_int_eq(news(me, ep), 1);
	sys_write(me, fd[1], "x", 1);
	ck_assert_int_eq(news(me, ep), 0);
	ck_assert_int_eq(sys_epoll_ctl(me, ep, EPOLL_CTL_MOD, fd[0], &again), 0);
	ck_assert_int_eq(news(me, ep), 1);
	PROGRAM_END(arg);
}
RUN(once)

static int goes_with_the_last_descriptor(struct task *me, void *arg) {
	int fd[2], copy, ep = watched_pair(me, EPOLLIN, fd);

	sys_write(me, fd[1], "x", 1);
	copy = sys_dup(me, fd[0]);
	sys_close(me, fd[0]);
	ck_assert_int_eq(news(me, ep), 1);
	sys_close(me, copy);
	ck_assert_int_eq(news(me, ep), 0);
	/* And an epoll may go before what it watches. */
	ep = watched_pair(me, EPOLLIN, fd);
	sys_close(me, ep);
	ck_assert_int_eq(sys_write(me, fd[1], "x", 1), 1);
	PROGRAM_END(arg);
}
RUN(goes_with_the_last_descriptor)

static int write_later(struct task *me, void *arg) {
	int *fd = arg;

	sys_nanosleep(me, 20 * SIM_MS); /* three ticks */
	ck_assert_int_eq(sys_write(me, *fd, "x", 1), 1);
	return 0;
}

static int sleeps(struct task *me, void *arg) {
	struct epoll_event event[2];
	int fd[2], ep = watched_pair(me, EPOLLIN, fd);
	struct pollfd pfd = {ep, POLLIN, 0};

	ck_assert_int_eq(sys_epoll_wait(me, ep, event, 2, 5), 0);
	ck_assert_int_eq(sys_gettime(me) / SIM_MS,
	                 20); /* as poll(): up to the tick, and one more */
	ck_assert_int_gt(sys_fork(me, write_later, &fd[1]), 0);
	ck_assert_int_eq(sys_epoll_wait(me, ep, event, 2, -1), 1);
	ck_assert_int_eq(sys_gettime(me) / SIM_MS, 50);
	/* An epoll can be polled itself. */
	ck_assert_int_eq(sys_poll(me, &pfd, 1, 0), 1);
	PROGRAM_END(arg);
}
RUN(sleeps)

int main(void) {
	Suite *s = suite_create("epoll");
	TCase *tc = tcase_create("epoll");

	tcase_add_test(tc, test_errors);
	tcase_add_test(tc, test_level);
	tcase_add_test(tc, test_edge);
	tcase_add_test(tc, test_once);
	tcase_add_test(tc, test_goes_with_the_last_descriptor);
	tcase_add_test(tc, test_sleeps);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
