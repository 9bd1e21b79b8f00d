/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bus_world.h"

#include <check.h>
#include <glib.h>
#include <gsl/gsl_rng.h>
#include <stdlib.h>

#include "run_suite.h"
#include "sim/rng.h"

START_TEST(long_transfers_share_fairly) {
	enum { N = 3 };
	struct pci_conf conf;
	struct job job[N];

	round_conf(&conf);
	struct pci_bus *bus = pci_bus_new(sim, "pci0", &conf);
	for (int i = 0; i < N; i++) /* the later ones come into the middle of the first */
		job_at(&job[i], pci_dev_add(bus, "dev", 0), i * 10 * SIM_US, 1 << 20, true);
	sim_run(sim, SIM_NEVER);
	/* all bytes moved, and the bus did nothing else */
	struct pci_usage use;
	pci_bus_usage(bus, &use);
	ck_assert_uint_eq(use.dma_bytes, N << 20);
	ck_assert_int_eq(use.busy, job[N - 1].done - 600 * SIM_NS);
	/* The first one's lead over the second is 10 us of service, and the two that are left share
	 * what remains when it ends; the second one's over the third is the half of 10 us. */
	sim_time burst = 42 * CLOCK;
	ck_assert_int_le(llabs(job[1].done - job[0].done - 20 * SIM_US), N * burst);
	ck_assert_int_le(llabs(job[2].done - job[1].done - 5 * SIM_US), N * burst);
	pci_bus_free(bus);
}
END_TEST

/*
 * The yardstick: an arbiter that is asked after every burst, written down naively.  Transfers and
 * posted writes of a random world are run by both, and every date must be the same.
 */
enum { MASTERS = 4, JOBS = 12, WORLDS = 60 };
enum { READS, WRITES, WAYS }; /* a master's two queues; the bridge has but one */

struct request {
	sim_time ready, done;
	uint32_t left;
};

struct model {
	struct request queue[MASTERS][WAYS][JOBS];
	int next[MASTERS][WAYS], len[MASTERS][WAYS];
	int served[MASTERS];
};

static sim_time model_way_ready(const struct model *m, int master, int way) {
	int i = m->next[master][way];
	return i == m->len[master][way] ? SIM_NEVER : m->queue[master][way][i].ready;
}

static sim_time model_ready(const struct model *m, int master) {
	return MIN(model_way_ready(m, master, READS), model_way_ready(m, master, WRITES));
}

static void model_burst(struct model *m, int master, sim_time granted, sim_time *now) {
	int way = m->served[master];

	if (model_way_ready(m, master, 1 - way) <= granted)
		way = 1 - way;
	m->served[master] = way;
	struct request *r = &m->queue[master][way][m->next[master][way]];

	if (master == 0) {
		*now += REGISTER;
		r->left = 0;
	} else {
		uint32_t bytes = MIN(r->left, 256);
		*now += (8 + (bytes + 7) / 8) * CLOCK;
		r->left -= bytes;
	}
	r->done = *now;
	if (r->left == 0)
		m->next[master][way]++;
}

static struct request *model_add(struct model *m, int master, int way, struct request r) {
	m->queue[master][way][m->len[master][way]] = r;
	return &m->queue[master][way][m->len[master][way]++];
}

static void model_run(struct model *m) {
	sim_time now = 0;
	int turn = 0, last = -1;

	for (;;) {
		sim_time first = SIM_NEVER;
		for (int i = 0; i < MASTERS; i++)
			first = MIN(first, model_ready(m, i));
		if (first == SIM_NEVER)
			return;
		now = MAX(now, first);
		do
			turn = (turn + 1) % MASTERS;
		while (model_ready(m, turn) > now);
		sim_time granted = now;
		if (turn != last)
			now += ARBITRATION;
		last = turn;
		model_burst(m, turn, granted, &now);
	}
}

struct random_world {
	struct pci_bus *bus;
	struct model model;
	struct job job[MASTERS][JOBS];
	struct access post[JOBS];
	const struct request *request[MASTERS][JOBS]; /* the model's */
};

static int by_date(const void *a, const void *b) {
	const sim_time *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static void random_dates(gsl_rng *rng, sim_time date[JOBS]) {
	/* on a grid of clocks, so that coincidences are common */
	for (int i = 0; i < JOBS; i++)
		date[i] = (sim_time)gsl_rng_uniform_int(rng, 6000) * CLOCK;
	qsort(date, JOBS, sizeof *date, by_date);
}

static void random_world_set_up(struct random_world *w, gsl_rng *rng) {
	struct pci_conf conf;
	sim_time date[JOBS];

	round_conf(&conf);
	conf.dma_setup = 40 * CLOCK;
	conf.latency = 5 * CLOCK;
	conf.host_read_latency = 20 * CLOCK;
	conf.max_outstanding = JOBS;
	conf.posted_depth = JOBS + 1;
	w->bus = pci_bus_new(sim, "pci", &conf);
	for (int m = 1; m < MASTERS; m++) {
		struct pci_dev *dev = pci_dev_add(w->bus, "dev", 0);

		random_dates(rng, date);
		for (int i = 0; i < JOBS; i++) {
			uint32_t bytes = 1 + (uint32_t)gsl_rng_uniform_int(rng, 6000);
			bool to_host = gsl_rng_uniform_int(rng, 2);

			job_at(&w->job[m][i], dev, date[i], bytes, to_host);
			w->request[m][i] = model_add(
				&w->model, m, to_host ? WRITES : READS,
				(struct request){date[i] + (to_host ? 40 : 70) * CLOCK, 0, bytes});
		}
		if (m > 1)
			continue;
		random_dates(rng, date);
		for (int i = 0; i < JOBS; i++) {
			access_at(&w->post[i], dev, date[i], false);
			w->request[0][i] =
				model_add(&w->model, 0, WRITES, (struct request){date[i], 0, 4});
		}
	}
}

START_TEST(grants_equal_burst_wise_round_robin) {
	struct random_world *w = g_new0(struct random_world, WORLDS);
	gsl_rng *rng = sim_rng_from_seed(7, "test.bus");

	for (int k = 0; k < WORLDS; k++)
		random_world_set_up(&w[k], rng);
	sim_run(sim, SIM_NEVER);
	for (int k = 0; k < WORLDS; k++) {
		struct model *model = &w[k].model;

		model_run(model);
		for (int i = 0; i < JOBS; i++)
			ck_assert_int_eq(w[k].post[i].arrived,
			                 w[k].request[0][i]->done + 5 * CLOCK);
		for (int m = 1; m < MASTERS; m++)
			for (int i = 0; i < JOBS; i++)
				ck_assert_int_eq(w[k].job[m][i].done, w[k].request[m][i]->done);
		pci_bus_free(w[k].bus);
	}
	gsl_rng_free(rng);
	g_free(w);
}
END_TEST

/*
 * Twins: the same CPU and card on two buses.  Behind the one's card there is another, which does nothing but
 * might: with no set-up it could ask at once, so nothing is decided before its time.  Dates, stalls and usage
 * are the same, at every moment.  So they are where each write makes the card read: the one's card begins
 * early, as soon as it is certain when the write arrives, the other's when it does.
 */
enum { STEPS = 3000, MOVES = 1200 };

struct twin {
	struct pci_bus *bus;
	struct pci_dev *card;
	struct job job[MOVES];
	struct access access[STEPS];
	struct job read[STEPS]; /* that a write makes the card do */
	sim_time busy[STEPS];
};

static struct twin *twins[2];
static gsl_rng *dice;
static unsigned step, differences;
static bool writes_start_reads;

static void write_arrives(void *arg) {
	struct job *job = arg;

	job->issue = sim_now(sim);
	pci_dma_start(job->dev, &job->dma);
}

static bool write_arrives_early(void *arg, sim_time when) {
	struct job *job = arg;

	job->issue = when;
	pci_dma_start_at(job->dev, &job->dma, when);
	return true;
}

static void write_that_starts_a_read(struct twin *twin, bool early) {
	struct access *a = &twin->access[step];
	struct job *job = &twin->read[step];

	*job = (struct job){.dev = twin->card, .done = -1};
	job->dma = (struct pci_dma){.bytes = 1 + 137 * step % 1600, .done = job_done, .arg = job};
	a->stall = pci_post_write_of(twin->card, 0, write_arrives,
	                             early ? write_arrives_early : NULL, job);
}

/* The CPU: a write or a read, whose stall it waits for, and a look at the usage. */
static void cpu_step(void *arg) {
	bool read = gsl_rng_uniform(dice) < 0.15;
	sim_time stall[2];

	(void)arg;
	for (int i = 0; i < 2; i++) {
		struct access *a = &twins[i]->access[step];
		struct pci_usage use;

		*a = (struct access){.dev = twins[i]->card, .arrived = -1};
		if (!read && writes_start_reads)
			write_that_starts_a_read(twins[i], i == 0);
		else
			(read ? access_read : access_post)(a);
		stall[i] = a->stall;
		pci_bus_usage(twins[i]->bus, &use);
		twins[i]->busy[step] = use.busy;
	}
	differences += stall[0] != stall[1];
	if (++step < STEPS)
		sim_call_at(sim,
		            sim_now(sim) + MAX(stall[0], stall[1]) +
		                    (sim_time)gsl_rng_uniform_int(dice, 1 << 20),
		            cpu_step, NULL);
}

START_TEST(what_is_decided_ahead_is_what_would_be_decided_then) {
	struct pci_conf conf;

	writes_start_reads = _i & 1;
	round_conf(&conf);
	if (_i & 2)
		conf.posted_depth =
			1; /* so each write but the first goes out of turn, and takes that along */
	conf.dma_setup = 0;
	dice = sim_rng_new(sim, "twins");
	for (int i = 0; i < 2; i++) {
		twins[i] = g_new0(struct twin, 1);
		twins[i]->bus = pci_bus_new(sim, "pci", &conf);
		twins[i]->card = pci_dev_add(twins[i]->bus, "card", 0);
	}
	pci_dev_add(twins[1]->bus, "idle", 1);
	for (int k = 0; k < MOVES; k++) {
		sim_time when = (sim_time)gsl_rng_uniform_int(dice, 2 * 1000 * 1000 * 1000);
		uint32_t bytes = 1 + (uint32_t)gsl_rng_uniform_int(dice, 3000);
		bool to_host = writes_start_reads || gsl_rng_uniform(dice) < 0.5;

		for (int i = 0; i < 2; i++)
			job_at(&twins[i]->job[k], twins[i]->card, when, bytes, to_host);
	}
	sim_call_at(sim, 0, cpu_step, NULL);
	sim_run(sim, SIM_NEVER);
	ck_assert_uint_eq(step, STEPS);
	ck_assert_uint_eq(differences, 0);
	for (int k = 0; k < MOVES; k++)
		ck_assert_int_eq(twins[0]->job[k].done, twins[1]->job[k].done);
	for (int k = 0; k < STEPS; k++) {
		ck_assert_int_eq(twins[0]->access[k].arrived, twins[1]->access[k].arrived);
		ck_assert_int_eq(twins[0]->busy[k], twins[1]->busy[k]);
		ck_assert_int_eq(twins[0]->read[k].issue, twins[1]->read[k].issue);
		ck_assert_int_eq(twins[0]->read[k].done, twins[1]->read[k].done);
	}
	gsl_rng_free(dice);
	for (int i = 0; i < 2; i++) {
		pci_bus_free(twins[i]->bus);
		g_free(twins[i]);
	}
}
END_TEST

/* A card alone: however many writes come into a transfer, each is an event, and the transfer one. */
START_TEST(a_write_into_a_transfer_is_no_event_but_its_arrival) {
	struct pci_conf conf;
	struct access post[3];
	struct job job;

	round_conf(&conf);
	struct pci_bus *bus = pci_bus_new(sim, "pci0", &conf);
	struct pci_dev *card = pci_dev_add(bus, "card", 0);
	job_at(&job, card, 0, 1460, false);
	for (int i = 0; i < 3; i++)
		access_at(&post[i], card, 1400 * SIM_NS + i * SIM_US, false);
	sim_run(sim, SIM_NEVER);
	/* four calls, the transfer's end, three arrivals */
	ck_assert_uint_eq(sim_events_run(sim), 8);
	/* each write is carried at the next end of a burst, and takes two turnarounds */
	ck_assert_int_eq(job.done, 1300 * SIM_NS + ARBITRATION + burst_clocks(1460) * CLOCK +
	                                   3 * (2 * ARBITRATION + REGISTER));
	ck_assert_int_eq(post[0].arrived, 1300 * SIM_NS + ARBITRATION + 40 * CLOCK + ARBITRATION +
	                                          REGISTER + 100 * SIM_NS);
	pci_bus_free(bus);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("pci arbiter");
	TCase *tc = tcase_create("arbiter");

	tcase_add_checked_fixture(tc, world_up, world_down);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, long_transfers_share_fairly);
	tcase_add_test(tc, grants_equal_burst_wise_round_robin);
	tcase_add_loop_test(tc, what_is_decided_ahead_is_what_would_be_decided_then, 0, 4);
	tcase_add_test(tc, a_write_into_a_transfer_is_no_event_but_its_arrival);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
