/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does a cost come to on a machine of that speed and memory? */
#include "lab/scenario/terms.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#include "lab/scenario/quantity.h"

/* Of one charge, and of each byte of it: more would let the clock run over. */
#define MOST_EACH ((double)SIM_S)
#define MOST_PER_BYTE ((double)SIM_MS)

/* What stands behind the number of a term that is no time, and how much of it is enough. */
static const struct {
	const char *word;
	double most;
} words[] = {[TERM_TRAP] = {"trap", 1e6},
             [TERM_SWITCH] = {"switch", 1e6},
             [TERM_LINES] = {"lines", 1e6},
             [TERM_READ] = {"read", 1e6},
             [TERM_COPY] = {"copy", 1e6}};

/* Of 32 bytes in 4 KB: no processor of the time fetches ahead over the end of a page. */
#define LINES_A_PAGE 128

#define AT_1GHZ "@1GHz"

/* --- reading ---------------------------------------------------------------------------------- */

/* Takes `suffix` off the end of a word, and the blanks before it. */
static bool cut(char *word, const char *suffix) {
	if (!g_str_has_suffix(word, suffix))
		return false;
	word[strlen(word) - strlen(suffix)] = '\0';
	g_strchomp(word);
	return true;
}

static bool read_amount(struct term *term, const char *text, const char **what) {
	bool time = term->kind <= TERM_CPU;
	double most = !time ? words[term->kind].most : term->per_byte ? MOST_PER_BYTE : MOST_EACH;

	if (!quantity_number(time ? VALUE_TIME : VALUE_FACTOR, text, &term->amount, what))
		return false;
	if (term->amount >= 0 && term->amount <= most)
		return true;
	*what = term->amount < 0 ? "negative" : "out of range";
	return false;
}

static bool read_term(struct term *term, char *text, const char **what) {
	*term = (struct term){.kind = TERM_TIME};
	term->smp = cut(text, " smp");
	term->per_byte = cut(text, "/B");
	for (unsigned kind = TERM_TRAP; kind < G_N_ELEMENTS(words); kind++)
		if (cut(text, words[kind].word))
			term->kind = kind;
	if (term->kind == TERM_TIME && cut(text, AT_1GHZ))
		term->kind = TERM_CPU;
	if (!read_amount(term, text, what))
		return false;
	if (term->kind <= TERM_CPU) /* a picosecond is the finest that there is */
		term->amount = (double)llround(term->amount);
	return true;
}

/* Whether a term of the kind of the last one stands before it: somebody meant something else. */
static bool said_twice(const struct terms *terms) {
	const struct term *last = &terms->term[terms->n - 1];

	for (const struct term *term = terms->term; term < last; term++)
		if (term->kind == last->kind && term->per_byte == last->per_byte &&
		    term->smp == last->smp)
			return true;
	return false;
}

bool terms_read(struct terms *terms, const char *text, const char **what) {
	g_auto(GStrv) parts = g_strsplit(text, "+", TERMS_MOST + 1);

	*terms = (struct terms){.n = 0};
	if (!parts[0]) {
		*what = "no cost";
		return false;
	}
	for (unsigned i = 0; parts[i]; i++) {
		if (i == TERMS_MOST) {
			*what = "more than eight terms";
			return false;
		}
		if (!read_term(&terms->term[i], g_strstrip(parts[i]), what))
			return false;
		terms->n++;
		if (said_twice(terms)) {
			*what = "not a time plus a time per byte, but two terms of one kind";
			return false;
		}
	}
	return true;
}

/* --- writing ---------------------------------------------------------------------------------- */

static void write_term(GString *text, const struct term *term) {
	g_autofree char *amount =
		quantity_format(term->kind <= TERM_CPU ? VALUE_TIME : VALUE_FACTOR, term->amount);

	g_string_append_printf(text, "%s%s", text->len ? " + " : "", amount);
	if (term->kind == TERM_CPU)
		g_string_append(text, AT_1GHZ);
	else if (term->kind != TERM_TIME)
		g_string_append_printf(text, " %s", words[term->kind].word);
	g_string_append_printf(text, "%s%s", term->per_byte ? "/B" : "", term->smp ? " smp" : "");
}

/* Terms of nothing are left out, as long as another is left. */
char *terms_write(const struct terms *terms) {
	GString *text = g_string_new(NULL);

	for (unsigned i = 0; i < terms->n; i++)
		if (terms->term[i].amount > 0)
			write_term(text, &terms->term[i]);
	if (!text->len)
		g_string_append(text, "0s");
	return g_string_free(text, FALSE);
}

/* --- on a machine ----------------------------------------------------------------------------- */

/* What so many lines a byte take of a byte. */
static double lines_in_a_row(double amount, const struct machine *machine) {
	if (machine->prefetch && amount > 0)
		return amount * machine->line / LINES_A_PAGE + machine->read;
	return amount * machine->line;
}

static double factor(enum term_kind kind, const struct machine *machine) {
	switch (kind) {
	case TERM_CPU:
		return 1 / machine->speed;
	case TERM_TRAP:
		return machine->trap;
	case TERM_SWITCH:
		return machine->exchange;
	case TERM_LINES:
		return machine->line;
	case TERM_READ:
		return machine->read;
	case TERM_COPY:
		return machine->copy;
	default:
		return 1;
	}
}

struct cost_value terms_on(const struct terms *terms, const struct machine *machine) {
	const struct machine plain = {
		.speed = 1, .trap = TERMS_TRAP_1GHZ, .exchange = TERMS_SWITCH_1GHZ};
	double each = 0, per_byte = 0;

	if (!machine)
		machine = &plain;
	for (unsigned i = 0; i < terms->n; i++) {
		const struct term *term = &terms->term[i];

		if (term->smp && !machine->smp)
			continue;
		if (term->kind == TERM_LINES && term->per_byte)
			per_byte += lines_in_a_row(term->amount, machine);
		else
			*(term->per_byte ? &per_byte : &each) +=
				term->amount * factor(term->kind, machine);
	}
	return (struct cost_value){.each = llround(MIN(each, MOST_EACH)),
	                           .per_byte = llround(MIN(per_byte, MOST_PER_BYTE))};
}

const char *terms_lack(const struct terms *terms, const struct machine *machine) {
	static const char *const keys[] = {[TERM_LINES] = "memory_latency",
	                                   [TERM_READ] = "memory_read",
	                                   [TERM_COPY] = "memory_copy"};

	for (unsigned i = 0; i < terms->n; i++)
		if (terms->term[i].amount > 0 && factor(terms->term[i].kind, machine) <= 0)
			return keys[terms->term[i].kind];
	return NULL;
}
