/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the machines at the other end do in lessons: echo, swallow, connect, ask.  They are peers
 * (net/peer.h), which have no kernel to run a script.
 */
#ifndef APPS_ECHO_H
#define APPS_ECHO_H

#include "net/wire/peer.h"
#include "script/script.h"

enum echo_mode {
	ECHO_SERVER,   /* TCP: sends back what comes */
	ECHO_SINK,     /* TCP: takes what comes, up to the end */
	ECHO_CONNECT,  /* TCP: connects, sends, expects an answer */
	ECHO_UDP,      /* UDP: sends back each datagram */
	ECHO_UDP_SEND, /* UDP: sends, expects an answer */
	ECHO_UDP_SINK, /* UDP: takes what comes */
};

enum echo_outcome { ECHO_OK, ECHO_REFUSED, ECHO_RESET, ECHO_TIMEOUT };

struct echo_conf {
	enum echo_mode mode;
	uint32_t addr;       /* of the other machine, or a group, host byte order: clients */
	uint32_t group;      /* that the machine joins; 0: none.  UDP */
	int ttl;             /* of what goes to groups */
	uint16_t port;       /* that servers listen on, or clients connect to */
	uint16_t local_port; /* of clients; 0: any */
	size_t bytes;        /* of each message: clients; TCP may have 0 */
	bool answer;    /* wait for as many bytes back; else (TCP) read to the end of the stream */
	unsigned times; /* messages */
	unsigned connections;     /* one after the other: ECHO_CONNECT */
	sim_time start;           /* date of the first: clients */
	sim_time interval;        /* pause between a message's end and the next */
	sim_time timeout;         /* of a connection or an answer */
	enum echo_outcome expect; /* how a connection ends: clients */
	bool quiet;               /* log the first and the last message of each connection only */
};

/* A client of port 7, one message of 5 bytes at 10 ms, time-out 10 s. */
void echo_conf_default(struct echo_conf *conf);

/* What was wrong, what failed and what is finished is told of the whole run, all else since the
 * last reset. */
struct echo_result {
	/* Of a TCP server, a message is what came at a time; an answer: all that had come went back. */
	uint64_t connections, messages, answers, bytes; /* bytes received */
	uint64_t wrong, failed; /* bytes that were not those sent; outcomes not expected */
	double answer_us;       /* mean time to an answer, 0: none */
	double answer_us_max;
	bool finished; /* a client that did all */
};

struct echo;
/* `log` and `done` (for clients, at the end of all) may be NULL; both get `arg`. */
struct echo *echo_start(struct peer *peer, const char *name, const struct echo_conf *conf,
                        script_log log, void (*done)(void *arg), void *arg);
/* Starts a measuring window; reads it. */
void echo_reset(struct echo *echo);
void echo_result(const struct echo *echo, struct echo_result *result);
void echo_free(struct echo *echo);

#endif
