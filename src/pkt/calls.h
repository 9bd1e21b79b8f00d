/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of system calls share.  Each makes a call and returns its result or negative
 * errno; what came out otherwise and is not as the script says becomes the worker's complaint. */
#ifndef PKT_CALLS_H
#define PKT_CALLS_H

#include "pkt/run.h"
#include "pkt/worker.h"

typedef int64_t (*call_fn)(struct worker *w, const struct call *call);

int64_t call_read(struct worker *w, const struct call *call);  /* recv, recvfrom */
int64_t call_write(struct worker *w, const struct call *call); /* send, sendto */
int64_t call_readv(struct worker *w, const struct call *call);
int64_t call_writev(struct worker *w, const struct call *call);
int64_t call_recvmsg(struct worker *w, const struct call *call);
int64_t call_sendmsg(struct worker *w, const struct call *call);
int64_t call_sendfile(struct worker *w, const struct call *call);
int64_t call_getsockopt(struct worker *w, const struct call *call);
int64_t call_setsockopt(struct worker *w, const struct call *call);

/* calls_args.c: the i-th argument (NULL: none), as a number, and what the first one names. */
const struct expr *call_arg(const struct call *call, unsigned i);
int64_t call_int(const struct call *call, unsigned i);
int call_fd(struct worker *w, const struct call *call);
int call_live_fd(struct run *r, int64_t fd);
/* A length given as 16 or [16]; `otherwise` if it is "...". */
int call_length(const struct expr *e, int otherwise);
/* Fills in an address; returns its size. */
int call_address(struct worker *w, const struct expr *e, bool ours, struct sockaddr_in *addr);
/* Compares an address that came out; passes `result` on. */
int64_t call_check_address(struct worker *w, int64_t result, const struct expr *want,
                           const struct sockaddr_in *have);
/* Notes a complaint (the first counts); passes `result` on. */
int64_t call_complain(struct worker *w, int64_t result, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

#endif
