/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A process from which children are forked.  It is split off before the command's memory grows with what
 * comes in: a fork costs what it costs at first, however many have been, and the command's own pages are its
 * own.  What all children need can be made once, in there.
 *
 * Children end when it ends, and it ends when the command does, by whatever signal.
 */
#ifndef LAB_NURSERY_H
#define LAB_NURSERY_H

#include <stdbool.h>

#include "lab/base/error.h"

struct nursery;

#define NURSERY_ORDER_MAX (64 << 10)

struct nursery_work {
	void *arg;
	/* Once, before the first child; NULL: nothing.  False and *error: there will be none. */
	bool (*prepare)(GError **error);
	/* In a child, which writes to `fd` and does not return; `order` is what it was told besides. */
	void (*child)(void *arg, unsigned job, const GString *order, int fd);
};

/* What has become of a child. */
struct nursery_news {
	unsigned job;
	int trouble; /* an errno: it could not be made; 0: it has ended ... */
	int status;  /* ... as waitpid() told it */
};

/* Splits it off: it has a copy of all that there is now.  `work` is copied.  NULL and *error. */
struct nursery *nursery_new(const struct nursery_work *work, GError **error);
/* Lets all children that are still there end by themselves, and waits for them.  NULL: nothing. */
void nursery_free(struct nursery *nursery);

/* A child for a job, whose number no other has that is there; `order` (up to NURSERY_ORDER_MAX bytes) is for it,
 * `fd` is closed here.  False and *error. */
bool nursery_start(struct nursery *nursery, unsigned job, const GString *order, int fd,
                   GError **error);
/* Kills the child of a job, if it is there still. */
void nursery_kill(struct nursery *nursery, unsigned job);

/* Readable when there are news. */
int nursery_fd(const struct nursery *nursery);
/* Waits for the next news.  False and *error: the nursery itself has come to an end, or `prepare` failed. */
bool nursery_hear(struct nursery *nursery, struct nursery_news *news, GError **error);

#endif
