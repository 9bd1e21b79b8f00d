/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What each operation of a socket costs its caller: a process that times every one of the fourteen
 * operations on its own, a sleeping accept, and request-reply exchanges by datagram; and the
 * counterpart on a peer that answers it and calls it.
 *
 * Nothing waits for the network in a timed operation, but connect, so that the times are those of
 * the layers in between: an answer that is received, a connection that is accepted lies ready.
 */
#ifndef APPS_OPLAT_H
#define APPS_OPLAT_H

#include "host/core/kernel.h"
#include "net/wire/peer.h"

/* The operations in the order of a round.  X(name) */
#define OPLAT_OPS(X)                                                                               \
	X(socket) X(setsockopt) X(bind) X(connect) X(getname) X(sendmsg) X(ioctl) X(poll) X(recvmsg)   \
	X(getsockopt) X(shutdown) X(release) X(listen) X(accept)

enum oplat_op {
#define X(name) OPLAT_##name,
	OPLAT_OPS(X)
#undef X
		OPLAT_OPS_COUNT
};

extern const char *const oplat_op_names[OPLAT_OPS_COUNT];

struct oplat_conf {
	int family;         /* AF_INET or AF_TOE */
	uint32_t peer_addr; /* of the counterpart, host byte order */
	uint32_t own_addr;  /* that the counterpart calls */
	uint16_t port;      /* of the counterpart's servers and of our listener */
	unsigned rounds;    /* each operation is timed that often; at least 1 */
	unsigned exchanges; /* datagram request-reply pairs; 0: none */
	sim_time idle;      /* a receive that nothing comes for is watched that long; 0: not */
	size_t message;     /* bytes of a send */
};

void oplat_conf_default(struct oplat_conf *conf);

/* Of the operations and exchanges that began since the last reset; NAN where there were none. */
struct oplat_result {
	double us[OPLAT_OPS_COUNT]; /* means */
	double accept_wake_us; /* from a connection's handshake to the return of a sleeping accept */
	double exchange_us;    /* mean round trip */
	double exchanges_per_s;
	double exchange_cpu_pct; /* host processor, while exchanges run */
	double idle_cpu_pct;     /* the same, while a receive waits in vain */
	int error;               /* negative errno of what failed, or 0 */
	const char *failed;      /* its name, NULL */
};

struct oplat;

/* Starts process and counterpart at once; the process ends by itself and then calls done(arg). */
struct oplat *oplat_start(struct kernel *k, struct peer *peer, const struct oplat_conf *conf,
                          void (*done)(void *arg), void *arg);
void oplat_free(struct oplat *bench);
/* Starts a measuring window, after the host's accounts were reset; reads it. */
void oplat_reset(struct oplat *bench);
void oplat_result(const struct oplat *bench, struct oplat_result *result);
/* What each datagram exchange took that began in the window. */
struct histogram;
const struct histogram *oplat_exchanges(const struct oplat *bench);

#endif
