/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A simple concurrent HTTP/1.0 web server: a program of the simulated machine, on system calls only.
 * One request a connection: accept, read the request, open the file, send head and body in writes
 * of `write_size`, close.
 */
#ifndef APPS_WEB_H
#define APPS_WEB_H

#include "host/core/kernel.h"

enum web_model {
	WEB_FORK,    /* the parent accepts and forks a worker for each connection */
	WEB_PREFORK, /* `workers` processes accept on one listener */
};

struct web_conf {
	int family;    /* AF_INET, or AF_TOE for a server changed for a card */
	uint32_t addr; /* host byte order; INADDR_ANY */
	uint16_t port;
	int backlog;
	enum web_model model;
	unsigned workers;  /* WEB_PREFORK: processes; WEB_FORK: the most at a time */
	size_t write_size; /* bytes per write() of the body */
	bool access_log;   /* append a line to /var/log/access for each request */
	bool sendfile;     /* send the body with sendfile() */
};

void web_conf_default(struct web_conf *conf);

struct web_counters {
	/* bad_requests: answered with 400, or with 501, which is for methods but GET and HEAD */
	uint64_t accepted, requests, not_found, bad_requests, aborted, body_bytes;
};

struct web_server;

/* Starts the server on a machine; it runs as long as the simulation. */
struct web_server *web_start(struct kernel *k, const struct web_conf *conf);
void web_counters(const struct web_server *web, struct web_counters *counters);
/* Negative errno of the call that kept it from serving, 0 if it listens (or has not tried yet). */
int web_error(const struct web_server *web);
void web_free(struct web_server *web);

#endif
