/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints the decision table of SOP as docs/semantics-index.md has it: decisions.sh. */
#include <stdio.h>
#include <string.h>

#include "sop/target.h"

static const char *const ops[] = {
#define X(name) #name,
	SOP_OPS(X)
#undef X
};

static const char *const steps[] = {
#define X(name, text) text,
	SOP_STEPS(X)
#undef X
};

static const char *const rules[] = {
#define X(name) #name,
	SOP_RULES(X)
#undef X
};

static const char *const phases[] = {
#define X(name) #name,
	SOP_PHASES(X)
#undef X
};

/* A datagram socket neither listens nor waits for a connection. */
static bool has(bool dgram, enum sop_phase phase) {
	return !dgram || (phase != SOP_PHASE_listening && phase != SOP_PHASE_connecting);
}

static bool is_decided(unsigned what, bool dgram) {
	for (enum sop_phase phase = 0; phase < SOP_PHASE_COUNT; phase++)
		if (sop_rule(what, dgram, phase) != SOP_FOR_nobody)
			return true;
	return false;
}

static const char *shown(unsigned what, bool dgram, enum sop_phase phase) {
	enum sop_rule rule = sop_rule(what, dgram, phase);

	return rule == SOP_FOR_nobody ? "-" : rule == SOP_FOR_inet ? "INET" : rules[rule];
}

static void print_row(unsigned what, bool dgram) {
	printf("| %s |", what < SOP_OP_COUNT ? ops[what] : steps[what - SOP_OP_COUNT]);
	for (enum sop_phase phase = 0; phase < SOP_PHASE_COUNT; phase++)
		if (has(dgram, phase))
			printf(" %s |", shown(what, dgram, phase));
	printf("\n");
}

static void print_type(bool dgram) {
	printf("| %s |", dgram ? "datagram sockets" : "streams");
	for (enum sop_phase phase = 0; phase < SOP_PHASE_COUNT; phase++)
		if (has(dgram, phase))
			printf(" %s |", phases[phase]);
	printf("\n|---|");
	for (enum sop_phase phase = 0; phase < SOP_PHASE_COUNT; phase++)
		if (has(dgram, phase))
			printf("---|");
	printf("\n");
	for (unsigned what = 0; what < SOP_DECISIONS; what++)
		if (is_decided(what, dgram))
			print_row(what, dgram);
}

int main(void) {
	print_type(false);
	printf("\n");
	print_type(true);
	return 0;
}
