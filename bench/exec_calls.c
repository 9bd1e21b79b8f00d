/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes one system call again and again, for bench/calls: as a real program (exec_calls), or, compiled with SIMULATED, as
 * one that lives inside the simulated kernel (host_calls).
 *
 *     exec_calls CALL TIMES DESCRIPTORS
 *
 * So many sockets are open meanwhile.  It prints the processor time that it has taken itself, in nanoseconds: a real one
 * as the real kernel counts it (/proc/self/schedstat).  Without arguments it prints the calls that it knows.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifdef SIMULATED
#include "host/boot/boot.h"
#include "host/core/clone.h"
#include "host/file/file_syscalls.h"
#include "host/socket/syscalls.h"

/* The calls below are the simulated kernel's, of this task. */
static struct task *me;
#define accept(fd, name, len) sys_accept(me, fd, name, len)
#define bind(...) sys_bind(me, __VA_ARGS__)
#define connect(...) sys_connect(me, __VA_ARGS__)
#define epoll_create1(flags) sys_epoll_create(me, 1 + (flags))
#define epoll_ctl(...) sys_epoll_ctl(me, __VA_ARGS__)
#define epoll_wait(...) sys_epoll_wait(me, __VA_ARGS__)
#define fcntl(fd, cmd, arg) sys_fcntl(me, fd, cmd, arg)
#define getpeername(fd, name, len) sys_getpeername(me, fd, name, (int *)(len))
#define getsockname(fd, name, len) sys_getsockname(me, fd, name, (int *)(len))
#define getsockopt(fd, level, name, value, len)                                                    \
	sys_getsockopt(me, fd, level, name, value, (int *)(len))
#define ioctl(...) sys_ioctl(me, __VA_ARGS__)
#define listen(...) sys_listen(me, __VA_ARGS__)
#define poll(...) sys_poll(me, __VA_ARGS__)
#define recv(...) sys_recv(me, __VA_ARGS__)
#define recvmsg(...) sys_recvmsg(me, __VA_ARGS__)
#define sched_yield() (sys_sched_yield(me), 0)
#define select(...) sys_select(me, __VA_ARGS__)
#define send(...) sys_send(me, __VA_ARGS__)
#define sendmsg(...) sys_sendmsg(me, __VA_ARGS__)
#define setsockopt(...) sys_setsockopt(me, __VA_ARGS__)
#define socket(...) sys_socket(me, __VA_ARGS__)
#define FAILED_WITH(ret, error) ((ret) == -(error))
#else
#define FAILED_WITH(ret, error) ((ret) < 0 && errno == (error))
#endif

#define PORT 9
#define BYTES 64

/* A bound socket for datagrams that is connected to itself, a listener, and an epoll set with the first. */
static int dgram, listener, epoll;
static char bytes[BYTES];

static int do_getsockopt(void) {
	int value = 0;
	socklen_t len = sizeof value;

	return getsockopt(dgram, SOL_SOCKET, SO_TYPE, &value, &len);
}

static int do_setsockopt(void) {
	int on = 1;

	return setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static int do_getsockname(void) {
	struct sockaddr_in name = {0};
	socklen_t len = sizeof name;

	return getsockname(dgram, (struct sockaddr *)&name, &len);
}

static int do_getpeername(void) {
	struct sockaddr_in name = {0};
	socklen_t len = sizeof name;

	return getpeername(dgram, (struct sockaddr *)&name, &len);
}

static int would_block(ssize_t ret) { return FAILED_WITH(ret, EAGAIN) ? 0 : -1; }

static int do_accept(void) { return would_block(accept(listener, NULL, NULL)); }

static int do_recv(void) { return would_block(recv(dgram, bytes, sizeof bytes, MSG_DONTWAIT)); }

static int do_poll(void) {
	struct pollfd fd = {dgram, POLLIN, 0};

	return poll(&fd, 1, 0);
}

static int do_select(void) {
	struct timeval none = {0, 0};
	fd_set set;

	FD_ZERO(&set);
	FD_SET(0, &set);
	return select(1, NULL, &set, NULL, &none) < 0 ? -1 : 0;
}

static int do_epoll_wait(void) {
	struct epoll_event event;

	return epoll_wait(epoll, &event, 1, 0);
}

static int do_ioctl(void) {
	int waiting = 1;

	return ioctl(dgram, FIONREAD, &waiting);
}

static int do_fcntl(void) { return fcntl(dgram, F_GETFL, 0) < 0 ? -1 : 0; }

static int do_sched_yield(void) { return sched_yield(); }

static int do_send(void) {
	return send(dgram, bytes, sizeof bytes, 0) == BYTES &&
	                       recv(dgram, bytes, sizeof bytes, 0) == BYTES
	               ? 0
	               : -1;
}

static int do_sendmsg(void) {
	struct sockaddr_in name;
	struct iovec iov[] = {{bytes, BYTES / 2}, {bytes + BYTES / 2, BYTES / 2}};
	struct msghdr out = {.msg_iov = iov, .msg_iovlen = 2};
	struct msghdr in = {
		.msg_iov = iov, .msg_iovlen = 2, .msg_name = &name, .msg_namelen = sizeof name};

	return sendmsg(dgram, &out, 0) == BYTES && recvmsg(dgram, &in, 0) == BYTES ? 0 : -1;
}

/* `calls` of them are made in one. */
static const struct {
	const char *name;
	int (*make)(void);
	int calls;
} all[] = {
	{"sched_yield", do_sched_yield, 1},
	{"getsockopt", do_getsockopt, 1},
	{"setsockopt", do_setsockopt, 1},
	{"getsockname", do_getsockname, 1},
	{"getpeername", do_getpeername, 1},
	{"accept", do_accept, 1},
	{"recv", do_recv, 1},
	{"poll", do_poll, 1},
	{"select", do_select, 1},
	{"epoll_wait", do_epoll_wait, 1},
	{"ioctl", do_ioctl, 1},
	{"fcntl", do_fcntl, 1},
	{"send+recv", do_send, 2},
	{"sendmsg+recvmsg", do_sendmsg, 2},
};
#define N (sizeof all / sizeof *all)

static int prepare(int descriptors) {
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	struct epoll_event event = {.events = EPOLLIN};

	inet_pton(AF_INET, "127.0.0.1", &name.sin_addr);
	for (int i = 3; i < descriptors; i++)
		if (socket(AF_INET, SOCK_DGRAM, 0) < 0)
			return -1;
	dgram = socket(AF_INET, SOCK_DGRAM, 0);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	epoll = epoll_create1(0);
	if (dgram < 0 || listener < 0 || epoll < 0)
		return -1;
	return bind(dgram, (struct sockaddr *)&name, sizeof name) ||
	       connect(dgram, (struct sockaddr *)&name, sizeof name) ||
	       bind(listener, (struct sockaddr *)&name, sizeof name) || listen(listener, 5) ||
	       fcntl(listener, F_SETFL, O_NONBLOCK) ||
	       epoll_ctl(epoll, EPOLL_CTL_ADD, dgram, &event);
}

/* Does what is asked for: 0, or why it failed. */
static const char *make(char **argv) {
	size_t which = 0;
	long times = atol(argv[2]);

	while (which < N && strcmp(all[which].name, argv[1]) != 0)
		which++;
	if (which == N)
		return "no such call";
	if (prepare(atoi(argv[3])))
		return "no sockets";
	for (long i = 0; i < times; i += all[which].calls)
		if (all[which].make())
			return "a call failed";
	return NULL;
}

/* --- where it runs ------------------------------------------------------------------------------ */

#ifdef SIMULATED
static const char *bad = "it has not run";

static int process(struct task *task, void *argv) {
	me = task;
	task_set_epoll(me, true);
	bad = make(argv);
	return 0;
}

/* The process is the simulator's. */
static const char *run(char **argv) {
	struct sim *sim = sim_new(1);
	struct kernel_conf conf;
	struct kernel *k;

	kernel_conf_default(&conf);
	k = kernel_new(sim, &conf);
	kernel_set_cost(k, "syscall", (struct cost_value){SIM_US, 0}); /* so that time passes */
	process_start(k, "calls", process, argv);
	sim_run(sim, SIM_NEVER);
	kernel_free(k);
	sim_free(sim);
	return bad;
}

static long long used(void) {
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}
#else
static const char *run(char **argv) { return make(argv); }

/* Its clocks are simulated, but not its files. */
static long long used(void) {
	char text[64] = "";
	int fd = open("/proc/self/schedstat", O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof text - 1) <= 0)
		return 0;
	close(fd);
	return atoll(text);
}
#endif

int main(int argc, char **argv) {
	const char *wrong = argc == 4 ? run(argv) : NULL;

	for (size_t i = 0; argc != 4 && i < N; i++)
		printf("%s\n", all[i].name);
	if (wrong)
		fprintf(stderr, "%s: %s\n", argv[1], wrong);
	else if (argc == 4)
		printf("used %lld\n", used());
	return wrong != NULL;
}
