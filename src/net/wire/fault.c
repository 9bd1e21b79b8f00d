/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Is this frame lost, damaged, doubled or held?  Each kind of trouble draws from a stream of its
 * own.
 */
#include "net/wire/fault.h"

#include <glib.h>

#include "sim/rng.h"

/* Each purpose draws from its own stream, once a frame, whatever the others decide: to switch one
 * fault on leaves the others' choices as they were. */
enum stream { LOSS, BURST, CORRUPT, DUPLICATE, REORDER, JITTER, N_STREAMS };
static const char *const stream_name[N_STREAMS] = {
	[LOSS] = "loss",           [BURST] = "burst",     [CORRUPT] = "corrupt",
	[DUPLICATE] = "duplicate", [REORDER] = "reorder", [JITTER] = "jitter",
};

struct fault {
	struct fault_conf conf;
	gsl_rng *rng[N_STREAMS];   /* NULL: not in use */
	bool bad;                  /* state of the Gilbert-Elliott chain */
	uint64_t number;           /* of the last frame */
	const uint32_t *next_drop; /* first of conf.drop that is yet to come */
};

static void in_use(const struct fault_conf *c, bool use[N_STREAMS]) {
	use[BURST] = c->burst_enter > 0 && c->burst_loss > 0;
	use[LOSS] = c->loss > 0 || use[BURST];
	use[CORRUPT] = c->corrupt > 0;
	use[DUPLICATE] = c->duplicate > 0;
	use[REORDER] = c->reorder > 0;
	use[JITTER] = c->jitter > 0;
}

static void check_conf(const struct fault_conf *c) {
	const double p[] = {c->loss,    c->burst_loss, c->burst_enter, c->burst_leave,
	                    c->corrupt, c->duplicate,  c->reorder};

	for (size_t i = 0; i < G_N_ELEMENTS(p); i++)
		g_assert(p[i] >= 0 && p[i] <= 1);
	g_assert(c->reorder_delay >= 0 && c->jitter >= 0);
}

static uint32_t *copy_list(const uint32_t *list) {
	size_t n = 0;

	while (list[n])
		n++;
	return g_memdup2(list, (n + 1) * sizeof(*list));
}

struct fault *fault_new(const struct sim *sim, const char *name, unsigned end,
                        const struct fault_conf *conf) {
	bool use[N_STREAMS], any = conf->drop != NULL;

	check_conf(conf);
	in_use(conf, use);
	for (int i = 0; i < N_STREAMS; i++)
		any |= use[i];
	if (!any)
		return NULL;
	struct fault *fault = g_new0(struct fault, 1);
	fault->conf = *conf;
	if (conf->drop)
		fault->conf.drop = fault->next_drop = copy_list(conf->drop);
	for (int i = 0; i < N_STREAMS; i++) {
		if (!use[i])
			continue;
		g_autofree char *purpose =
			g_strdup_printf("link.%s.%u.%s", name, end, stream_name[i]);
		fault->rng[i] = sim_rng_new(sim, purpose);
	}
	return fault;
}

void fault_free(struct fault *fault) {
	if (!fault)
		return;
	for (int i = 0; i < N_STREAMS; i++)
		if (fault->rng[i])
			gsl_rng_free(fault->rng[i]);
	g_free((void *)fault->conf.drop);
	g_free(fault);
}

static bool chance(struct fault *fault, enum stream stream, double p) {
	return fault->rng[stream] && gsl_rng_uniform(fault->rng[stream]) < p;
}

static bool is_scripted(struct fault *fault) {
	if (!fault->next_drop || *fault->next_drop != fault->number)
		return false;
	fault->next_drop++;
	return true;
}

static bool is_lost(struct fault *fault) {
	const struct fault_conf *c = &fault->conf;

	if (chance(fault, BURST, fault->bad ? c->burst_leave : c->burst_enter))
		fault->bad = !fault->bad;
	return chance(fault, LOSS, fault->bad ? c->burst_loss : c->loss);
}

void fault_next(struct fault *fault, size_t len, struct fault_verdict *verdict) {
	const struct fault_conf *c = &fault->conf;

	fault->number++;
	*verdict = (struct fault_verdict){
		.lost = is_lost(fault),
		.corrupt = chance(fault, CORRUPT, c->corrupt),
		.duplicate = chance(fault, DUPLICATE, c->duplicate),
		.held = chance(fault, REORDER, c->reorder),
	};
	verdict->lost |= is_scripted(fault);
	if (verdict->corrupt)
		verdict->bit = (uint32_t)gsl_rng_uniform_int(fault->rng[CORRUPT], 8 * len);
	if (fault->rng[JITTER])
		verdict->jitter =
			(sim_time)(gsl_rng_uniform(fault->rng[JITTER]) * (double)c->jitter);
}
