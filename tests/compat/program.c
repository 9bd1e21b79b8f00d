/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the programs of the tests have in common. */
#include <arpa/inet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/time.h>

#include "machine.h"

void compat_wrong(struct way *way, const char *file, int line, const char *what, long long value,
                  long long wanted) {
	g_autofree char *base = g_path_get_basename(file);

	if (!way->why)
		way->why = g_strdup_printf("%s:%d: %s is %lld, not %lld", base, line, what, value,
		                           wanted);
}

/* --- calls ------------------------------------------------------------------------------------ */

int bind_to(struct task *me, int fd, const char *addr, uint16_t port) {
	struct sockaddr_in in = inet_address(addr, port);

	return sys_bind(me, fd, (struct sockaddr *)&in, sizeof in);
}

int connect_to(struct task *me, int fd, const char *addr, uint16_t port) {
	struct sockaddr_in in = inet_address(addr, port);

	return sys_connect(me, fd, (struct sockaddr *)&in, sizeof in);
}

ssize_t send_to(struct task *me, int fd, const char *addr, uint16_t port, const char *text) {
	struct sockaddr_in in = inet_address(addr, port);

	return sys_sendto(me, fd, text, strlen(text), 0, (struct sockaddr *)&in, sizeof in);
}

int listen_on(struct task *me, uint16_t port) {
	int fd = TCP(me), err = bind_to(me, fd, "0.0.0.0", port);

	if (err == 0)
		err = sys_listen(me, fd, 5);
	return err < 0 ? err : fd;
}

int set_int(struct task *me, int fd, int level, int name, int value) {
	return sys_setsockopt(me, fd, level, name, &value, sizeof value);
}

int get_int(struct task *me, int fd, int level, int name) {
	int value = 0, len = sizeof value, err = sys_getsockopt(me, fd, level, name, &value, &len);

	return err < 0 ? err : value;
}

int set_seconds(struct task *me, int fd, int name, int seconds) {
	struct timeval tv = {.tv_sec = seconds};

	return sys_setsockopt(me, fd, SOL_SOCKET, name, &tv, sizeof tv);
}

int nonblocking(struct task *me, int fd) { return sys_fcntl(me, fd, F_SETFL, O_NONBLOCK); }

int port_of(struct task *me, int fd, bool peer, const char **addr) {
	static char text[INET_ADDRSTRLEN];
	struct sockaddr_in in = {0};
	struct sockaddr *sa = (struct sockaddr *)&in;
	int len = sizeof in;
	int err = peer ? sys_getpeername(me, fd, sa, &len) : sys_getsockname(me, fd, sa, &len);

	if (err < 0)
		return err;
	if (addr)
		*addr = inet_ntop(AF_INET, &in.sin_addr, text, sizeof text);
	return ntohs(in.sin_port);
}

void device_name(struct task *me, int fd, char *name) {
	struct ifreq list[8] = {0};
	struct ifconf conf = {.ifc_len = sizeof list, .ifc_buf = (char *)list};

	memset(name, 0, IFNAMSIZ);
	sys_ioctl(me, fd, SIOCGIFCONF, &conf);
	for (unsigned i = 0; i < (unsigned)conf.ifc_len / sizeof list[0]; i++) {
		struct sockaddr_in in;

		memcpy(&in, &list[i].ifr_addr, sizeof in);
		if (in.sin_addr.s_addr == inet_address(ME, 0).sin_addr.s_addr)
			memcpy(name, list[i].ifr_name, IFNAMSIZ);
	}
}

int poll_one(struct task *me, int fd, int events, int timeout_ms) {
	struct pollfd pfd = {.fd = fd, .events = (short)events};
	int n = sys_poll(me, &pfd, 1, timeout_ms);

	return n < 0 ? n : pfd.revents;
}

ssize_t recv_all(struct task *me, int fd, void *buf, size_t len) {
	size_t got = 0;

	while (got < len) {
		ssize_t n = sys_recv(me, fd, (char *)buf + got, len - got, 0);

		if (n < 0)
			return n;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

ssize_t fill(struct task *me, int fd) {
	static char buf[100000];
	ssize_t n, total = 0, before;

	do {
		before = total;
		while ((n = sys_send(me, fd, buf, sizeof buf, MSG_DONTWAIT)) > 0)
			total += n;
		sleep_ms(me, 1000);
	} while (total > before);
	return total;
}

/* --- time, signals, children ------------------------------------------------------------------ */

void sleep_ms(struct task *me, int ms) { sys_nanosleep(me, ms * SIM_MS); }

static int seen;

static void count_signal(struct task *me, int sig) {
	(void)me, (void)sig;
	seen++;
}

int signals_on(struct task *me, int sig) {
	seen = 0;
	return sys_signal(me, sig, count_signal);
}

int signals_seen(void) { return seen; }

void later(struct way *way, int ms, void (*fn)(void *arg), void *arg) {
	machine_later(way->machine, ms * SIM_MS, fn, arg);
}

struct signal_start {
	struct kernel *kernel;
	pid_t pid;
	int sig;
};

static void signal_now(void *arg) {
	struct signal_start *s = arg;
	struct task *task = task_by_pid(s->kernel, s->pid);

	if (task)
		send_sig(s->kernel, task, s->sig);
	g_free(s);
}

void signal_later(struct way *way, struct task *me, int ms, int sig) {
	struct signal_start *s = g_new(struct signal_start, 1);

	*s = (struct signal_start){way->kernel, task_pid(me), sig};
	later(way, ms, signal_now, s);
}

struct fork_start {
	struct way *way;
	compat_test child;
};

static int child_main(struct task *me, void *arg) {
	struct fork_start s = *(struct fork_start *)arg;

	g_free(arg);
	return s.child(me, s.way);
}

pid_t fork_with(struct task *me, struct way *way, compat_test child) {
	struct fork_start *s = g_new(struct fork_start, 1);

	*s = (struct fork_start){way, child};
	return sys_fork(me, child_main, s);
}

/* --- common beginnings ------------------------------------------------------------------------ */

int accepted(struct task *me, struct way *way, struct remote **r) {
	int lfd = listen_on(me, 80), fd;

	if (lfd < 0)
		return lfd;
	*r = remote_connect(way, 80);
	fd = sys_accept(me, lfd, NULL, NULL);
	sys_close(me, lfd);
	return fd;
}

int connected(struct task *me, struct way *way, struct remote **r) {
	struct remote *listener = remote_listen(way, 90);
	int fd = TCP(me), err = connect_to(me, fd, REMOTE, 90);

	if (err < 0)
		return err;
	sleep_ms(me, 10);
	*r = listener->child;
	return fd;
}
