/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who makes a script's system calls?  Two processes of the machine: the one may block while the
 * other goes on; both have the same descriptors.
 */
#ifndef PKT_WORKER_H
#define PKT_WORKER_H

#include "host/core/kernel.h"
#include "pkt/script.h"

struct run;

/* A getsockopt() of the runner's own. */
struct probe {
	int fd, level, name, *len;
	void *value;
};

struct worker {
	struct run *run;
	struct task *task;
	struct wait_queue jobs;
	const struct event *event; /* being made */
	const struct probe *probe; /* instead; both NULL: idle */
	bool done;
	bool blocks; /* it is meant to block; until `end` */
	sim_time begun, end, ended;
	int64_t result;  /* negative errno */
	char *complaint; /* what was wrong with what came out */
};

enum { WORKERS = 2 };

void workers_start(struct run *r);
bool call_event(struct run *r, const struct event *ev, sim_time when);
/* Waits for the blocking calls that are still under way. */
bool workers_finish(struct run *r);
/* Ends the processes, which closes what the script left open. */
void workers_stop(struct run *r);
/* Makes a call of the runner's own in a process of the machine, at this instant. */
int worker_getsockopt(struct run *r, int fd, int level, int name, void *value, int *len);

/* calls.c: makes one system call; negative errno.  May leave a complaint. */
int64_t call_make(struct worker *w, const struct call *call);

#endif
