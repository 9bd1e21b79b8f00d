/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does the card's processor do next, and when is it done? */
#include "toe/card/firmware.h"

#include <glib.h>

#include "sim/watch.h"

struct effect {
	sim_time when;
	void (*fn)(void *a, void *b);
	void *a, *b;
	bool rest; /* of the item: it may charge */
};

struct source {
	void (*run)(void *arg);
	void *arg;
	enum fw_level level;
	unsigned waiting;
};

struct level {
	sim_time cursor;        /* the charges so far are worked off then */
	unsigned last, waiting; /* source served last; items of all its sources */
	struct effect *effects; /* a ring of `size`, dates ascending */
	unsigned first, count, size;
	/* what the item has charged, and how much of that is worked off */
	struct charge *charges;
	unsigned charged, worked, room;
	sim_flow flow; /* of what is charged now */
};

struct charge {
	unsigned id;
	sim_time time;
	sim_flow flow;
};

struct firmware {
	struct sim *sim;
	const struct sim_track *track;
	struct cost_table *costs;
	double factor, scale;
	struct source sources[FW_SOURCES];
	struct level levels[FW_LEVELS];
	struct level *current; /* whose item's code runs; NULL: effects cannot charge */
	bool inside;           /* fw_step() runs */
	bool stopped;
	sim_time busy, window;
	sim_time since; /* accounts and spans are true up to here */
	struct sim_event tick;
	struct sim_payer payer;
	struct sim_duty duty;
};

static void fw_step(void *arg);

/* --- what the watch asks ----------------------------------------------------------------------- */

static const char *fw_owes(const void *arg) {
	const struct firmware *fw = arg;
	const struct level *level = fw->current;

	if (!level || fw->stopped || level->cursor <= sim_now(fw->sim))
		return NULL;
	return fw->costs->desc[level->charges[level->charged - 1].id].name;
}

static sim_time next_due(const struct firmware *fw);

static sim_time fw_due(const void *arg) {
	const struct firmware *fw = arg;

	return fw->stopped ? SIM_NEVER : next_due(fw);
}

struct firmware *fw_new(const struct sim_track *track, struct cost_table *costs,
                        double clock_scale) {
	struct firmware *fw = g_new0(struct firmware, 1);
	struct sim *sim = track->sim;

	g_assert(clock_scale > 0);
	fw->sim = sim;
	fw->track = track;
	fw->costs = costs;
	fw->scale = clock_scale;
	fw->factor = 1 / clock_scale;
	fw->window = fw->since = sim_now(sim);
	sim_event_init(&fw->tick, fw_step, fw);
	fw->payer = (struct sim_payer){.owes = fw_owes, .arg = fw};
	fw->duty = (struct sim_duty){.name = "a card's processor", .due = fw_due, .arg = fw};
	sim_payer_add(sim, &fw->payer);
	sim_duty_add(sim, &fw->duty);
	return fw;
}

void fw_free(struct firmware *fw) {
	sim_cancel(fw->sim, &fw->tick);
	sim_payer_remove(fw->sim, &fw->payer);
	sim_duty_remove(fw->sim, &fw->duty);
	for (unsigned i = 0; i < FW_LEVELS; i++) {
		g_free(fw->levels[i].effects);
		g_free(fw->levels[i].charges);
	}
	g_free(fw);
}

void fw_source(struct firmware *fw, unsigned source, enum fw_level level, void (*run)(void *arg),
               void *arg) {
	fw->sources[source] = (struct source){.run = run, .arg = arg, .level = level};
}

/* --- accounts ---------------------------------------------------------------------------------- */

static bool idle(const struct level *level) { return level->worked == level->charged; }

/* Works off a level's first charge for `time` at most; how long it took. */
static inline sim_time work(struct firmware *fw, struct level *level, sim_time time, bool heard) {
	struct charge *charge = &level->charges[level->worked];
	sim_time part = MIN(charge->time, time);

	fw->costs->account[charge->id].time += part;
	fw->busy += part;
	if (heard)
		sim_tell_span(fw->track, "card", fw->costs->desc[charge->id].name, fw->since,
		              fw->since + part, charge->flow);
	charge->time -= part;
	if (charge->time == 0 && ++level->worked == level->charged)
		level->worked = level->charged = 0;
	return part;
}

/* Urgent work has gone first.  Once for those who are heard, once for all others, as in cpu_sync(). */
static inline __attribute__((always_inline)) void account(struct firmware *fw, bool heard) {
	sim_time now = sim_now(fw->sim);

	while (fw->since < now && !fw->stopped) {
		struct level *urgent = &fw->levels[FW_URGENT], *base = &fw->levels[FW_BASE];
		struct level *level = !idle(urgent) ? urgent : base;

		if (idle(level))
			break;
		fw->since += work(fw, level, now - fw->since, heard);
	}
	fw->since = now;
}

static SIM_TELLS void account_heard(struct firmware *fw) { account(fw, true); }

/* Brings accounts and spans up to now. */
static void fw_account(struct firmware *fw) {
	if (sim_heard(fw->track))
		account_heard(fw);
	else
		account(fw, false);
}

/* --- the loop ---------------------------------------------------------------------------------- */

static void effects_run(struct firmware *fw, struct level *level, sim_time now) {
	while (level->count && level->effects[level->first].when <= now) {
		struct effect e = level->effects[level->first];

		level->first = (level->first + 1) % level->size;
		level->count--;
		g_assert(!e.rest || !level->count);
		fw->current = e.rest ? level : NULL;
		e.fn(e.a, e.b);
	}
}

/* Urgent work takes the processor for a while: what base work has left comes that much later. */
static void base_delay(struct firmware *fw, sim_time time) {
	struct level *base = &fw->levels[FW_BASE];

	if (base->cursor <= sim_now(fw->sim))
		return;
	base->cursor += time;
	for (unsigned i = 0; i < base->count; i++)
		base->effects[(base->first + i) % base->size].when += time;
}

static void item_run(struct firmware *fw, enum fw_level at, sim_time now) {
	struct level *level = &fw->levels[at];
	unsigned s = level->last;

	do
		s = (s + 1) % FW_SOURCES;
	while (!fw->sources[s].waiting || fw->sources[s].level != at);
	level->last = s;
	level->waiting--;
	fw->sources[s].waiting--;
	level->cursor = now;
	level->flow = 0;
	fw->current = level;
	fw->sources[s].run(fw->sources[s].arg);
	effects_run(fw, level, now);
}

/* Runs one item, if one may begin now. */
static bool item_begin(struct firmware *fw, sim_time now) {
	struct level *base = &fw->levels[FW_BASE], *urgent = &fw->levels[FW_URGENT];

	if (fw->stopped || urgent->cursor > now)
		return false;
	if (urgent->waiting)
		item_run(fw, FW_URGENT, now);
	else if (base->waiting && base->cursor <= now)
		item_run(fw, FW_BASE, now);
	else
		return false;
	return true;
}

/* When something is due next: an effect, or the beginning of an item. */
static sim_time next_due(const struct firmware *fw) {
	sim_time when = SIM_NEVER, begin = 0;

	for (int i = FW_LEVELS - 1; i >= 0; i--) {
		const struct level *level = &fw->levels[i];

		begin = MAX(begin, level->cursor);
		if (level->count)
			when = MIN(when, level->effects[level->first].when);
		if (level->waiting)
			when = MIN(when, begin);
	}
	return when;
}

/* Does what is due now, and sees to it that the next step comes when it is. */
static void fw_step(void *arg) {
	struct firmware *fw = arg;
	sim_time now = sim_now(fw->sim), when;

	if (fw->stopped)
		return;
	fw_account(fw);
	fw->inside = true;
	do {
		effects_run(fw, &fw->levels[FW_URGENT], now);
		effects_run(fw, &fw->levels[FW_BASE], now);
	} while (item_begin(fw, now));
	fw->current = NULL; /* who charges from now on does so outside of any item */
	fw->inside = false;
	if (fw->stopped)
		return;
	when = next_due(fw);
	if (when != SIM_NEVER)
		sim_at(fw->sim, &fw->tick, when);
	else
		sim_cancel(fw->sim, &fw->tick);
}

void fw_kick(struct firmware *fw, unsigned source) {
	struct source *s = &fw->sources[source];

	if (fw->stopped)
		return;
	s->waiting++;
	fw->levels[s->level].waiting++;
	if (!fw->inside)
		fw_step(fw);
}

static sim_time price(const struct firmware *fw, unsigned id, size_t bytes) {
	sim_time time = cost_of(fw->costs, id, bytes);

	return fw->factor == 1 ? time : (sim_time)((double)time * fw->factor + 0.5);
}

/* How much room is made where `size` items fill what there is. */
static unsigned larger(unsigned size) { return MAX(size * 2, 16); }

static void charge_add(struct firmware *fw, unsigned id, sim_time time) {
	struct level *level = fw->current;

	g_assert(level);
	if (!time)
		return;
	if (level->charged == level->room) {
		level->room = larger(level->room);
		level->charges = g_renew(struct charge, level->charges, level->room);
	}
	level->charges[level->charged++] = (struct charge){id, time, level->flow};
	level->cursor += time;
	if (level == &fw->levels[FW_URGENT])
		base_delay(fw, time);
}

void fw_flow(struct firmware *fw, sim_flow flow) {
	if (fw->current)
		fw->current->flow = flow;
}

bool fw_working(const struct firmware *fw) { return fw->current; }

void fw_charge(struct firmware *fw, unsigned id, size_t bytes) {
	struct cost_account *account = &fw->costs->account[id];

	account->charges++;
	account->bytes += bytes;
	charge_add(fw, id, price(fw, id, bytes));
}

void fw_charge_half(struct firmware *fw, unsigned id, bool first) {
	sim_time whole = price(fw, id, 0);

	fw->costs->account[id].charges += first;
	charge_add(fw, id, first ? whole / 2 : whole - whole / 2);
}

static void effects_grow(struct level *level) {
	unsigned size = larger(level->size);
	struct effect *bigger = g_new(struct effect, size);

	for (unsigned i = 0; i < level->count; i++)
		bigger[i] = level->effects[(level->first + i) % level->size];
	g_free(level->effects);
	level->effects = bigger;
	level->first = 0;
	level->size = size;
}

static void effect_add(struct firmware *fw, struct effect e) {
	struct level *level = fw->current;

	g_assert(level);
	if (!level->count && level->cursor <= sim_now(fw->sim)) {
		fw->current = e.rest ? level : NULL;
		e.fn(e.a, e.b);
		fw->current = level;
		return;
	}
	if (level->count == level->size)
		effects_grow(level);
	e.when = level->cursor;
	level->effects[(level->first + level->count++) % level->size] = e;
}

void fw_defer(struct firmware *fw, void (*fn)(void *a, void *b), void *a, void *b) {
	effect_add(fw, (struct effect){.fn = fn, .a = a, .b = b});
}

void fw_then(struct firmware *fw, void (*fn)(void *a, void *b), void *a, void *b) {
	effect_add(fw, (struct effect){.fn = fn, .a = a, .b = b, .rest = true});
}

/* --- faults and accounts ----------------------------------------------------------------------- */

void fw_slow(struct firmware *fw, double factor) {
	g_assert(factor > 0);
	fw->factor = factor / fw->scale;
}

void fw_stop(struct firmware *fw) {
	fw_account(fw);
	fw->stopped = true;
	sim_cancel(fw->sim, &fw->tick);
	for (unsigned i = 0; i < FW_LEVELS; i++)
		effects_run(fw, &fw->levels[i], SIM_NEVER);
}

bool fw_stopped(const struct firmware *fw) { return fw->stopped; }

sim_time fw_busy(struct firmware *fw) {
	fw_account(fw);
	return fw->busy;
}

sim_time fw_window_start(const struct firmware *fw) { return fw->window; }

void fw_reset(struct firmware *fw) {
	fw_account(fw);
	cost_reset(fw->costs);
	fw->busy = 0;
	fw->window = sim_now(fw->sim);
}

struct cost_table *fw_costs(struct firmware *fw) {
	fw_account(fw);
	return fw->costs;
}
