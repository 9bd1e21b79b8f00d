/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where did the time of each system call go?
 *
 * A task tells the costs of a call one after the other, with the call's number as their flow, and then the call
 * itself.  So what is told of a number is kept until its call is, and then known by name.
 */
#include "lab/campaign/watch_calls.h"

#include <string.h>

/* A named cost: static strings. */
struct share {
	const char *layer, *name;
	sim_time time;
};

/* Calls that are counted together, or one that is under way. */
struct account {
	uint64_t calls;
	sim_time took;
	GArray *shares; /* struct share */
};

struct watch_calls {
	struct sim *sim;
	GHashTable *open; /* struct account by flow */
	GHashTable *sums; /* by "MACHINE/PROGRAM/CALL" */
	GPtrArray *names; /* of them, in the order in which they came */
	struct sim_sink sink;
};

static void account_free(gpointer account) {
	g_array_unref(((struct account *)account)->shares);
	g_free(account);
}

static struct account *account_new(void) {
	struct account *account = g_new0(struct account, 1);

	account->shares = g_array_new(FALSE, FALSE, sizeof(struct share));
	return account;
}

static void add_share(struct account *account, const char *layer, const char *name, sim_time time) {
	struct share fresh = {layer, name, time};

	for (guint i = 0; i < account->shares->len; i++) {
		struct share *share = &g_array_index(account->shares, struct share, i);

		if (g_str_equal(share->name, name) && g_str_equal(share->layer, layer)) {
			share->time += time;
			return;
		}
	}
	g_array_append_val(account->shares, fresh);
}

/* The sum that a task's calls of that name go to.  A task's track lies below its machine's tasks, and has its
 * pid behind its name. */
static struct account *sum_of(struct watch_calls *seen, const struct sim_track *track,
                              const char *call) {
	const char *pid = strrchr(track->name, '[');
	int len = pid ? (int)(pid - track->name) : (int)strlen(track->name);
	char *name =
		g_strdup_printf("%s/%.*s/%s", track->parent->parent->name, len, track->name, call);
	struct account *sum = g_hash_table_lookup(seen->sums, name);

	if (sum) {
		g_free(name);
		return sum;
	}
	sum = account_new();
	g_hash_table_insert(seen->sums, name, sum);
	g_ptr_array_add(seen->names, name);
	return sum;
}

static bool is_task(const struct sim_track *track) {
	return track->parent && track->parent->parent && g_str_equal(track->parent->name, "tasks");
}

static void take_call(struct watch_calls *seen, const struct sim_track *track, const char *name,
                      sim_time took, sim_flow flow) {
	const struct account *call = g_hash_table_lookup(seen->open, GSIZE_TO_POINTER(flow));
	struct account *sum = sum_of(seen, track, name);

	sum->calls++;
	sum->took += took;
	for (guint i = 0; call && i < call->shares->len; i++) {
		const struct share *share = &g_array_index(call->shares, struct share, i);

		add_share(sum, share->layer, share->name, share->time);
	}
	g_hash_table_remove(seen->open, GSIZE_TO_POINTER(flow));
}

static void take_span(void *arg, const struct sim_track *track, const char *layer, const char *name,
                      sim_time start, sim_time end, sim_flow flow) {
	struct watch_calls *seen = arg;
	struct account *call;

	if (!is_task(track))
		return;
	if (!layer) {
		take_call(seen, track, name, end - start, flow);
		return;
	}
	if (!flow) {
		struct account *own = sum_of(seen, track, WATCH_OWN_CODE);

		own->took += end - start;
		add_share(own, layer, name, end - start);
		return;
	}
	call = g_hash_table_lookup(seen->open, GSIZE_TO_POINTER(flow));
	if (!call) {
		call = account_new();
		g_hash_table_insert(seen->open, GSIZE_TO_POINTER(flow), call);
	}
	add_share(call, layer, name, end - start);
}

static void begin(struct world *world, void *arg) {
	struct watch_calls *seen = arg;

	seen->sim = world->sim;
	seen->open = g_hash_table_new_full(NULL, NULL, NULL, account_free);
	seen->sums = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, account_free);
	seen->names = g_ptr_array_new();
	seen->sink = (struct sim_sink){.span = take_span, .arg = seen};
	sim_sink_add(seen->sim, &seen->sink);
}

static void tell(struct measures *m, const char *call, const char *what, double value) {
	g_autofree char *name = g_strdup_printf("call/%s/%s", call, what);

	measures_set(m, "explain", name, value);
}

static void end(struct world *world, struct measures *m, void *arg) {
	struct watch_calls *seen = arg;

	(void)world;
	sim_sink_remove(seen->sim, &seen->sink);
	for (guint i = 0; i < seen->names->len; i++) {
		const char *name = seen->names->pdata[i];
		const struct account *sum = g_hash_table_lookup(seen->sums, name);

		tell(m, name, "calls", (double)sum->calls);
		tell(m, name, "took", sim_to_us(sum->took));
		for (guint s = 0; s < sum->shares->len; s++) {
			const struct share *share = &g_array_index(sum->shares, struct share, s);
			g_autofree char *what =
				g_strdup_printf("cost/%s: %s", share->layer, share->name);

			tell(m, name, what, sim_to_us(share->time));
		}
	}
	g_ptr_array_unref(seen->names);
	g_hash_table_unref(seen->sums);
	g_hash_table_unref(seen->open);
}

struct watch_calls *watch_calls(struct run_spec *spec) {
	struct watch_calls *seen = g_new0(struct watch_calls, 1);

	spec->before = begin;
	spec->after = end;
	spec->arg = seen;
	return seen;
}

void watch_calls_free(struct watch_calls *seen) { g_free(seen); }
