/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Was anything seen before it was paid for? */
#include "sim/watch.h"

#include <glib.h>

#include "sim/internal.h"

struct watch {
	void (*broken)(void *arg, const char *what);
	void *arg;
};

static void abort_on(void *arg, const char *what) {
	(void)arg;
	g_error("a rule of time is broken: %s", what);
}

void sim_watch(struct sim *sim, void (*broken)(void *arg, const char *what), void *arg) {
	if (!sim->watch)
		sim->watch = g_new0(struct watch, 1);
	*sim->watch = (struct watch){broken ? broken : abort_on, arg};
	timeline_limit(&sim->timeline, ASKED);
}

void watch_init(struct sim *sim) {
	if (g_getenv("SOPSIM_WATCH"))
		sim_watch(sim, NULL, NULL);
}

void watch_exit(struct sim *sim) { g_clear_pointer(&sim->watch, g_free); }

__attribute__((format(printf, 2, 3))) static void sim_broken(const struct sim *sim,
                                                             const char *format, ...) {
	g_autofree char *what = NULL, *dated = NULL;
	va_list args;

	if (!sim->watch)
		return;
	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	dated = g_strdup_printf("at %" PRId64 " ns: %s", sim->now / SIM_NS, what);
	sim->watch->broken(sim->watch->arg, dated);
}

/* --- payers ------------------------------------------------------------------------------------ */

void sim_payer_add(struct sim *sim, struct sim_payer *payer) {
	payer->next = sim->payers;
	sim->payers = payer;
}

void sim_payer_remove(struct sim *sim, struct sim_payer *payer) {
	struct sim_payer **at = &sim->payers;

	while (*at && *at != payer)
		at = &(*at)->next;
	if (*at)
		*at = payer->next;
}

static void look_at_payers(const struct sim *sim, const char *what) {
	for (const struct sim_payer *p = sim->payers; p; p = p->next) {
		const char *owed = p->owes(p->arg);

		if (owed)
			sim_broken(sim, "%s is seen before '%s' is paid for", what, owed);
	}
}

void sim_seen(const struct sim *sim, const char *what) {
	if (sim->watch)
		look_at_payers(sim, what);
}

/* --- duties ------------------------------------------------------------------------------------ */

void sim_duty_add(struct sim *sim, struct sim_duty *duty) {
	duty->next = sim->duties;
	sim->duties = duty;
}

void sim_duty_remove(struct sim *sim, struct sim_duty *duty) {
	struct sim_duty **at = &sim->duties;

	while (*at && *at != duty)
		at = &(*at)->next;
	if (*at)
		*at = duty->next;
}

void watch_duties(const struct sim *sim, sim_time next) {
	for (const struct sim_duty *d = sim->duties; d; d = d->next) {
		sim_time due = d->due(d->arg);

		if (due < next)
			sim_broken(sim,
			           "%s: a deadline at %" PRId64
			           " ns is passed, nothing happens before %" PRId64 " ns",
			           d->name, due / SIM_NS, next / SIM_NS);
	}
}
