/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lmbench's measures, as programs of the simulated machine: L. McVoy and C. Staelin, "lmbench: Portable Tools for
 * Performance Analysis", USENIX 1996, and lmbench 2.0.  One process does all of them, one after the other.
 */
#ifndef APPS_LMBENCH_H
#define APPS_LMBENCH_H

#include "host/core/kernel.h"

/* X(name, what it is).  In us but for those of LMBENCH_IS_RATE, which are in MB/s (10^6 bytes). */
#define LMBENCH(X)                                                                                 \
	X(null_call, "getppid()")                                                                  \
	X(null_io, "mean of a byte read and a byte written, without a device behind")              \
	X(stat, "stat() of a file")                                                                \
	X(open_close, "open() and close() of a file")                                              \
	X(select_tcp, "select() for writing of 100 descriptors of a TCP connection")                                   \
	X(sig_install, "signal()")                                                                 \
	X(sig_handle, "a signal to oneself, handled")                                              \
	X(fork, "fork(), exit() and wait()")                                                       \
	X(ctx_2p_0k, "switch between 2 processes that touch nothing")                              \
	X(ctx_2p_16k, "switch between 2 processes that touch 16 KB each")                          \
	X(ctx_8p_16k, "the same with 8 processes and 16 KB")                                       \
	X(ctx_8p_64k, "the same with 8 processes and 64 KB")                                       \
	X(ctx_16p_16k, "the same with 16 processes and 16 KB")                                     \
	X(ctx_16p_64k, "the same with 16 processes and 64 KB")                                     \
	X(pipe, "round trip of a byte between two processes through pipes")                        \
	X(af_unix, "the same through a pair of UNIX sockets")                                      \
	X(udp, "the same as datagrams by loopback")                                                \
	X(tcp, "the same in a TCP connection by loopback")                                         \
	X(tcp_connect, "socket(), connect() and close(), by loopback, both ends")                  \
	X(bw_tcp, "64 KB sends in a TCP connection by loopback")                                   \
	X(bw_reread, "a file of the page cache read in pieces of 64 KB")

enum lmbench_measure {
#define X(name, text) LMBENCH_##name,
	LMBENCH(X)
#undef X
		LMBENCH_COUNT
};

#define LMBENCH_IS_RATE(measure) ((measure) >= LMBENCH_bw_tcp)

extern const char *const lmbench_names[LMBENCH_COUNT];

struct lmbench;

/* Starts it; when all is measured it ends, and done(arg) is called. */
struct lmbench *lmbench_start(struct kernel *k, void (*done)(void *arg), void *arg);
void lmbench_free(struct lmbench *bench);

/* What came out; NAN as long as it is not there. */
double lmbench_value(const struct lmbench *bench, enum lmbench_measure measure);
/* The negative errno of a call that failed, or 0; *what: in which measure. */
int lmbench_error(const struct lmbench *bench, const char **what);

#endif
