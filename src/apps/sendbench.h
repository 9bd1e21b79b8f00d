/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The send benchmark of Table 1: a process connects to a sink, then calls send() `sends` times in a
 * row, `repetitions` times over, and takes the time of each repetition.
 */
#ifndef APPS_SENDBENCH_H
#define APPS_SENDBENCH_H

#include "host/core/kernel.h"
#include "net/wire/peer.h"

struct sendbench_conf {
	int family;    /* AF_INET or AF_TOE */
	uint32_t addr; /* of the sink, host byte order */
	uint16_t port;
	unsigned sends;       /* per repetition: 10,000 */
	unsigned repetitions; /* 10 */
	size_t message;       /* bytes per send */
	bool nodelay;         /* TCP_NODELAY */
	sim_time gap;         /* pause between two repetitions, for buffers to drain */
};

void sendbench_conf_default(struct sendbench_conf *conf);

struct sendbench;

/* Starts the process at once; it ends by itself, and then calls done(arg) if not NULL. */
struct sendbench *sendbench_start(struct kernel *k, const struct sendbench_conf *conf,
                                  void (*done)(void *arg), void *arg);
void sendbench_free(struct sendbench *bench);
/* Starts a measuring window: repetitions that began before it do not count. */
void sendbench_reset(struct sendbench *bench);
/* Mean latency of send() in each repetition of the window that is finished, in microseconds. */
const double *sendbench_latencies(const struct sendbench *bench, unsigned *n);
/* What each send() took, of repetitions that began in the window. */
struct histogram;
const struct histogram *sendbench_sends(const struct sendbench *bench);
int sendbench_error(const struct sendbench *bench); /* negative errno of what failed, or 0 */
/* Calls fn(arg, true) right before and fn(arg, false) right after each repetition: lets an
 * observer look at exactly the measured time. */
void sendbench_watch(struct sendbench *bench, void (*fn)(void *arg, bool start), void *arg);
/* The paper's figure: largest and smallest repetition dropped, mean of the rest. */
double sendbench_trimmed_mean(const double *latency, unsigned n);

/* A sink on a peer: accepts on `port`, reads and drops everything (and counts it). */
struct sink;
struct sink *sink_start(struct peer *peer, uint16_t port);
uint64_t sink_bytes(const struct sink *sink);
void sink_free(struct sink *sink);

#endif
