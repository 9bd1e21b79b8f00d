/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must always hold of a stack; the oracle of the fuzz target. */
#ifndef FUZZ_CHECK_H
#define FUZZ_CHECK_H

#include <stdio.h>
#include <stdlib.h>

#include "net/engine/internal.h"

#define must(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* Aborts with a message if a part of the stack does not make sense: connections, listeners,
 * TIME_WAIT, reassembly, timers. */
void check_stack(struct net_stack *st);

/* What a stack has sent of its last connections: what no single look at it shows. */
struct watched {
	uint16_t lport, fport;
	uint32_t iss, edge, high; /* offered window's right edge, end of what was sent */
	bool edge_known;
};
struct watch {
	struct watched seen[16];
	unsigned n;
	bool late; /* frames may have waited for ARP: what they say is no longer so */
};
/* To be called with every frame that leaves.  Aborts if it is not well formed, if a window shrinks,
 * or if something is sent that windows do not allow. */
void watch_frame(struct watch *w, struct net_stack *st, struct frame *f, enum net_kind kind,
                 size_t payload);

#endif
