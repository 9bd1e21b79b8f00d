/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SPECweb99's file set and clients (static part; numbers: docs/workload.md).
 *
 * A closed loop: each of `connections` simultaneous connections asks for a file, reads it at the
 * line speed, and at once asks for the next over a new connection.  Which file the n-th request of
 * the whole run asks for depends on the seed alone, so that configurations see the same sequence.
 */
#ifndef APPS_SPECWEB_H
#define APPS_SPECWEB_H

#include "host/core/kernel.h"
#include "net/wire/peer.h"

#define SPECWEB_CLASSES 4
#define SPECWEB_FILES 9
/* The digest of a run is that of its first requests: runs that issue more or fewer compare. */
#define SPECWEB_DIGEST 1000

struct specweb_conf {
	unsigned connections;        /* simultaneous */
	unsigned directories;        /* 0: SPECweb99's rule from the connections */
	double mix[SPECWEB_CLASSES]; /* shares of the classes, sum 1 */
	uint64_t line_speed;         /* bit/s a connection reads at most; 0: as fast as it comes */
	sim_time ramp;               /* connections start spread over this time */
	sim_time timeout;            /* a request without progress for this long is an error */
	uint16_t port;
	bool verify; /* check each body byte */
};

void specweb_conf_default(struct specweb_conf *conf);
/* Directories that SPECweb99 has for a number of connections: (25 + (400000/122000 n)/5). */
unsigned specweb_directories(unsigned connections);
/* For tests, beside the table of SPECweb99: size in bytes of file 1..9 of class 0..3. */
uint32_t specweb_file_size(unsigned class, unsigned file);
/* The request rate that n connections offer at the line speed when the server takes no time
 * (SPECweb99's rule: 122,000 bits per operation). */
double specweb_offered(unsigned connections, uint64_t line_speed);

/* Creates the file set /file_set/dirNNNNN/classC_F as pattern files on a machine. */
void specweb_fileset(struct kernel *k, unsigned directories);

struct specweb;

/* Starts the clients, spread evenly over `peers`, each peer asking `targets[i % n_targets]` (host
 * byte order).  Streams: "specweb.files", "specweb.start". */
struct specweb *specweb_start(struct sim *sim, struct peer *const *peers, unsigned n_peers,
                              const uint32_t *targets, unsigned n_targets,
                              const struct specweb_conf *conf);
void specweb_free(struct specweb *sw);

/* Times from connect to the last byte, since the reset. */
struct histogram;
const struct histogram *specweb_responses(const struct specweb *sw);

struct specweb_result {
	uint64_t requests; /* completed in the window */
	uint64_t errors;   /* refused, reset, timed out, wrong bytes */
	uint64_t bytes;    /* bodies */
	double response_s; /* mean time from connect to the last byte, seconds */
	double connect_s;  /* mean time to connect */
	sim_time window;
	uint64_t digest; /* of the first SPECWEB_DIGEST requests issued, in order */
};
/* Starts a measuring window; reads it. */
void specweb_reset(struct specweb *sw);
void specweb_result(const struct specweb *sw, struct specweb_result *result);
/* Requests completed since the reset, less the bytes of bodies that have come, in whole files and in those
 * under way, over the mean of the files that are asked for: near zero for ever, since the requests are
 * stratified; above it after a window of small files.  NAN if requests failed: they may be of large
 * files rather. */
double specweb_imbalance(const struct specweb *sw);
/* For tests, which look at its steadiness: completed requests of each second-long batch since the reset. */
const uint32_t *specweb_batches(const struct specweb *sw, unsigned *n);

#endif
