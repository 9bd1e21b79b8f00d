/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Did the machine send what the script expects, and nothing else?
 */
#ifndef PKT_VERIFY_H
#define PKT_VERIFY_H

#include "pkt/script.h"
#include "sim/sim.h"

struct run;

/* Looks for the outbound packet of an event and checks it. */
bool verify_outbound(struct run *r, const struct event *ev, sim_time from, sim_time until);
/* At a script's end: no packet of its connections may be left that it does not name. */
bool verify_rest(struct run *r);

#endif
