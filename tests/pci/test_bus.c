/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bus_world.h"

#include <check.h>
#include <glib.h>
#include <stdlib.h>

#include "run_suite.h"

/* --- one master ------------------------------------------------------------------------------ */

START_TEST(lone_transfer_takes_its_clocks) {
	struct pci_conf conf;
	struct job in, out, last;

	round_conf(&conf);
	struct pci_bus *bus = pci_bus_new(sim, "pci0", &conf);
	struct pci_dev *dev = pci_dev_add(bus, "dev", 5);
	job_at(&in, dev, 0, 1460, true);
	job_at(&out, dev, 100 * SIM_US, 1460, false);
	job_at(&last, dev, 200 * SIM_US, 1, true);
	sim_run(sim, SIM_NEVER);
	ck_assert_int_eq(in.done, 600 * SIM_NS + ARBITRATION + burst_clocks(1460) * CLOCK);
	ck_assert_int_eq(in.dma.lands, in.seen);
	/* the owner has not changed: no turnaround; a fetch waits for bridge and memory */
	ck_assert_int_eq(out.done - out.issue, 1300 * SIM_NS + burst_clocks(1460) * CLOCK);
	ck_assert_int_eq(last.done - last.issue, 600 * SIM_NS + 9 * CLOCK);
	/* three calls and, however many bursts, an event a transfer, and one in host memory a write */
	ck_assert_uint_eq(sim_events_run(sim), 8);
	struct pci_usage use;
	pci_bus_usage(bus, &use);
	ck_assert_uint_eq(use.dmas, 3);
	ck_assert_uint_eq(use.dma_bytes, 2921);
	ck_assert_int_eq(use.busy, ARBITRATION + (2 * burst_clocks(1460) + 9) * CLOCK);
	pci_bus_free(bus);
}
END_TEST

static double rate(const struct pci_conf *conf, uint32_t bytes, bool to_host, unsigned times) {
	struct job job;
	struct pci_bus *bus = pci_bus_new(sim, "pci0", conf);
	struct pci_dev *dev = pci_dev_add(bus, "dev", 0);

	job_at(&job, dev, 0, bytes, to_host);
	job.repeat = times - 1;
	sim_run(sim, SIM_NEVER);
	pci_bus_free(bus);
	return (double)bytes * times / sim_to_s(job.done) / 1e6;
}

/* Megabytes per second, and what is measured in machines (bus.c names the sources). */
static const struct {
	unsigned width;
	uint64_t clock;
	uint32_t burst, bytes;
	bool to_host;
	double low, high;
} speeds[] = {
	{64, 66000000, 256, 1460, false, 214, 222}, /* the default bus, a segment at a time */
	{64, 66000000, 256, 1460, true, 248, 256},
	{64, 66000000, 256, 10000000, true, 147, 315},
	{64, 66000000, 4096, 10000000, true, 490, 528},
	{32, 33000000, 4096, 10000000, true, 125, 132},
	{64, 133000000, 4096, 10000000, true, 944, 1064},
};

START_TEST(speed_is_that_of_real_buses) {
	struct pci_conf conf;

	pci_conf_default(&conf);
	conf.width_bits = speeds[_i].width;
	conf.clock_hz = speeds[_i].clock;
	conf.burst_bytes = speeds[_i].burst;
	double mbs = rate(&conf, speeds[_i].bytes, speeds[_i].to_host, 50);
	ck_assert_double_ge(mbs, speeds[_i].low);
	ck_assert_double_le(mbs, speeds[_i].high);
}
END_TEST

/* The knob is the clock's: a slower bus is slower in all that it does. */
START_TEST(bandwidth_scale_stretches_every_clock) {
	struct pci_conf conf;
	struct access post;
	struct job job;

	round_conf(&conf);
	conf.bandwidth_scale = 0.25;
	struct pci_bus *bus = pci_bus_new(sim, "pci0", &conf);
	struct pci_dev *dev = pci_dev_add(bus, "dev", 0);
	job_at(&job, dev, 0, 256, true);
	access_at(&post, dev, 100 * SIM_US, false);
	sim_run(sim, SIM_NEVER);
	ck_assert_int_eq(job.done, 600 * SIM_NS + 4 * (ARBITRATION + (8 + 32) * CLOCK));
	ck_assert_int_eq(post.arrived - post.issue, 4 * (ARBITRATION + REGISTER) + 100 * SIM_NS);
	pci_bus_free(bus);
}
END_TEST

START_TEST(setup_overlaps_up_to_max_outstanding) {
	struct pci_conf conf;
	struct job job[3];

	round_conf(&conf);
	conf.max_outstanding = 2;
	struct pci_bus *bus = pci_bus_new(sim, "pci0", &conf);
	struct pci_dev *dev = pci_dev_add(bus, "dev", 0);
	for (int i = 0; i < 3; i++)
		job_at(&job[i], dev, 0, 64, true);
	sim_run(sim, SIM_NEVER);
	ck_assert_int_eq(job[0].done, 600 * SIM_NS + ARBITRATION + 16 * CLOCK);
	ck_assert_int_eq(job[1].done, job[0].done + 16 * CLOCK);
	/* the third one's set-up could begin when the first one was done */
	ck_assert_int_eq(job[2].done, job[0].done + 600 * SIM_NS + 16 * CLOCK);
	pci_bus_free(bus);
}
END_TEST

/* --- the CPU's side --------------------------------------------------------------------------- */

START_TEST(posted_writes_arrive_in_order_after_latency) {
	struct pci_conf conf;
	struct access a[3];

	round_conf(&conf);
	struct pci_bus *bus = pci_bus_new(sim, "pci0", &conf);
	struct pci_dev *dev = pci_dev_add(bus, "dev", 0);
	for (int i = 0; i < 3; i++)
		access_at(&a[i], dev, SIM_US, false);
	sim_run(sim, SIM_NEVER);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(a[i].stall, 0);
		ck_assert_int_eq(a[i].arrived,
		                 SIM_US + ARBITRATION + (i + 1) * REGISTER + 100 * SIM_NS);
	}
	struct pci_usage use;
	pci_dev_usage(dev, &use);
	ck_assert_uint_eq(use.writes, 3);
	ck_assert_int_eq(use.busy, ARBITRATION + 3 * REGISTER);
	pci_bus_free(bus);
}
END_TEST

START_TEST(lone_posted_write_is_one_event) {
	struct pci_conf conf;
	struct access a;

	round_conf(&conf);
	struct pci_bus *bus = pci_bus_new(sim, "pci0", &conf);
	access_at(&a, pci_dev_add(bus, "dev", 0), SIM_US, false);
	sim_run(sim, SIM_NEVER);
	ck_assert_uint_eq(sim_events_run(sim), 2); /* the call that posts it is the other */
	pci_bus_free(bus);
}
END_TEST

START_TEST(full_bridge_stalls_the_cpu) {
	enum { N = 8 };
	struct pci_conf conf;
	struct access a[N];

	round_conf(&conf);
	struct pci_bus *bus = pci_bus_new(sim, "pci0", &conf);
	struct pci_dev *dev = pci_dev_add(bus, "dev", 0);
	for (int i = 0; i < N; i++)
		access_at(&a[i], dev, 0, false);
	sim_run(sim, SIM_NEVER);
	for (int i = 0; i < N; i++) {
		/* four fit; the i-th waits until i - 3 have left the buffer */
		ck_assert_int_eq(a[i].stall, i < 4 ? 0 : ARBITRATION + (i - 3) * REGISTER);
		ck_assert_int_eq(a[i].arrived, ARBITRATION + (i + 1) * REGISTER + 100 * SIM_NS);
	}
	pci_bus_free(bus);
}
END_TEST

START_TEST(read_stalls_for_flush_bus_and_both_ways) {
	struct pci_conf conf;
	struct access idle, post[2], behind;

	round_conf(&conf);
	struct pci_bus *bus = pci_bus_new(sim, "pci0", &conf);
	struct pci_dev *dev = pci_dev_add(bus, "dev", 0);
	access_at(&idle, dev, 0, true);
	access_at(&post[0], dev, 10 * SIM_US, false);
	access_at(&post[1], dev, 10 * SIM_US, false);
	access_at(&behind, dev, 10 * SIM_US, true);
	sim_run(sim, SIM_NEVER);
	ck_assert_int_eq(idle.stall, ARBITRATION + REGISTER + 200 * SIM_NS);
	ck_assert_int_eq(behind.stall, 3 * REGISTER + 200 * SIM_NS);
	ck_assert_int_eq(post[1].arrived, 10 * SIM_US + 2 * REGISTER + 100 * SIM_NS);
	/* the write was there before the read asked the device */
	ck_assert_int_lt(post[1].arrived, behind.issue + behind.stall - 100 * SIM_NS);
	pci_bus_free(bus);
}
END_TEST

/* A write and a read come into a long transfer, 10 clocks into its fourth burst.  (The read before
 * it made the bridge the last owner: the transfer's turnaround counts all the same.) */
START_TEST(read_waits_for_the_burst_and_delays_the_transfer) {
	struct pci_conf conf;
	struct access before, post, read;
	struct job job;
	sim_time begin = 600 * SIM_NS + ARBITRATION;

	round_conf(&conf);
	struct pci_bus *bus = pci_bus_new(sim, "pci0", &conf);
	struct pci_dev *dev = pci_dev_add(bus, "dev", 0);
	access_at(&before, dev, 0, true);
	job_at(&job, dev, 0, 2560, true);
	access_at(&post, dev, begin + (3 * 40 + 10) * CLOCK, false);
	access_at(&read, dev, begin + (3 * 40 + 10) * CLOCK, true);
	sim_run(sim, SIM_NEVER);
	ck_assert_int_eq(read.stall, 30 * CLOCK + ARBITRATION + 2 * REGISTER + 200 * SIM_NS);
	ck_assert_int_eq(post.arrived - post.issue,
	                 30 * CLOCK + ARBITRATION + REGISTER + 100 * SIM_NS);
	ck_assert_int_eq(job.done, begin + 10 * 40 * CLOCK + 2 * ARBITRATION + 2 * REGISTER);
	struct pci_usage use;
	pci_bus_usage(bus, &use);
	ck_assert_int_eq(use.busy, ARBITRATION + REGISTER + job.done - 600 * SIM_NS);
	pci_bus_free(bus);
}
END_TEST

START_TEST(latency_knob_moves_everything) {
	struct pci_conf conf;
	struct access post, read;
	struct job fetch, store;

	round_conf(&conf);
	conf.latency = 10 * SIM_US;
	struct pci_bus *bus = pci_bus_new(sim, "pci0", &conf);
	struct pci_dev *dev = pci_dev_add(bus, "dev", 0);
	access_at(&post, dev, 0, false);
	access_at(&read, dev, 100 * SIM_US, true);
	job_at(&store, dev, 200 * SIM_US, 8, true);
	job_at(&fetch, dev, 300 * SIM_US, 8, false);
	sim_run(sim, SIM_NEVER);
	ck_assert_int_eq(post.arrived, ARBITRATION + REGISTER + 10 * SIM_US);
	ck_assert_int_eq(read.stall, REGISTER + 20 * SIM_US);
	ck_assert_int_eq(store.done - store.issue, 600 * SIM_NS + ARBITRATION + REGISTER);
	ck_assert_int_eq(store.seen - store.done, 10 * SIM_US);
	ck_assert_int_eq(fetch.done - fetch.issue, 1100 * SIM_NS + REGISTER + 20 * SIM_US);
	pci_bus_free(bus);
}
END_TEST

/* What each way through the bridge costs, at every distance. */
static const sim_time distances[] = {0, 10 * SIM_NS, SIM_US, 10 * SIM_US, SIM_MS};

START_TEST(a_read_crosses_twice_a_write_once) {
	struct pci_conf conf;
	struct job store, fetch;
	sim_time distance = distances[_i];

	round_conf(&conf);
	conf.latency = distance;
	struct pci_bus *bus = pci_bus_new(sim, "pci0", &conf);
	struct pci_dev *dev = pci_dev_add(bus, "dev", 0);
	job_at(&store, dev, 0, 64, true);
	job_at(&fetch, dev, 10 * SIM_MS, 64, false);
	sim_run(sim, SIM_NEVER);
	ck_assert_int_eq(store.done, 600 * SIM_NS + ARBITRATION + 16 * CLOCK);
	ck_assert_int_eq(store.seen, store.done + distance);
	ck_assert_int_eq(fetch.done - fetch.issue,
	                 600 * SIM_NS + 2 * distance + 500 * SIM_NS + 16 * CLOCK);
	pci_bus_free(bus);
}
END_TEST

/* --- reads and writes of a device ------------------------------------------------------------- */

/* Reads wait for their data at a great distance; a write that was started behind them does not. */
START_TEST(writes_pass_delayed_reads) {
	enum { READS = 4 };
	struct pci_conf conf;
	struct job read[READS], write;

	round_conf(&conf);
	conf.latency = 10 * SIM_US;
	struct pci_bus *bus = pci_bus_new(sim, "pci0", &conf);
	struct pci_dev *dev = pci_dev_add(bus, "dev", 0);
	for (int i = 0; i < READS; i++)
		job_at(&read[i], dev, 0, 64, false);
	job_at(&write, dev, 0, 64, true);
	sim_run(sim, SIM_NEVER);
	ck_assert_int_eq(write.done, 600 * SIM_NS + ARBITRATION + 16 * CLOCK);
	for (int i = 0; i < READS; i++)
		ck_assert_int_eq(read[i].done, 21100 * SIM_NS + (i + 1) * 16 * CLOCK);
	pci_bus_free(bus);
}
END_TEST

/* Two long transfers of one device, one each way, share its turns: a burst each. */
START_TEST(both_ways_of_a_device_take_turns) {
	struct pci_conf conf;
	struct job read, write;

	round_conf(&conf);
	struct pci_bus *bus = pci_bus_new(sim, "pci0", &conf);
	struct pci_dev *dev = pci_dev_add(bus, "dev", 0);
	job_at(&read, dev, 0, 10 * 256, false);
	job_at(&write, dev, 700 * SIM_NS, 10 * 256, true); /* both can go after 1.3 us */
	sim_run(sim, SIM_NEVER);
	ck_assert_int_eq(MAX(read.done, write.done), 1300 * SIM_NS + ARBITRATION + 20 * 40 * CLOCK);
	ck_assert_int_eq(llabs(read.done - write.done), 40 * CLOCK);
	pci_bus_free(bus);
}
END_TEST

/* At a distance d a device with n reads in flight fetches n transfers in the time of one way and back:
 * the limit is its throughput as long as the bus has room. */
START_TEST(reads_in_flight_bound_what_is_fetched) {
	enum { READS = 60 };
	struct pci_conf conf;
	struct job read[READS];
	unsigned n = (unsigned)_i;

	round_conf(&conf);
	conf.latency = 10 * SIM_US;
	conf.max_outstanding = n;
	struct pci_bus *bus = pci_bus_new(sim, "pci0", &conf);
	struct pci_dev *dev = pci_dev_add(bus, "dev", 0);
	for (int i = 0; i < READS; i++)
		job_at(&read[i], dev, 0, 64, false);
	sim_run(sim, SIM_NEVER);
	/* in rounds of n; a transfer of the next round asks when one of this round is done */
	ck_assert_int_eq(read[READS - 1].done, READS / n * (21100 * SIM_NS + 16 * CLOCK) +
	                                               ARBITRATION + (n - 1) * 16 * CLOCK);
	pci_bus_free(bus);
}
END_TEST

/* --- interrupts ------------------------------------------------------------------------------- */

struct level {
	unsigned line;
	bool high;
	sim_time when;
};

static struct level seen[32];
static unsigned n_seen;

static void on_irq(void *arg, unsigned line, bool high) {
	(void)arg;
	seen[n_seen++] = (struct level){line, high, sim_now(sim)};
}

static void line_up(void *arg) { pci_irq_set(arg, true); }
static void line_down(void *arg) { pci_irq_set(arg, false); }

static void check_seen(unsigned i, unsigned line, bool high, sim_time when) {
	ck_assert_uint_lt(i, n_seen);
	ck_assert_uint_eq(seen[i].line, line);
	ck_assert_int_eq(seen[i].high, high);
	ck_assert_int_eq(seen[i].when, when);
}

START_TEST(shared_line_is_the_or_of_its_sharers) {
	struct pci_conf conf;

	round_conf(&conf);
	struct pci_bus *bus = pci_bus_new(sim, "pci0", &conf);
	struct pci_dev *a = pci_dev_add(bus, "a", 9), *b = pci_dev_add(bus, "b", 9);
	struct pci_dev *c = pci_dev_add(bus, "c", 10);
	pci_bus_on_irq(bus, on_irq, NULL);
	sim_call_at(sim, 1 * SIM_US, line_up, a);
	sim_call_at(sim, 2 * SIM_US, line_up, b);
	sim_call_at(sim, 2 * SIM_US, line_up, b); /* no change */
	sim_call_at(sim, 3 * SIM_US, line_down, a);
	sim_call_at(sim, 4 * SIM_US, line_up, c);
	sim_call_at(sim, 5 * SIM_US, line_down, b);
	sim_run(sim, SIM_NEVER);
	ck_assert_uint_eq(n_seen, 3);
	check_seen(0, 9, true, 1 * SIM_US + 100 * SIM_NS);
	check_seen(1, 10, true, 4 * SIM_US + 100 * SIM_NS);
	check_seen(2, 9, false, 5 * SIM_US + 100 * SIM_NS);
	struct pci_usage use;
	pci_bus_usage(bus, &use);
	ck_assert_uint_eq(use.irqs, 3);
	pci_bus_free(bus);
}
END_TEST

START_TEST(short_pulses_are_all_seen_in_order) {
	enum { PULSES = 12 };
	struct pci_conf conf;

	round_conf(&conf);
	struct pci_bus *bus = pci_bus_new(sim, "pci0", &conf);
	struct pci_dev *dev = pci_dev_add(bus, "dev", 3);
	pci_bus_on_irq(bus, on_irq, NULL);
	for (int i = 0; i < PULSES; i++) /* all within the latency */
		sim_call_at(sim, i * SIM_NS, i % 2 ? line_down : line_up, dev);
	sim_run(sim, SIM_NEVER);
	ck_assert_uint_eq(n_seen, PULSES);
	for (unsigned i = 0; i < PULSES; i++)
		check_seen(i, 3, i % 2 == 0, i * SIM_NS + 100 * SIM_NS);
	pci_bus_free(bus);
}
END_TEST

static void store_done(void *arg) {
	struct job *job = arg;
	job->done = sim_now(sim);
	pci_irq_set(job->dev, true);
}

START_TEST(interrupt_follows_the_data) {
	struct pci_conf conf;
	struct job job;

	round_conf(&conf);
	struct pci_bus *bus = pci_bus_new(sim, "pci0", &conf);
	pci_bus_on_irq(bus, on_irq, NULL);
	job_at(&job, pci_dev_add(bus, "dev", 1), 0, 64, true);
	job.dma.done = store_done;
	sim_run(sim, SIM_NEVER);
	ck_assert_uint_eq(n_seen, 1);
	check_seen(0, 1, true, job.done + 100 * SIM_NS);
	ck_assert_int_eq(job.seen, job.done + 100 * SIM_NS);
	pci_bus_free(bus);
}
END_TEST

static unsigned stores_seen, early_interrupts;

static void store_seen(void *arg) {
	(void)arg;
	stores_seen++;
}

static void on_irq_count(void *arg, unsigned line, bool high) {
	(void)arg, (void)line;
	early_interrupts += high && stores_seen == 0;
}

/* Data and the interrupt behind them arrive in one instant, with much else under way: data first. */
START_TEST(data_arrive_before_their_interrupt) {
	struct pci_conf conf;
	struct job early, job;

	round_conf(&conf);
	conf.latency = 10 * SIM_US;
	stores_seen = early_interrupts = 0;
	struct pci_bus *bus = pci_bus_new(sim, "pci0", &conf);
	struct pci_dev *dev = pci_dev_add(bus, "dev", 1), *other = pci_dev_add(bus, "other", 2);
	pci_bus_on_irq(bus, on_irq_count, NULL);
	job_at(&early, other, 0, 64, true);
	job_at(&job, dev, 0, 64, true);
	job.dma.done = store_done;
	job.dma.seen = store_seen;
	sim_run(sim, SIM_NEVER);
	ck_assert_uint_eq(stores_seen, 1);
	ck_assert_uint_eq(early_interrupts, 0);
	pci_bus_free(bus);
}
END_TEST

/* --- removal ---------------------------------------------------------------------------------- */

static void pull_out(void *arg) { pci_dev_remove(arg); }

START_TEST(removed_device_falls_silent) {
	struct pci_conf conf;
	struct job gone[2], stays, late;
	struct access post;
	sim_time pull = 600 * SIM_NS + ARBITRATION + 5 * CLOCK; /* in the middle of its burst */

	round_conf(&conf);
	struct pci_bus *bus = pci_bus_new(sim, "pci0", &conf);
	struct pci_dev *a = pci_dev_add(bus, "a", 4), *b = pci_dev_add(bus, "b", 4);
	pci_bus_on_irq(bus, on_irq, NULL);
	job_at(&gone[0], a, 0, 4096, true);
	job_at(&gone[1], a, 0, 4096, true);
	job_at(&stays, b, SIM_NS, 256, true);
	sim_call_at(sim, 0, line_up, a);
	access_at(&post, a, pull - CLOCK, false);
	sim_call_at(sim, pull, pull_out, a);
	sim_call_at(sim, pull, pull_out, a); /* again: nothing */
	job_at(&late, a, 2 * pull, 64, true);
	sim_call_at(sim, 3 * pull, line_up, a);
	sim_run(sim, SIM_NEVER);
	ck_assert(!pci_present(a) && pci_present(b));
	ck_assert_int_eq(gone[0].done, -1);
	ck_assert_int_eq(gone[1].done, -1);
	ck_assert_int_eq(late.done, -1);
	ck_assert_int_eq(post.arrived, -1);
	/* the neighbour had asked, and is next in turn */
	ck_assert_int_eq(stays.done, pull + ARBITRATION + 40 * CLOCK);
	ck_assert_uint_eq(n_seen, 2);
	check_seen(0, 4, true, 100 * SIM_NS);
	check_seen(1, 4, false, pull + 100 * SIM_NS);
	pci_bus_free(bus);
}
END_TEST

/* --- tracing ---------------------------------------------------------------------------------- */

struct trace {
	sim_time total, posts, reads;
	sim_time at[64][2];
	unsigned n;
};

static void on_span(void *arg, const struct sim_track *track, const char *layer, const char *name,
                    sim_time start, sim_time end, sim_flow flow) {
	struct trace *t = arg;

	(void)track, (void)flow;
	if (g_strcmp0(layer, "pci") != 0 || t->n == G_N_ELEMENTS(t->at))
		return;
	t->total += end - start;
	t->posts += g_str_equal(name, "post") ? end - start : 0;
	t->reads += g_str_equal(name, "read") ? end - start : 0;
	t->at[t->n][0] = start;
	t->at[t->n++][1] = end;
}

START_TEST(spans_cover_the_bus_and_never_overlap) {
	struct pci_conf conf;
	struct trace trace = {.n = 0};
	struct sim_sink sink = {.span = on_span, .arg = &trace};
	struct job job[2];
	struct access post, read;

	round_conf(&conf);
	struct pci_bus *bus = pci_bus_new(sim, "pci0", &conf);
	struct pci_dev *a = pci_dev_add(bus, "a", 4), *b = pci_dev_add(bus, "b", 4);
	sim_sink_add(sim, &sink);
	job_at(&job[0], a, 0, 3000, true);
	job_at(&job[1], b, 2 * SIM_US, 1500, false);
	access_at(&post, b, 3 * SIM_US, false);
	access_at(&read, a, 4 * SIM_US, true);
	sim_run(sim, SIM_NEVER);
	struct pci_usage use;
	pci_bus_usage(bus, &use);
	ck_assert_int_eq(trace.total, use.busy);
	ck_assert_int_gt(trace.posts, 0);
	ck_assert_int_gt(trace.reads, 0);
	for (unsigned i = 0; i < trace.n; i++)
		for (unsigned k = 0; k < i; k++)
			ck_assert(trace.at[i][0] >= trace.at[k][1] ||
			          trace.at[i][1] <= trace.at[k][0]);
	pci_bus_free(bus);
}
END_TEST

static Suite *bus_suite(void) {
	Suite *suite = suite_create("pci bus");
	TCase *tc = tcase_create("bus");

	tcase_add_checked_fixture(tc, world_up, world_down);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, lone_transfer_takes_its_clocks);
	tcase_add_loop_test(tc, speed_is_that_of_real_buses, 0, G_N_ELEMENTS(speeds));
	tcase_add_test(tc, bandwidth_scale_stretches_every_clock);
	tcase_add_test(tc, setup_overlaps_up_to_max_outstanding);
	tcase_add_test(tc, posted_writes_arrive_in_order_after_latency);
	tcase_add_test(tc, lone_posted_write_is_one_event);
	tcase_add_test(tc, full_bridge_stalls_the_cpu);
	tcase_add_test(tc, read_stalls_for_flush_bus_and_both_ways);
	tcase_add_test(tc, read_waits_for_the_burst_and_delays_the_transfer);
	tcase_add_test(tc, latency_knob_moves_everything);
	tcase_add_loop_test(tc, a_read_crosses_twice_a_write_once, 0, G_N_ELEMENTS(distances));
	tcase_add_test(tc, writes_pass_delayed_reads);
	tcase_add_test(tc, both_ways_of_a_device_take_turns);
	tcase_add_loop_test(tc, reads_in_flight_bound_what_is_fetched, 1, 5);
	tcase_add_test(tc, shared_line_is_the_or_of_its_sharers);
	tcase_add_test(tc, short_pulses_are_all_seen_in_order);
	tcase_add_test(tc, interrupt_follows_the_data);
	tcase_add_test(tc, data_arrive_before_their_interrupt);
	tcase_add_test(tc, removed_device_falls_silent);
	tcase_add_test(tc, spans_cover_the_bus_and_never_overlap);
	suite_add_tcase(suite, tc);
	return suite;
}

int main(void) { return run_suite(bus_suite()); }
