/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One HTTP/1.0 GET on a peer, driven by socket events: connect, ask, read at a line speed, check
 * the body, report.  What web clients are made of; embedded, so that a client costs no allocation
 * per request.
 */
#ifndef APPS_HTTP_GET_H
#define APPS_HTTP_GET_H

#include "net/wire/peer.h"

struct http_get_conf {
	uint32_t addr; /* host byte order */
	uint16_t port;
	const char *path;     /* read at http_get_start() only */
	uint64_t pattern_key; /* of the body; checked if `verify` */
	bool verify;
	uint64_t line_speed; /* bit/s at which the body is read; 0: as it comes */
	sim_time timeout;    /* without progress; 0: none */
};

struct http_get {
	/* results, valid in and after done() */
	int error;              /* 0, or the negative errno that ended it */
	int status;             /* of the HTTP response; 0: none came */
	uint64_t body, wrong;   /* bytes of the body; 1 in `wrong` for each chunk that differed */
	int64_t content_length; /* -1: not said */
	sim_time started, connected, first_byte, finished;
	/* private */
	struct peer_sock ps; /* events find the get through it */
	struct peer *peer;
	struct sim_event timer;
	struct http_get_conf conf;
	sim_time next_read;
	bool active, reading;
	uint16_t request_len, request_sent, head_len;
	char head[512]; /* request on the way out, response head on the way in */
	void (*done)(struct http_get *get);
};

/* Prepares `get` for use on `peer`; done(get) is called at the end of each request, outside the
 * stack, and may start the next. */
void http_get_init(struct http_get *get, struct peer *peer, void (*done)(struct http_get *get));
void http_get_start(struct http_get *get, const struct http_get_conf *conf);
/* Drops a request that is under way, without calling done(). */
void http_get_abort(struct http_get *get);

#endif
