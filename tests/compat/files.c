/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sockets as files: descriptors, forks, flags. */
#include "compat.h"

static int duplicates(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r), copy = sys_dup(me, fd);
	char byte;

	OK(copy >= 0 && copy != fd);
	IS(sys_close(me, fd), 0);
	IS(sys_recv(me, fd, &byte, 1, 0), -EBADF);
	remote_send(r, "x");
	IS(sys_recv(me, copy, &byte, 1, 0), 1);
	OK(!r->ended);
	IS(sys_dup2(me, copy, 50), 50);
	IS(sys_close(me, copy), 0);
	IS(sys_send(me, 50, "y", 1, 0), 1);
	IS(sys_close(me, 50), 0);
	sleep_ms(me, 10);
	OK(remote_got(r, "y") && r->ended);
	return 0;
}

static int dup2_closes(struct task *me, struct way *way) {
	struct remote *a, *b;
	int one = accepted(me, way, &a), two = connected(me, way, &b);

	IS(sys_dup2(me, one, two), two);
	sleep_ms(me, 10);
	OK(b->ended && !a->ended);
	IS(sys_send(me, two, "x", 1, 0), 1);
	sleep_ms(me, 10);
	OK(remote_got(a, "x"));
	return 0;
}

static int shared_flags(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r), copy = sys_dup(me, fd);
	char byte;

	IS(nonblocking(me, fd), 0);
	OK(sys_fcntl(me, copy, F_GETFL, 0) & O_NONBLOCK);
	IS(sys_recv(me, copy, &byte, 1, 0), -EAGAIN);
	IS(sys_fcntl(me, copy, F_SETFL, 0), 0);
	remote_send(r, "x");
	IS(sys_recv(me, fd, &byte, 1, 0), 1);
	return 0;
}

static int fionbio(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r), on = 1;
	char byte;

	IS(sys_ioctl(me, fd, FIONBIO, &on), 0);
	IS(sys_recv(me, fd, &byte, 1, 0), -EAGAIN);
	OK(sys_fcntl(me, fd, F_GETFL, 0) & O_NONBLOCK);
	return 0;
}

static int fcntls(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r), copy;

	IS(sys_fcntl(me, fd, F_GETFL, 0), O_RDWR);
	IS(sys_fcntl(me, fd, F_SETFL, O_NONBLOCK), 0);
	IS(sys_fcntl(me, fd, F_GETFL, 0), O_RDWR | O_NONBLOCK);
	IS(sys_fcntl(me, fd, F_GETFD, 0), 0);
	IS(sys_fcntl(me, fd, F_SETFD, FD_CLOEXEC), 0);
	IS(sys_fcntl(me, fd, F_GETFD, 0), FD_CLOEXEC);
	copy = sys_fcntl(me, fd, F_DUPFD, 20);
	IS(copy, 20);
	IS(sys_fcntl(me, copy, F_GETFD, 0), 0); /* of the descriptor, not of the file */
	IS(sys_fcntl(me, copy, F_GETFL, 0), O_RDWR | O_NONBLOCK);
	IS(sys_close(me, fd), 0);
	IS(sys_send(me, copy, "x", 1, 0), 1);
	sleep_ms(me, 10);
	OK(remote_got(r, "x") && !r->ended);
	IS(sys_fcntl(me, copy, 9999, 0), -EINVAL);
	return 0;
}

static int fork_fd;

static int fork_child(struct task *me, struct way *way) {
	char byte;

	IS(sys_recv(me, fork_fd, &byte, 1, 0), 1);
	IS(byte, 'x');
	IS(sys_send(me, fork_fd, "child", 5, 0), 5);
	return 0;
}

static int inherited(struct task *me, struct way *way) {
	struct remote *r;

	fork_fd = accepted(me, way, &r);
	OK(fork_with(me, way, fork_child) > 0);
	IS(sys_close(me, fork_fd), 0);
	sleep_ms(me, 10);
	OK(!r->ended);
	remote_send(r, "x");
	OK(sys_waitpid(me, -1, NULL, 0) > 0);
	sleep_ms(me, 10);
	OK(remote_got(r, "child") && r->ended);
	return 0;
}

static int exit_child(struct task *me, struct way *way) {
	(void)way;
	sys_exit(me, 3);
}

static int exit_keeps_parent(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r);

	OK(fork_with(me, way, exit_child) > 0);
	OK(sys_waitpid(me, -1, NULL, 0) > 0);
	sleep_ms(me, 10);
	OK(!r->ended);
	IS(sys_send(me, fd, "x", 1, 0), 1);
	sleep_ms(me, 10);
	OK(remote_got(r, "x"));
	return 0;
}

static int server_child(struct task *me, struct way *way) {
	int lfd = listen_on(me, 80);

	OK(sys_accept(me, lfd, NULL, NULL) >= 0);
	sleep_ms(me, 100000);
	return 0;
}

/* A process that is killed closes everything. */
static int killed(struct task *me, struct way *way) {
	pid_t pid = fork_with(me, way, server_child);
	struct remote *r;

	sleep_ms(me, 10);
	r = remote_connect(way, 80);
	sleep_ms(me, 10);
	OK(r->connected);
	IS(sys_kill(me, pid, SIGKILL), 0);
	OK(sys_waitpid(me, -1, NULL, 0) > 0);
	sleep_ms(me, 10);
	OK(r->ended);
	OK(listen_on(me, 81) >= 0);
	r = remote_connect(way, 80);
	sleep_ms(me, 10);
	IS(r->error, ECONNREFUSED);
	return 0;
}

static int close_fd;

static int close_reader(struct task *me, struct way *way) {
	char byte;

	IS(sys_recv(me, close_fd, &byte, 1, 0), 1);
	return 0;
}

/* In 2.4 a close does not wake who sleeps in the socket: the file is held until he returns. */
static int close_under_reader(struct task *me, struct way *way) {
	struct remote *r;

	close_fd = accepted(me, way, &r);
	OK(fork_with(me, way, close_reader) > 0);
	sleep_ms(me, 10);
	IS(sys_close(me, close_fd), 0);
	sleep_ms(me, 10);
	OK(!r->ended);
	remote_send(r, "x");
	OK(sys_waitpid(me, -1, NULL, 0) > 0);
	sleep_ms(me, 10);
	OK(r->ended);
	return 0;
}

static int bad_descriptors(struct task *me, struct way *way) {
	int fd, file;
	char byte;

	IS(sys_close(me, 77), -EBADF);
	IS(sys_recv(me, 77, &byte, 1, 0), -EBADF);
	IS(sys_listen(me, -1, 1), -EBADF);
	IS(fs_create(way->kernel, "/file", "hello", 5), 0);
	file = sys_open(me, "/file", O_RDONLY);
	IS(sys_recv(me, file, &byte, 1, 0), -ENOTSOCK);
	IS(sys_listen(me, file, 1), -ENOTSOCK);
	IS(bind_to(me, file, ME, 80), -ENOTSOCK);
	fd = TCP(me);
	IS(sys_close(me, fd), 0);
	IS(sys_close(me, fd), -EBADF);
	return 0;
}

static int not_a_file(struct task *me, struct way *way) {
	struct stat st;
	int fd = TCP(me);

	IS(sys_lseek(me, fd, 0, SEEK_SET), -ESPIPE);
	IS(sys_fstat(me, fd, &st), 0);
	OK(S_ISSOCK(st.st_mode));
	IS(sys_ioctl(me, fd, 0x1234, NULL), -EINVAL);
	return 0;
}

static int lowest_descriptor(struct task *me, struct way *way) {
	int a = TCP(me), b = TCP(me), c = TCP(me);

	IS(sys_close(me, b), 0);
	IS(TCP(me), b);
	IS(sys_close(me, a), 0);
	IS(sys_close(me, c), 0);
	IS(UDP(me), a);
	return 0;
}

/* A listener that a child inherited serves it as it served the parent, who has closed it. */
static int listener_child(struct task *me, struct way *way) {
	int fd = sys_accept(me, fork_fd, NULL, NULL);

	OK(fd >= 0);
	IS(sys_send(me, fd, "child", 5, 0), 5);
	return 0;
}
static int inherited_listener(struct task *me, struct way *way) {
	struct remote *r;

	fork_fd = listen_on(me, 80);
	OK(fork_with(me, way, listener_child) > 0);
	sleep_ms(me, 10);
	IS(sys_close(me, fork_fd), 0);
	r = remote_connect(way, 80);
	OK(sys_waitpid(me, -1, NULL, 0) > 0);
	sleep_ms(me, 10);
	OK(remote_got(r, "child") && r->ended);
	r = remote_connect(way, 80);
	sleep_ms(me, 10);
	IS(r->error, ECONNREFUSED);
	return 0;
}

static int owner(struct task *me, struct way *way) {
	int fd = TCP(me), pid = 0;

	IS(sys_fcntl(me, fd, F_GETOWN, 0), 0);
	IS(sys_fcntl(me, fd, F_SETOWN, task_pid(me)), 0);
	IS(sys_fcntl(me, fd, F_GETOWN, 0), task_pid(me));
	IS(sys_ioctl(me, fd, SIOCGPGRP, &pid), 0);
	IS(pid, task_pid(me));
	return 0;
}

const struct compat_case compat_files[] = {
	{"dup and dup2", duplicates},
	{"dup2 closes", dup2_closes},
	{"O_NONBLOCK is shared", shared_flags},
	{"FIONBIO", fionbio},
	{"fcntl", fcntls},
	{"fork inherits", inherited},
	{"fork inherits a listener", inherited_listener},
	{"exit of a child", exit_keeps_parent},
	{"kill closes", killed},
	{"close under a reader", close_under_reader},
	{"bad descriptors", bad_descriptors},
	{"a socket is no file", not_a_file},
	{"lowest descriptor", lowest_descriptor},
	{"F_SETOWN", owner},
	{NULL, NULL},
};
