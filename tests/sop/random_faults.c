/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What happens to the cards: they fall silent, are pulled out, slow down, and lie.  The driver must
 * take a card out for a reason that it has given, and no other; and a card that lies is found out.
 */
#include "random_world.h"

#include "toe/driver/driver.h"

/* Later than the driver's patience with a command, and well before its end. */
#define TOO_LATE (5 * SIM_S)
#define LATE (30 * SIM_MS)
#define SPURIOUS (50 * SIM_US)

#define SILENT "it does not answer"

static const struct fault {
	enum { DIE, PULL, SLOW, LIE } what;
	enum comm_fault lie;
	sim_time time;
	double slow;
	const char *why[2]; /* what the driver may say; none: it is to be patient */
	bool sure;          /* the first answer gives it away */
} faults[] = {
	{DIE, 0, 0, 0, {SILENT}, false},
	{PULL, 0, 0, 0, {"it is gone"}, true},
	{SLOW, 0, 0, 1e5, {SILENT}, false},
	{SLOW, 0, 0, 100, {NULL}, false},
	{LIE, COMM_FAULT_WRONG_COMMAND, 0, 0, {"it answers what nobody has asked"}, true},
	{LIE,
         COMM_FAULT_WRONG_SOCKET,
         0,
         0,
         {"it answers for another socket than was asked about"},
         true},
	{LIE, COMM_FAULT_WRONG_COUNT, 0, 0, {"its answers are out of bounds"}, false},
	{LIE, COMM_FAULT_DOUBLED, 0, 0, {"it answers what nobody has asked"}, true},
	{LIE, COMM_FAULT_DAMAGED_WRITE, 0, 0, {"what it writes into memory is damaged"}, true},
	{LIE, COMM_FAULT_DAMAGED_READ, 0, 0, {"what it fetches from memory is damaged"}, false},
	{LIE, COMM_FAULT_SPURIOUS_IRQ, SPURIOUS, 0, {"it interrupts for nothing"}, false},
	{LIE, COMM_FAULT_LATE, TOO_LATE, 0, {SILENT}, false},
	{LIE, COMM_FAULT_LATE, LATE, 0, {NULL}, false},
	{LIE, COMM_FAULT_LOST_IRQ, 0, 0, {"its interrupts do not come", SILENT}, false},
};
#define FIRST_LIE 4

static struct {
	uint32_t struck; /* bits: faults so far */
	const struct fault *last;
	uint64_t commands; /* that the card had taken then */
} cards[NETS];

static bool is_excused(unsigned net, const char *why) {
	for (size_t i = 0; i < G_N_ELEMENTS(faults); i++)
		for (size_t j = 0; cards[net].struck >> i & 1 && j < G_N_ELEMENTS(faults[i].why);
		     j++)
			if (g_strcmp0(why, faults[i].why[j]) == 0)
				return true;
	return false;
}

static void card_died(void *arg, const char *why) {
	unsigned net = GPOINTER_TO_UINT(arg);

	if (!is_excused(net, why))
		WRONG("the driver says of toe%u, which has not done that: %s", net - 1, why);
	random_note(net);
}

void random_watch_card(unsigned net) {
	toe_on_death(random_toe(net), card_died, GUINT_TO_POINTER(net));
}

static uint64_t commands_taken(struct toe *toe) {
	struct toe_usage usage;

	toe_usage_get(toe, &usage);
	return usage.commands;
}

static void strike(void *arg) {
	unsigned net = GPOINTER_TO_UINT(arg) % NETS, nr = GPOINTER_TO_UINT(arg) / NETS;
	const struct fault *f = &faults[nr];
	struct toe *toe = random_toe(net);

	if (!toe || toe_dev(toe)->dead)
		return;
	cards[net].struck |= UINT32_C(1) << nr;
	cards[net].commands = commands_taken(toe);
	cards[net].last = f;
	switch (f->what) {
	case DIE:
		toe_fail(toe);
		return;
	case PULL:
		toe_remove(toe);
		return;
	case SLOW:
		toe_slow(toe, f->slow);
		return;
	case LIE:
		toe_lie(toe, f->lie, f->time);
		return;
	}
}

void random_fault(const struct random_op *op) {
	unsigned net = 1 + op->b % (NETS - 1), nr = op->c % FIRST_LIE;

	if (op->kind == RANDOM_lie)
		nr = FIRST_LIE + op->c % (G_N_ELEMENTS(faults) - FIRST_LIE);
	if (!random_is_spared(net))
		random_later(SIM_US, strike, GUINT_TO_POINTER(nr * NETS + net));
}

void random_check_faults(void) {
	for (unsigned net = 1; net < NETS; net++) {
		struct toe *toe = random_toe(net);

		if (toe && !toe_dev(toe)->dead && cards[net].last && cards[net].last->sure &&
		    commands_taken(toe) > cards[net].commands)
			WRONG("toe%u lies, and the driver does not say: %s", net - 1,
			      cards[net].last->why[0]);
	}
}
