/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbered frames, and somebody at the end of a link who notes what comes and what has gone.  As in
 * the bus's tests: note while the world runs, judge when it has stopped.
 */
#ifndef LINK_ENDS_H
#define LINK_ENDS_H

#include <glib.h>

#include "net/wire/link.h"

extern struct sim *sim;
/* Fixture. */
void world_up(void);
void world_down(void);

#define HEADER 14

/* A frame with a number in its payload. */
struct frame *numbered(uint32_t number, size_t len);

struct end {
	struct port *port;
	GArray *number, *when, *bits; /* of arrivals; bits that differ from what was sent */
	GArray *sent;
};

extern const struct port_ops quiet_ops, full_ops; /* without and with `sent` */
void end_init(struct end *end, struct port *port, const struct port_ops *ops);
void end_clear(struct end *end);

#define NUMBER(end, i) g_array_index((end)->number, uint32_t, i)
#define WHEN(end, i) g_array_index((end)->when, sim_time, i)
#define BITS(end, i) g_array_index((end)->bits, unsigned, i)
#define SENT(end, i) g_array_index((end)->sent, sim_time, i)

extern const struct link_conf gigabit; /* 50 us long */

#endif
