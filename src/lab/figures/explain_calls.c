/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which system calls does a program make, and where does the host's time go in each?
 *
 * What a call took and nobody worked at for it is waiting: for a peer, a card, another program, or a tick.
 */
#include "lab/figures/explain_calls.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lab/campaign/watch_calls.h"

struct cost {
	char *name; /* with its layer in front */
	double us;  /* of all calls */
};

struct call {
	char *name;
	double calls, took, worked; /* microseconds of all of them */
	GArray *costs;              /* struct cost */
};

struct program {
	char *machine, *name;
	double worked;
	GArray *calls; /* struct call */
};

/* --- what was measured ------------------------------------------------------------------------ */

static void clear_cost(gpointer cost) { g_free(((struct cost *)cost)->name); }

static void clear_call(gpointer data) {
	struct call *call = data;

	g_free(call->name);
	g_array_unref(call->costs);
}

static void clear_program(gpointer data) {
	struct program *program = data;

	g_free(program->machine);
	g_free(program->name);
	g_array_unref(program->calls);
}

static GArray *list_new(guint size, GDestroyNotify clear) {
	GArray *list = g_array_new(FALSE, TRUE, size);

	g_array_set_clear_func(list, clear);
	return list;
}

/* Measures of a program, and in it of a call, follow each other. */
static struct program *program_called(GArray *programs, const char *machine, const char *name) {
	struct program fresh = {.machine = g_strdup(machine), .name = g_strdup(name)};

	for (guint i = 0; i < programs->len; i++) {
		struct program *old = &g_array_index(programs, struct program, i);

		if (g_str_equal(old->machine, machine) && g_str_equal(old->name, name)) {
			g_free(fresh.machine);
			g_free(fresh.name);
			return old;
		}
	}
	fresh.calls = list_new(sizeof(struct call), clear_call);
	g_array_append_val(programs, fresh);
	return &g_array_index(programs, struct program, programs->len - 1);
}

static struct call *call_called(struct program *program, const char *name) {
	struct call fresh = {.name = NULL};

	for (guint i = 0; i < program->calls->len; i++) {
		struct call *old = &g_array_index(program->calls, struct call, i);

		if (g_str_equal(old->name, name))
			return old;
	}
	fresh.name = g_strdup(name);
	fresh.costs = list_new(sizeof(struct cost), clear_cost);
	g_array_append_val(program->calls, fresh);
	return &g_array_index(program->calls, struct call, program->calls->len - 1);
}

/* MACHINE/PROGRAM/CALL/WHAT, where WHAT may have a name of its own behind it. */
static void take_measure(GArray *programs, const char *name, double value) {
	g_auto(GStrv) words = g_strsplit(name, "/", 5);
	struct program *program;
	struct call *call;

	if (g_strv_length(words) < 4)
		return;
	program = program_called(programs, words[0], words[1]);
	call = call_called(program, words[2]);
	if (words[4]) {
		struct cost cost = {g_strdup(words[4]), value};

		g_array_append_val(call->costs, cost);
		call->worked += value;
		program->worked += value;
	} else if (g_str_equal(words[3], "took")) {
		call->took = value;
	} else {
		call->calls = value;
	}
}

/* --- what is told ----------------------------------------------------------------------------- */

static gint by_cost(gconstpointer a, gconstpointer b) {
	const struct cost *x = a, *y = b;

	return x->us < y->us ? 1 : x->us > y->us ? -1 : strcmp(x->name, y->name);
}

static gint by_work(gconstpointer a, gconstpointer b) {
	const struct call *x = a, *y = b;

	return x->worked < y->worked ? 1 : x->worked > y->worked ? -1 : strcmp(x->name, y->name);
}

/* What is told is of one call; what is no call has all of its own. */
static double times(const struct call *call) { return fmax(call->calls, 1); }

/* Sums of work and of time may differ in their last bit. */
static double waited(const struct call *call) { return fmax(call->took - call->worked, 0); }

static void print_call(const struct call *call, double all) {
	double n = times(call);

	printf("  %-24s %9.0f %12.3f %12.3f %12.3f %6.1f\n", call->name, call->calls,
	       call->took / n, call->worked / n, waited(call) / n,
	       all > 0 ? 100 * call->worked / all : 0);
	for (guint i = 0; i < call->costs->len; i++) {
		const struct cost *cost = &g_array_index(call->costs, struct cost, i);

		printf("    %-32s %27.3f\n", cost->name, cost->us / n);
	}
}

static void put_call(struct answer *answer, const struct program *program,
                     const struct call *call) {
	g_autofree char *group = g_strdup_printf("%s/%s", program->machine, program->name);
	struct answer_row row = {.of = call->name, .group = group, .unit = "us", .ci95 = NAN};
	double n = times(call);
	const struct {
		const char *measure;
		double value;
	} rows[] = {{"took", call->took / n},
	            {"worked", call->worked / n},
	            {"waited", waited(call) / n}};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		row.measure = rows[i].measure;
		row.value = rows[i].value;
		answer_add(answer, &row);
	}
	for (guint i = 0; i < call->costs->len; i++) {
		const struct cost *cost = &g_array_index(call->costs, struct cost, i);

		row.measure = cost->name;
		row.value = cost->us / n;
		answer_add(answer, &row);
	}
	row.measure = "calls";
	row.unit = "1";
	row.value = call->calls;
	answer_add(answer, &row);
}

static void tell_program(struct program *program, struct answer *answer) {
	g_array_sort(program->calls, by_work);
	if (!answer) {
		g_autofree char *title = g_strdup_printf("%s, %s", program->machine, program->name);

		printf("\n%-26s %9s %12s %12s %12s %6s\n", title, "calls", "took us", "worked us",
		       "waited us", "work %");
	}
	for (guint i = 0; i < program->calls->len; i++) {
		const struct call *call = &g_array_index(program->calls, struct call, i);

		g_array_sort(call->costs, by_cost);
		if (answer)
			put_call(answer, program, call);
		else
			print_call(call, program->worked);
	}
}

void explain_calls(const struct measures *m, struct answer *answer) {
	g_autoptr(GArray) programs = list_new(sizeof(struct program), clear_program);

	for (guint i = 0; i < m->list->len; i++) {
		const struct measure *measure = &g_array_index(m->list, struct measure, i);

		if (g_str_has_prefix(measure->name, WATCH_CALLS))
			take_measure(programs, measure->name + strlen(WATCH_CALLS), measure->value);
	}
	for (guint i = 0; i < programs->len; i++)
		tell_program(&g_array_index(programs, struct program, i), answer);
}
