/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One client fetches files with HTTP/1.0, one after the other: a newcomer's first traffic.
 */
#ifndef APPS_FETCH_H
#define APPS_FETCH_H

#include "net/wire/peer.h"

struct fetch_conf {
	uint32_t addr; /* of the server, host byte order */
	uint16_t port;
	const char *path;     /* copied */
	uint64_t pattern_key; /* of the expected bytes; 0: not checked */
	unsigned times;
	uint64_t line_speed; /* bit/s read at most, 0: no limit */
};

/* What failed and what was wrong counts over the whole run, all else since the last reset. */
struct fetch_result {
	unsigned done, failed;
	int error;             /* last negative errno, or 0 */
	int status;            /* HTTP status of the last */
	uint64_t bytes, wrong; /* of bodies; of them wrong */
	bool finished;         /* all were tried */
	unsigned answered;     /* whatever their status: the next three are their means */
	sim_time connect_time, first_byte_time, total_time; /* from connect() */
};

struct fetch;
struct fetch *fetch_start(struct peer *peer, const struct fetch_conf *conf, void (*done)(void *arg),
                          void *arg);
/* Starts a measuring window; reads it. */
void fetch_reset(struct fetch *f);
void fetch_result(const struct fetch *f, struct fetch_result *result);
/* From connect() to the last byte, of each that was answered since the reset. */
struct histogram;
const struct histogram *fetch_totals(const struct fetch *f);
void fetch_free(struct fetch *f);

#endif
