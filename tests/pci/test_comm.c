/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rings of the communication module, with a host and a card that do nothing else. */
#include "pci/comm.h"

#include <check.h>
#include <glib.h>
#include <stdlib.h>

#include "run_suite.h"

static struct sim *sim;
static struct pci_bus *bus;
static struct pci_dev *dev;
static struct comm *comm;
static GArray *delivered; /* ids, in the order in which the card saw them */
static GArray *taken;     /* ids, in the order in which the host saw them */
static bool answer_at_once;
static unsigned irq_rises;
static sim_time last_rise, least_gap;

static void deliver(void *arg, const struct comm_command *cmd) {
	(void)arg;
	g_array_append_val(delivered, cmd->id);
	if (answer_at_once) {
		struct comm_completion c = {.id = cmd->id, .generation = cmd->generation};

		comm_post(comm, &c, cmd->flags & COMM_TO_HOST ? cmd->length : 0, true);
	}
}

static void take_all(void *arg) {
	struct comm_completion c;

	(void)arg;
	while (comm_take(comm, &c))
		if (c.kind == COMM_ANSWER)
			g_array_append_val(taken, c.id);
}

/* The host's handler: takes what is there, gives room back when it is due. */
static void irq(void *arg, unsigned line, bool high) {
	(void)arg, (void)line;
	if (!high)
		return;
	irq_rises++;
	if (irq_rises > 1)
		least_gap = MIN(least_gap, sim_now(sim) - last_rise);
	last_rise = sim_now(sim);
	if (!comm_asserted(comm))
		return;
	comm_ack(comm);
	take_all(NULL);
	if (comm_credit_due(comm))
		comm_doorbell(comm);
}

static void up_on(const struct pci_conf *pci, unsigned commands, unsigned completions,
                  sim_time throttle) {
	struct comm_conf conf = {
		.commands = commands, .completions = completions, .irq_throttle = throttle};

	sim = sim_new(1);
	bus = pci_bus_new(sim, "pci0", pci);
	dev = pci_dev_add(bus, "card", 5);
	comm = comm_new(sim, dev, &conf, deliver, NULL);
	pci_bus_on_irq(bus, irq, NULL);
	delivered = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	taken = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	answer_at_once = true;
	irq_rises = 0;
	least_gap = SIM_NEVER;
}

static void up(unsigned commands, unsigned completions, sim_time throttle) {
	struct pci_conf pci;

	pci_conf_default(&pci);
	up_on(&pci, commands, completions, throttle);
}

static void down(void) {
	comm_free(comm);
	pci_bus_free(bus);
	sim_free(sim);
	g_array_free(delivered, TRUE);
	g_array_free(taken, TRUE);
}

/* The host's program: `left` more commands, as the ring has room. */
static unsigned next_id, left;
static uint32_t data_bytes;
static unsigned refused;

static void produce(void *arg) {
	bool any = false;

	(void)arg;
	while (left && comm_reserve(comm)) {
		struct comm_command cmd = {.id = next_id++, .generation = 1};

		if (data_bytes && cmd.id % 2)
			cmd.flags = COMM_TO_CARD;
		cmd.length = data_bytes;
		comm_publish(comm, &cmd);
		left--;
		any = true;
	}
	refused += left > 0;
	if (any)
		comm_doorbell(comm);
	if (left)
		sim_call_at(sim, sim_now(sim) + 500 * SIM_NS, produce, NULL);
}

static void produce_at(sim_time when, unsigned n) {
	next_id = 0;
	left = n;
	refused = 0;
	sim_call_at(sim, when, produce, NULL);
}

static void assert_sequence(const GArray *ids, unsigned n) {
	ck_assert_uint_eq(ids->len, n);
	for (unsigned i = 0; i < n; i++)
		ck_assert_uint_eq(g_array_index(ids, uint32_t, i), i);
}

/* Many times round both rings; data of every second command hold up none out of turn. */
START_TEST(order_and_wrap) {
	struct comm_counters n;

	up(7, 5, 0);
	data_bytes = 3000;
	produce_at(0, 1000);
	sim_run(sim, SIM_NEVER);
	assert_sequence(delivered, 1000);
	assert_sequence(taken, 1000);
	ck_assert_uint_gt(refused, 0);
	comm_counters(comm, &n);
	ck_assert_uint_eq(n.commands, 1000);
	ck_assert_uint_ge(n.completions, 1000);   /* events that give descriptors back among them */
	ck_assert_uint_lt(n.fetches, n.commands); /* some were fetched together */
	down();
}
END_TEST

/* --- reads in flight -------------------------------------------------------------------------- */

enum { BATCHES = 4, BATCH = 8, READS = BATCHES * (1 + BATCH) };
static sim_time last_delivered;

static void note_date(void *arg, const struct comm_command *cmd) {
	(void)arg;
	g_array_append_val(delivered, cmd->id);
	last_delivered = sim_now(sim);
}

static void publish_all(void *arg) {
	(void)arg;
	for (uint32_t i = 0; i < BATCHES * BATCH; i++) {
		struct comm_command cmd = {.id = i, .flags = COMM_TO_CARD, .length = 1400};

		comm_reserve(comm);
		comm_publish(comm, &cmd);
	}
	comm_doorbell(comm);
}

static sim_time burst_time(const struct pci_conf *pci, uint32_t bytes) {
	uint32_t bursts = (bytes + 255) / 256,
		 clocks = bursts * pci->setup_clocks + (bytes + 7) / 8;

	return (sim_time)clocks * SIM_S / (sim_time)pci->clock_hz;
}

/*
 * The same as a recurrence.  Reads go in order, `outstanding` at a time: descriptors of a batch, their
 * data, the next descriptors, which are asked for together with the data.  Each takes set-up, both
 * ways and the memory, then the bus when the one before it has left it.
 */
static sim_time expected(const struct pci_conf *pci) {
	sim_time done[READS] = {0};
	sim_time bell =
		burst_time(pci, 4) + pci->arbitration_clocks * SIM_S / (sim_time)pci->clock_hz;
	sim_time distance = pci->dma_setup + 2 * pci->latency + pci->host_read_latency;
	sim_time asked = bell + pci->latency;

	for (unsigned i = 0; i < READS; i++) {
		bool descriptors = i == 0 || i % (BATCH + 1) == 0;
		sim_time admitted = asked, burst = burst_time(pci, descriptors ? BATCH * 64 : 1400);

		if (i == 0) /* the bus turns from the bridge to the device */
			burst += pci->arbitration_clocks * SIM_S / (sim_time)pci->clock_hz;
		if (i >= pci->max_outstanding)
			admitted = MAX(admitted, done[i - pci->max_outstanding]);
		done[i] = MAX(admitted + distance, i ? done[i - 1] : 0) + burst;
		if (descriptors)
			asked = done[i];
	}
	return done[READS - 1];
}

/* The more reads a card may have under way, the less the distance counts. */
START_TEST(data_of_a_batch_come_together) {
	struct comm_conf conf = {.commands = 64, .completions = 64};
	struct pci_conf pci;

	pci_conf_default(&pci);
	pci.clock_hz = 62500000; /* 16 ns */
	pci.latency = 10 * SIM_US;
	pci.max_outstanding = (unsigned)_i;
	up_on(&pci, 64, 64, 0);
	comm_free(comm);
	comm = comm_new(sim, dev, &conf, note_date, NULL);
	sim_call_at(sim, 0, publish_all, NULL);
	sim_run(sim, SIM_NEVER);
	assert_sequence(delivered, BATCHES * BATCH);
	ck_assert_int_eq(last_delivered, expected(&pci));
	down();
}
END_TEST

static GArray *waiting;

static void deliver_later(void *arg) {
	(void)arg;
	/* Last in, first out. */
	while (waiting->len) {
		struct comm_completion c = {
			.id = g_array_index(waiting, uint32_t, waiting->len - 1)};

		g_array_set_size(waiting, waiting->len - 1);
		comm_post(comm, &c, 100, true);
	}
}

static void collect_ids(void *arg, const struct comm_command *cmd) {
	(void)arg;
	g_array_append_val(waiting, cmd->id);
}

START_TEST(completions_in_another_order) {
	struct comm_conf conf = {.commands = 16, .completions = 16};

	up(16, 16, 0);
	comm_free(comm);
	comm = comm_new(sim, dev, &conf, collect_ids, NULL);
	waiting = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	data_bytes = 0;
	produce_at(0, 10);
	sim_call_at(sim, SIM_MS, deliver_later, NULL);
	sim_run(sim, SIM_NEVER);
	ck_assert_uint_eq(taken->len, 10);
	for (unsigned i = 0; i < 10; i++)
		ck_assert_uint_eq(g_array_index(taken, uint32_t, i), 9 - i);
	g_array_free(waiting, TRUE);
	down();
}
END_TEST

static void post_many(void *arg) {
	(void)arg;
	for (uint32_t i = 0; i < 100; i++) {
		struct comm_completion c = {.id = i};

		comm_post(comm, &c, 0, true);
	}
}

/* The card has more to say than the host has room for: it waits for credit, in order. */
START_TEST(host_ring_is_never_overrun) {
	struct comm_counters n;

	up(4, 8, 0);
	sim_call_at(sim, 0, post_many, NULL);
	sim_run(sim, SIM_NEVER);
	assert_sequence(taken, 100);
	comm_counters(comm, &n);
	ck_assert_uint_eq(n.held, 92);
	down();
}
END_TEST

START_TEST(throttle_spaces_interrupts) {
	up(64, 64, 20 * SIM_US);
	data_bytes = 0;
	produce_at(0, 500);
	sim_run(sim, SIM_NEVER);
	assert_sequence(taken, 500);
	ck_assert_uint_gt(irq_rises, 1);
	ck_assert_int_ge(least_gap, 20 * SIM_US);
	ck_assert_uint_lt(irq_rises, 100);
	down();
}
END_TEST

/* A quiet entry raises nothing, and is taken with the next. */
static void post_two(void *arg) {
	struct comm_completion quiet = {.id = 0}, loud = {.id = 1};

	if (!arg) {
		comm_post(comm, &quiet, 0, false);
		sim_call_at(sim, sim_now(sim) + SIM_MS, post_two, &sim);
	} else {
		ck_assert_uint_eq(taken->len, 0);
		comm_post(comm, &loud, 0, true);
	}
}

START_TEST(quiet_entries) {
	up(4, 8, 0);
	sim_call_at(sim, 0, post_two, NULL);
	sim_run(sim, SIM_NEVER);
	assert_sequence(taken, 2);
	ck_assert_uint_eq(irq_rises, 1);
	down();
}
END_TEST

static void stop_now(void *arg) {
	(void)arg;
	comm_stop(comm);
}

/* After a stop nothing arrives at either end, whatever was under way. */
START_TEST(stop_in_the_middle) {
	unsigned before;

	up(64, 64, 0);
	data_bytes = 20000;
	produce_at(0, 40);
	sim_call_at(sim, 300 * SIM_US, stop_now, NULL);
	sim_run(sim, SIM_NEVER);
	before = taken->len;
	ck_assert_uint_gt(before, 0);
	ck_assert_uint_lt(delivered->len, 40);
	ck_assert(!comm_pending(comm));
	ck_assert(!comm_asserted(comm));
	down();
}
END_TEST

/* Commands that wait: no answer gives the descriptors back, an event does. */
static void ignore(void *arg, const struct comm_command *cmd) {
	(void)arg;
	g_array_append_val(delivered, cmd->id);
}

START_TEST(descriptors_come_back_without_answers) {
	struct comm_conf conf = {.commands = 4, .completions = 16};

	up(4, 16, 0);
	comm_free(comm);
	comm = comm_new(sim, dev, &conf, ignore, NULL);
	data_bytes = 0;
	produce_at(0, 50);
	sim_run(sim, SIM_MS);
	assert_sequence(delivered, 50);
	ck_assert_uint_gt(comm_room(comm), 1);
	down();
}
END_TEST

/* --- on demand -------------------------------------------------------------------------------- */

static void up_on_demand(void) {
	struct comm_conf conf = {.commands = 16, .completions = 64, .on_demand = true};

	up(16, 64, 0);
	comm_free(comm);
	comm = comm_new(sim, dev, &conf, deliver, NULL);
}

static void post_one(void *arg) {
	struct comm_completion c = {.id = 0};

	(void)arg;
	comm_post(comm, &c, 0, true);
}

static void arm(void *arg) {
	(void)arg;
	comm_arm(comm);
}

static void bell(void *arg) {
	(void)arg;
	comm_doorbell(comm);
}

/* Nothing interrupts a host that looks by itself; an armed card interrupts once. */
START_TEST(armed_card_interrupts_once) {
	up_on_demand();
	sim_call_at(sim, 0, post_one, NULL);
	sim_call_at(sim, 10 * SIM_US, take_all, NULL);
	sim_call_at(sim, 20 * SIM_US, arm, NULL);
	sim_call_at(sim, 30 * SIM_US, post_one, NULL);
	sim_call_at(sim, 40 * SIM_US, post_one, NULL);
	sim_run(sim, SIM_MS);
	ck_assert_uint_eq(irq_rises, 1);
	ck_assert_int_gt(last_rise, 30 * SIM_US);
	ck_assert_int_lt(last_rise, 40 * SIM_US);
	ck_assert_uint_eq(taken->len, 2);
	down();
}
END_TEST

/* An entry is written just before, while, or after the arming is on its way: one interrupt. */
START_TEST(arming_races_an_entry) {
	up_on_demand();
	sim_call_at(sim, 10 * SIM_US, arm, NULL);
	sim_call_at(sim, 8 * SIM_US + _i * 100 * SIM_NS, post_one, NULL);
	sim_run(sim, SIM_MS);
	ck_assert_uint_eq(irq_rises, 1);
	ck_assert_uint_eq(taken->len, 1);
	down();
}
END_TEST

START_TEST(doorbell_disarms) {
	up_on_demand();
	sim_call_at(sim, 10 * SIM_US, arm, NULL);
	sim_call_at(sim, 20 * SIM_US, bell, NULL);
	sim_call_at(sim, 30 * SIM_US, post_one, NULL);
	sim_run(sim, SIM_MS);
	ck_assert_uint_eq(irq_rises, 0);
	ck_assert(comm_pending(comm));
	down();
}
END_TEST

int main(void) {
	Suite *suite = suite_create("pci-comm");
	TCase *tcase = tcase_create("comm");

	tcase_add_test(tcase, order_and_wrap);
	tcase_add_loop_test(tcase, data_of_a_batch_come_together, 1, 9);
	tcase_add_test(tcase, completions_in_another_order);
	tcase_add_test(tcase, host_ring_is_never_overrun);
	tcase_add_test(tcase, throttle_spaces_interrupts);
	tcase_add_test(tcase, quiet_entries);
	tcase_add_test(tcase, stop_in_the_middle);
	tcase_add_test(tcase, descriptors_come_back_without_answers);
	tcase_add_test(tcase, armed_card_interrupts_once);
	tcase_add_loop_test(tcase, arming_races_an_entry, 0, 40);
	tcase_add_test(tcase, doorbell_disarms);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
