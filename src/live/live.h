/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Real time and real frames: ties ends of simulated links to TAP devices and keeps the simulated
 * clock beside the real one.
 *
 * Date 0 of the simulation is the moment at which sim_run() first has to wait.  An event runs when
 * its date has come.  In between, the simulation sleeps in ppoll() until that date or until the
 * kernel has sent a frame.  A frame enters the simulated wire at the date at which it was read from
 * the device; a frame that the wire delivers is written to the device at once.
 *
 * When the simulation cannot keep up it falls behind: events run later than their dates by a *lag*.
 * It is measured at each date.  Nothing is skipped: the simulated clock always catches up.
 *
 * SIGINT, SIGTERM and SIGHUP (unless it is ignored) are taken while a `struct live` exists and end the run
 * as sim_stop() does.
 */
#ifndef LIVE_LIVE_H
#define LIVE_LIVE_H

#include "live/tap.h"
#include "net/wire/link.h"
#include "sim/sim.h"

/* A lag that users are told of while it lasts. */
#define LIVE_LATE (10 * SIM_MS)

struct live;

/* Makes itself the pacer of `sim`.  Aborts if signals cannot be taken. */
struct live *live_new(struct sim *sim);
/* After sim_run().  Closes the devices. */
void live_free(struct live *live);

/* Ties a link's end, which it attaches, to a device, which it owns from now on. */
void live_tie(struct live *live, struct port *port, struct tap *tap);

/* Calls fn(arg, lag) when an event runs LIVE_LATE or more too late, at most once a second. */
void live_on_late(struct live *live, void (*fn)(void *arg, sim_time lag), void *arg);

struct live_clock {
	sim_time real;              /* since date 0 */
	sim_time lag_max, lag_mean; /* over all dates at which something happened */
	sim_time lag_max_at;        /* date of the largest */
	uint64_t dates, late;       /* how many; of them by LIVE_LATE or more */
};
void live_clock(const struct live *live, struct live_clock *clock);

struct live_counters {
	uint64_t rx_frames, rx_bytes; /* from the kernel into the simulation */
	uint64_t tx_frames, tx_bytes; /* from the simulation to the kernel */
	uint64_t rx_too_long;         /* longer than TAP_FRAME_MAX */
	uint64_t tx_refused; /* the kernel would not take them: interface down, no memory */
};
/* Of the i-th tie; false past the end. */
bool live_counters(const struct live *live, size_t i, struct live_counters *counters);

/* Calls fn(arg), in the timeline, instead of sim_stop() when a signal or a device ends the run: it
 * must schedule that end. */
void live_on_end(struct live *live, void (*fn)(void *arg), void *arg);

/* What ended the run before its time: 0 (nothing), the number of a signal, or the negative errno of
 * a device, whose name is then in *device. */
int live_end(const struct live *live, const char **device);

#endif
