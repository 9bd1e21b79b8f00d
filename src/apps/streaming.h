/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A multimedia server: a process per viewer paces a long stream at a bit rate over TCP, in chunks
 * by the clock; viewers keep a play-out buffer and count the times it ran dry.  With a group there
 * is a process per interface instead, which sends one stream to the group by UDP, and viewers join
 * it and see it from where it is.
 */
#ifndef APPS_STREAMING_H
#define APPS_STREAMING_H

#include "host/core/kernel.h"
#include "net/wire/peer.h"

struct streaming_conf {
	int family;
	uint32_t addr;       /* the server listens on; INADDR_ANY */
	uint16_t port;       /* the viewers', with a group */
	uint32_t group;      /* 0: none */
	uint64_t bits_per_s; /* of one stream */
	sim_time chunk;      /* time between two writes */
	sim_time prebuffer;  /* play-out starts when this much is there */
	unsigned viewers;
	sim_time ramp; /* viewers arrive spread over this time */
};

void streaming_conf_default(struct streaming_conf *conf);

struct streaming;
struct streaming *streaming_start(struct kernel *server, struct peer *const *peers,
                                  unsigned n_peers, const uint32_t *targets, unsigned n_targets,
                                  const struct streaming_conf *conf);
void streaming_free(struct streaming *st);

/* Viewers and wrong bytes are told of the whole run, all else since the last reset. */
struct streaming_result {
	unsigned playing;      /* viewers that started */
	uint64_t bytes, wrong; /* received; wrong ones */
	uint64_t lost;         /* of a group's stream, while it was seen: bytes that never came */
	uint64_t underruns;    /* times a viewer's buffer ran dry */
	double late_s;         /* total time without data, of all viewers */
};
/* Starts a measuring window; reads it. */
void streaming_reset(struct streaming *st);
void streaming_result(const struct streaming *st, struct streaming_result *result);

#endif
