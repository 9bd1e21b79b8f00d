/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long does each thing take that lmbench measures?  Its programs, with its sizes; loops cost nothing.  After
 * some rounds that are not counted each is tried eleven times, and the median is what counts.
 */
#include "apps/lmbench.h"

#include <errno.h>
#include <glib.h>
#include <math.h>
#include <stdlib.h>

#include "host/core/cache.h"
#include "host/core/clone.h"
#include "host/file/pipe.h"
#include "host/socket/syscalls.h"
#include "host/socket/unix.h"

#define KB ((size_t)1024)
#define TRIES 11U /* lmbench's, of which it takes the median */
#define ROUNDS 20U
#define WARM_UP 8U
#define CONNECTING (25 * SIM_MS) /* lmbench's least for a try of connections: both ends have turns in it */
#define PORT 31234
#define SELECT_FDS 100
#define CHUNK (64 * KB)
#define STREAM (8 * 1024 * KB) /* of bw_tcp */
#define SOCKBUF (1024 * KB)    /* what bw_tcp asks for; the kernel gives what it gives */
#define FILE_BYTES (2 * 1024 * KB)
#define NAME "/usr/include/sys/types.h"
#define LARGE "/tmp/large"

const char *const lmbench_names[LMBENCH_COUNT] = {
#define X(name, text) #name,
	LMBENCH(X)
#undef X
};

struct lmbench {
	double value[LMBENCH_COUNT];
	int error;
	const char *failed;
	char *buf; /* CHUNK bytes */
	void (*done)(void *arg);
	void *done_arg;
};

/* --- the loop --------------------------------------------------------------------------------- */

/* One round of what is measured: 0, or a negative errno. */
typedef int round_of(struct task *me, void *arg);

/* A number of rounds, and no fewer than take so long: us each, NAN if one failed (*err). */
static double mean_us(struct task *me, round_of *round, void *arg, unsigned least, sim_time enough,
                      int *err) {
	sim_time start = task_stopwatch(me), spent = 0;
	unsigned n;

	for (n = 0; n < least || spent < enough; n++) {
		*err = round(me, arg);
		if (*err)
			return NAN;
		spent = task_stopwatch(me) - start;
	}
	return sim_to_us(spent) / n;
}

static int compare(const void *a, const void *b) {
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median_of(struct task *me, round_of *round, void *arg, sim_time enough, int *err) {
	double tries[TRIES];

	*err = 0;
	mean_us(me, round, arg, WARM_UP, 0, err);
	for (unsigned i = 0; i < TRIES && !*err; i++)
		tries[i] = mean_us(me, round, arg, ROUNDS, enough, err);
	if (*err)
		return NAN;
	qsort(tries, TRIES, sizeof *tries, compare);
	return tries[TRIES / 2];
}

static double median_us(struct task *me, round_of *round, void *arg, int *err) {
	return median_of(me, round, arg, 0, err);
}

/* A count of what was done, as 0. */
static int as_err(ssize_t n) { return n < 0 ? (int)n : 0; }

/* --- calls ------------------------------------------------------------------------------------ */

static int null_call(struct task *me, void *unused) {
	(void)unused;
	syscall_enter(me);
	syscall_exit(me);
	return 0;
}

static int null_io(struct task *me, void *fd) {
	char byte = 'x';
	ssize_t n = sys_read(me, *(int *)fd, &byte, 1);

	return as_err(n < 0 ? n : sys_write(me, *(int *)fd, &byte, 1));
}

static int stats(struct task *me, void *unused) {
	struct stat st;

	(void)unused;
	return sys_stat(me, NAME, &st);
}

static int opens(struct task *me, void *unused) {
	int fd = sys_open(me, NAME, O_RDONLY);

	(void)unused;
	return fd < 0 ? fd : sys_close(me, fd);
}

static int selects(struct task *me, void *set) {
	fd_set out = *(fd_set *)set;
	struct timeval tv = {0};

	return as_err(sys_select(me, FD_SETSIZE, NULL, &out, NULL, &tv));
}

static void handler(struct task *me, int sig) {
	(void)me;
	(void)sig;
}

static int installs(struct task *me, void *unused) {
	(void)unused;
	return sys_signal(me, SIGUSR1, handler);
}

static int handles(struct task *me, void *unused) {
	(void)unused;
	return sys_kill(me, task_pid(me), SIGUSR1);
}

static int ends_at_once(struct task *me, void *unused) {
	(void)me;
	(void)unused;
	return 0;
}

static int forks(struct task *me, void *unused) {
	pid_t pid = sys_fork(me, ends_at_once, NULL);

	(void)unused;
	return pid < 0 ? pid : as_err(sys_waitpid(me, pid, NULL, 0));
}

static double measure_null_io(struct task *me, int *err) {
	int fd = sys_open(me, "/dev/null", O_RDWR);
	double value = median_us(me, null_io, &fd, err) / 2;

	sys_close(me, fd);
	return value;
}

static double measure_handler(struct task *me, int *err) {
	double value;

	sys_signal(me, SIGUSR1, handler);
	value = median_us(me, handles, NULL, err);
	sys_signal(me, SIGUSR1, SIGNAL_DEFAULT);
	return value;
}

/* --- pipes ------------------------------------------------------------------------------------ */

/* Who passes a token on: from one descriptor to another, until it comes no more. */
struct station {
	int in, out, others[64]; /* the latter, which end in -1, are closed */
	size_t footprint;
};

static int station(struct task *me, void *arg) {
	g_autofree struct station *s = arg;
	int token;

	for (unsigned i = 0; s->others[i] >= 0; i++)
		sys_close(me, s->others[i]);
	task_set_footprint(me, s->footprint);
	while (sys_read(me, s->in, &token, sizeof token) == sizeof token)
		sys_write(me, s->out, &token, sizeof token);
	return 0;
}

static int pass(struct task *me, void *arg) {
	const struct station *s = arg;
	int token = 0;
	ssize_t n = sys_write(me, s->out, &token, sizeof token);

	return as_err(n < 0 ? n : sys_read(me, s->in, &token, sizeof token));
}

/* A ring of `n` processes, this one among them: us a round. */
static double ring_us(struct task *me, unsigned n, size_t footprint, int *err) {
	int pipes[16][2] = {{0}};
	struct station mine;
	double value;

	for (unsigned i = 0; i < n; i++) {
		*err = sys_pipe(me, pipes[i]);
		if (*err)
			return NAN;
	}
	for (unsigned i = 1; i < n; i++) {
		struct station *s = g_new(struct station, 1);
		unsigned others = 0;

		*s = (struct station){
			.in = pipes[i - 1][0], .out = pipes[i][1], .footprint = footprint};
		for (unsigned j = 0; j < n; j++)
			for (unsigned end = 0; end < 2; end++)
				if (pipes[j][end] != s->in && pipes[j][end] != s->out)
					s->others[others++] = pipes[j][end];
		s->others[others] = -1;
		sys_fork(me, station, s);
	}
	mine = (struct station){.in = pipes[n - 1][0], .out = pipes[0][1]};
	task_set_footprint(me, footprint);
	value = median_us(me, pass, &mine, err);
	task_set_footprint(me, 0);
	for (unsigned i = 0; i < n; i++)
		for (unsigned end = 0; end < 2; end++)
			sys_close(me, pipes[i][end]);
	for (unsigned i = 1; i < n; i++)
		sys_waitpid(me, -1, NULL, 0);
	return value;
}

/* A switch is what a ring takes more than a pipe of one process with itself. */
static double measure_ctx(struct task *me, unsigned n, size_t footprint, int *err) {
	double alone = ring_us(me, 1, footprint, err);

	return *err ? NAN : ring_us(me, n, footprint, err) / n - alone;
}

/* --- sockets ---------------------------------------------------------------------------------- */

static const struct sockaddr_in loopback = {
	.sin_family = AF_INET,
	.sin_port = PORT >> 8 | (PORT & 255) << 8,
	.sin_addr.s_addr = 0x0100007f,
};
#define LOOPBACK ((const struct sockaddr *)&loopback), sizeof loopback

/* A socket that waits at the port; it stays open in the child that serves. */
static int open_server(struct task *me, int type) {
	int fd = sys_socket(me, AF_INET, type, 0), one = 1;
	int err = fd < 0 ? fd : sys_setsockopt(me, fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);

	if (!err)
		err = sys_bind(me, fd, LOOPBACK);
	if (!err && type == SOCK_STREAM)
		err = sys_listen(me, fd, 128);
	return err ? err : fd;
}

/* As lmbench's sock_optimize() does, before a connection: a window follows from it. */
static int ask_for_room(struct task *me, int fd) {
	const int bytes = SOCKBUF;
	int err = sys_setsockopt(me, fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);

	return err ? err : sys_setsockopt(me, fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

static int serve_datagrams(struct task *me, void *arg) {
	int fd = *(const int *)arg;
	struct sockaddr_in from;
	char byte = 'x';

	while (byte) {
		int len = sizeof from;

		if (sys_recvfrom(me, fd, &byte, 1, 0, (struct sockaddr *)&from, &len) != 1)
			break;
		sys_sendto(me, fd, &byte, 1, 0, (const struct sockaddr *)&from, len);
	}
	return 0;
}

static int serve_echo(struct task *me, void *arg) {
	int fd = sys_accept(me, *(const int *)arg, NULL, NULL);
	char byte;

	while (sys_read(me, fd, &byte, 1) == 1)
		sys_write(me, fd, &byte, 1);
	return 0;
}

static int serve_pair(struct task *me, void *arg) {
	const int *pair = arg;
	char byte;

	sys_close(me, pair[0]);
	while (sys_read(me, pair[1], &byte, 1) == 1)
		sys_write(me, pair[1], &byte, 1);
	return 0;
}

/* Connections that bring nothing; one that brings a byte ends it. */
static int serve_connections(struct task *me, void *arg) {
	char byte;
	ssize_t n;

	do {
		int fd = sys_accept(me, *(const int *)arg, NULL, NULL);

		n = sys_read(me, fd, &byte, 1);
		sys_close(me, fd);
	} while (n == 0);
	return 0;
}

static int serve_sink(struct task *me, void *arg) {
	int fd = sys_accept(me, *(const int *)arg, NULL, NULL);
	g_autofree char *buf = g_malloc(CHUNK);

	while (sys_read(me, fd, buf, CHUNK) > 0)
		;
	return 0;
}

static int exchange(struct task *me, void *fd) {
	char byte = 'x';
	ssize_t n = sys_write(me, *(int *)fd, &byte, 1);

	return as_err(n < 0 ? n : sys_read(me, *(int *)fd, &byte, 1));
}

static int connects(struct task *me, void *unused) {
	int fd = sys_socket(me, AF_INET, SOCK_STREAM, 0);
	int err = fd < 0 ? fd : sys_connect(me, fd, LOOPBACK);

	(void)unused;
	sys_close(me, fd);
	return err;
}

static int sends_all(struct task *me, const struct lmbench *bench, int fd) {
	for (size_t sent = 0; sent < STREAM;) {
		ssize_t n = sys_write(me, fd, bench->buf, CHUNK);

		if (n < 0)
			return (int)n;
		sent += (size_t)n;
	}
	return 0;
}

static double measure_pair(struct task *me, int *err) {
	int pair[2];
	double value = NAN;

	*err = sys_socketpair(me, AF_UNIX, SOCK_STREAM, 0, pair);
	if (*err)
		return NAN;
	*err = as_err(sys_fork(me, serve_pair, pair));
	sys_close(me, pair[1]);
	if (!*err)
		value = median_us(me, exchange, &pair[0], err);
	sys_close(me, pair[0]);
	if (!*err)
		sys_waitpid(me, -1, NULL, 0);
	return value;
}

/* With a server in a child, and a socket that is connected to it. */
static double
with_server(struct task *me, int type, program serve,
            double (*measure)(struct task *me, struct lmbench *bench, int fd, int *err), int *err) {
	int server = open_server(me, type), fd = -1;
	double value = NAN;

	*err = MIN(server, 0);
	if (!*err && serve == serve_sink)
		*err = ask_for_room(me, server);
	if (!*err)
		*err = as_err(sys_fork(me, serve, &server));
	if (!*err)
		fd = sys_socket(me, AF_INET, type, 0);
	if (!*err && serve == serve_sink)
		*err = ask_for_room(me, fd);
	if (!*err)
		*err = sys_connect(me, fd, LOOPBACK);
	if (!*err)
		value = measure(me, task_arg(me), fd, err);
	sys_close(me, fd);
	sys_close(me, server);
	if (!*err)
		sys_waitpid(me, -1, NULL, 0);
	return value;
}

static double exchanges(struct task *me, struct lmbench *bench, int fd, int *err) {
	(void)bench;
	return median_us(me, exchange, &fd, err);
}

/* Of one connection, as often as there are descriptors. */
static double selections(struct task *me, struct lmbench *bench, int fd, int *err) {
	int fds[SELECT_FDS];
	unsigned n = 0;
	double value = NAN;
	fd_set set;

	(void)bench;
	FD_ZERO(&set);
	for (*err = 0; n < SELECT_FDS; n++) {
		fds[n] = sys_dup(me, fd);
		*err = MIN(fds[n], 0);
		if (*err)
			break;
		FD_SET(fds[n], &set);
	}
	if (!*err)
		value = median_us(me, selects, &set, err);
	while (n)
		sys_close(me, fds[--n]);
	return value;
}

/* The server goes on until a datagram of 0. */
static double datagrams(struct task *me, struct lmbench *bench, int fd, int *err) {
	double value = exchanges(me, bench, fd, err);

	sys_write(me, fd, "", 1);
	return value;
}

/* The socket that is connected already is closed first: the server serves one at a time. */
static double connections(struct task *me, struct lmbench *bench, int fd, int *err) {
	double value;
	int last;

	(void)bench;
	sys_close(me, fd);
	value = median_of(me, connects, NULL, CONNECTING, err);
	last = sys_socket(me, AF_INET, SOCK_STREAM, 0);
	sys_connect(me, last, LOOPBACK);
	sys_write(me, last, "x", 1);
	sys_close(me, last);
	return value;
}

/* Of the second of two streams: windows are open by then. */
static double bandwidth(struct task *me, struct lmbench *bench, int fd, int *err) {
	sim_time start;

	*err = sends_all(me, bench, fd);
	start = task_stopwatch(me);
	if (!*err)
		*err = sends_all(me, bench, fd);
	return STREAM / sim_to_us(task_stopwatch(me) - start);
}

/* --- files ------------------------------------------------------------------------------------ */

static int read_through(struct task *me, const struct lmbench *bench) {
	int fd = sys_open(me, LARGE, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return fd;
	while ((n = sys_read(me, fd, bench->buf, CHUNK)) > 0)
		;
	sys_close(me, fd);
	return (int)n;
}

static double measure_reread(struct task *me, const struct lmbench *bench, int *err) {
	sim_time start;

	*err = read_through(me, bench);
	start = task_stopwatch(me);
	if (!*err)
		*err = read_through(me, bench);
	return FILE_BYTES / sim_to_us(task_stopwatch(me) - start);
}

/* --- all of it -------------------------------------------------------------------------------- */

static double measure_calls(struct task *me, enum lmbench_measure measure, int *err) {
	switch (measure) {
	case LMBENCH_null_call:
		return median_us(me, null_call, NULL, err);
	case LMBENCH_null_io:
		return measure_null_io(me, err);
	case LMBENCH_stat:
		return median_us(me, stats, NULL, err);
	case LMBENCH_open_close:
		return median_us(me, opens, NULL, err);
	case LMBENCH_select_tcp:
		return with_server(me, SOCK_STREAM, serve_echo, selections, err);
	case LMBENCH_sig_install:
		return median_us(me, installs, NULL, err);
	case LMBENCH_sig_handle:
		return measure_handler(me, err);
	default:
		return median_us(me, forks, NULL, err);
	}
}

static double measure_paths(struct task *me, enum lmbench_measure measure, int *err) {
	switch (measure) {
	case LMBENCH_ctx_2p_0k:
		return measure_ctx(me, 2, 0, err);
	case LMBENCH_ctx_2p_16k:
		return measure_ctx(me, 2, 16 * KB, err);
	case LMBENCH_ctx_8p_16k:
		return measure_ctx(me, 8, 16 * KB, err);
	case LMBENCH_ctx_8p_64k:
		return measure_ctx(me, 8, 64 * KB, err);
	case LMBENCH_ctx_16p_16k:
		return measure_ctx(me, 16, 16 * KB, err);
	case LMBENCH_ctx_16p_64k:
		return measure_ctx(me, 16, 64 * KB, err);
	case LMBENCH_pipe:
		return ring_us(me, 2, 0, err);
	case LMBENCH_af_unix:
		return measure_pair(me, err);
	case LMBENCH_udp:
		return with_server(me, SOCK_DGRAM, serve_datagrams, datagrams, err);
	case LMBENCH_tcp:
		return with_server(me, SOCK_STREAM, serve_echo, exchanges, err);
	case LMBENCH_tcp_connect:
		return with_server(me, SOCK_STREAM, serve_connections, connections, err);
	case LMBENCH_bw_tcp:
		return with_server(me, SOCK_STREAM, serve_sink, bandwidth, err);
	default:
		return measure_reread(me, task_arg(me), err);
	}
}

static int bench_main(struct task *me, void *arg) {
	struct lmbench *bench = arg;

	for (unsigned i = 0; i < LMBENCH_COUNT && !bench->error; i++) {
		bench->value[i] = i < LMBENCH_ctx_2p_0k ? measure_calls(me, i, &bench->error)
		                                        : measure_paths(me, i, &bench->error);
		bench->failed = lmbench_names[i];
	}
	if (bench->done)
		bench->done(bench->done_arg);
	return bench->error != 0;
}

struct lmbench *lmbench_start(struct kernel *k, void (*done)(void *arg), void *arg) {
	struct lmbench *bench = g_new0(struct lmbench, 1);

	bench->done = done;
	bench->done_arg = arg;
	bench->buf = g_malloc0(CHUNK);
	for (unsigned i = 0; i < LMBENCH_COUNT; i++)
		bench->value[i] = NAN;
	unix_register(k); /* -EEXIST: somebody needed it before */
	fs_create(k, NAME, "x", 1);
	fs_create_pattern(k, LARGE, FILE_BYTES, 1);
	process_start(k, "lmbench", bench_main, bench);
	return bench;
}

void lmbench_free(struct lmbench *bench) {
	g_free(bench->buf);
	g_free(bench);
}

double lmbench_value(const struct lmbench *bench, enum lmbench_measure measure) {
	return bench->value[measure];
}

int lmbench_error(const struct lmbench *bench, const char **what) {
	*what = bench->failed;
	return bench->error;
}
