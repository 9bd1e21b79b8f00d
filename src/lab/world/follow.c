/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which connections are followed, and what is written of them? */
#include "lab/world/follow.h"

#include <netinet/tcp.h>
#include <string.h>

#include "net/engine/follow.h"
#include "sim/trace.h"

/* Ends that are named where none was found. */
#define NAMED_MOST 4

struct end {
	struct follow *follow;
	uint64_t number;
	char *stack;
	uint32_t laddr, faddr;
	uint16_t lport, fport;
	sim_time begun;
	GString *rows; /* of tcp-N.csv; NULL: it is not followed */
	unsigned n;
	const struct sim_track *cwnd, *in_flight;
};

struct follow {
	struct world *world;
	struct follow_which which;
	struct net_follower follower;
	GPtrArray *ends; /* struct end, by number */
	unsigned followed;
};

/* --- which ------------------------------------------------------------------------------------ */

bool follow_parse(const char *text, struct follow_which *which, GError **error) {
	const char *colon = strrchr(text, ':');
	g_autofree char *addr = colon ? g_strndup(text, (gsize)(colon - text)) : NULL;
	uint64_t number = 0;
	bool good = g_ascii_string_to_unsigned(colon ? colon + 1 : text, 10, 1,
	                                       colon ? UINT16_MAX : UINT32_MAX, &number, NULL);

	*which = (struct follow_which){.rows = FOLLOW_ROWS};
	if (colon)
		which->port = (uint16_t)number;
	else
		which->number = number;
	if (addr && *addr)
		good = good && quantity_address(addr, &which->addr) && which->addr;
	if (!good)
		g_set_error(
			error, LAB_ERROR, LAB_ERROR_INPUT,
			"--follow: '%s': no connection is called so; allowed: the number of an end as "
			"connections.csv has it, ADDRESS:PORT of an end, or :PORT",
			text);
	return good;
}

static bool is_wanted(const struct follow *f, const struct end *end) {
	if (f->which.number)
		return f->which.number == end->number;
	return f->which.port == end->lport && (!f->which.addr || f->which.addr == end->laddr);
}

/* --- what is told ----------------------------------------------------------------------------- */

static const char *const states[] = {
	[TCP_ESTABLISHED] = "ESTABLISHED",
	[TCP_SYN_SENT] = "SYN_SENT",
	[TCP_SYN_RECV] = "SYN_RECV",
	[TCP_FIN_WAIT1] = "FIN_WAIT1",
	[TCP_FIN_WAIT2] = "FIN_WAIT2",
	[TCP_TIME_WAIT] = "TIME_WAIT",
	[TCP_CLOSE] = "CLOSE",
	[TCP_CLOSE_WAIT] = "CLOSE_WAIT",
	[TCP_LAST_ACK] = "LAST_ACK",
	[TCP_LISTEN] = "LISTEN",
	[TCP_CLOSING] = "CLOSING",
};

static const char *const steps[NET_STEP_COUNT] = {
#define X(step, name) name,
	NET_STEPS(X)
#undef X
};

/* To the picosecond: a double would do, but not for ever. */
static void put_seconds(GString *csv, sim_time t) {
	g_string_append_printf(csv, "%" G_GINT64_FORMAT ".%012" G_GINT64_FORMAT, t / SIM_S,
	                       t % SIM_S);
}

static void put_us(GString *csv, sim_time t) {
	g_string_append_printf(csv, "%" G_GINT64_FORMAT ".%06" G_GINT64_FORMAT ",", t / SIM_US,
	                       t % SIM_US);
}

/* What is not known yet is an empty cell. */
static void put_row(GString *csv, sim_time now, const struct net_look *look) {
	const char *between = "";

	put_seconds(csv, now);
	g_string_append_printf(csv, ",%u,", look->cwnd);
	if (look->ssthresh != NET_NO_THRESHOLD)
		g_string_append_printf(csv, "%u", look->ssthresh);
	g_string_append_printf(csv, ",%u,%u,", look->in_flight, look->rwnd);
	if (look->srtt)
		put_us(csv, look->srtt);
	else
		g_string_append_c(csv, ',');
	put_us(csv, look->rto);
	g_string_append_printf(csv, "%s,", states[look->state]);
	for (unsigned i = 0; i < NET_STEP_COUNT; i++)
		if (look->steps & 1U << i) {
			g_string_append_printf(csv, "%s%s", between, steps[i]);
			between = "; ";
		}
	g_string_append_c(csv, '\n');
}

static void on_changed(void *connection, const struct net_look *look) {
	struct end *end = connection;

	if (end->n < end->follow->which.rows) {
		put_row(end->rows, sim_now(end->follow->world->sim), look);
		end->n++;
	}
	sim_count(end->cwnd, look->cwnd);
	sim_count(end->in_flight, look->in_flight);
}

/* The trace and the series have its windows as counters. */
static void begin_rows(struct end *end) {
	struct sim *sim = end->follow->world->sim;
	g_autofree char *name = g_strdup_printf("tcp-%" G_GUINT64_FORMAT, end->number);
	const struct sim_track *track = sim_track(sim, NULL, name, SIM_RANK_QUEUES);

	end->cwnd = sim_counter(sim, track, "cwnd", "bytes", 0);
	end->in_flight = sim_counter(sim, track, "in flight", "bytes", 1);
	end->rows = g_string_new("t_s,cwnd,ssthresh,in_flight,rwnd,srtt_us,rto_us,state,event\n");
}

static void *on_begins(void *arg, const char *stack, const struct net_look *look) {
	struct follow *f = arg;
	struct end *end = g_new0(struct end, 1);

	g_ptr_array_add(f->ends, end);
	end->follow = f;
	end->number = f->ends->len;
	end->stack = g_strdup(stack);
	end->laddr = look->laddr;
	end->faddr = look->faddr;
	end->lport = look->lport;
	end->fport = look->fport;
	end->begun = sim_now(f->world->sim);
	if (!is_wanted(f, end) || f->followed == FOLLOW_MOST)
		return NULL;
	f->followed++;
	begin_rows(end);
	return end;
}

/* --- files ------------------------------------------------------------------------------------ */

static void put_end(GString *out, const struct end *end, const char *between) {
	g_autofree char *local = quantity_format_address(end->laddr);
	g_autofree char *remote = quantity_format_address(end->faddr);

	g_string_append_printf(out, "%" G_GUINT64_FORMAT "%s%s%s%s:%u%s%s:%u", end->number, between,
	                       end->stack, between, local, end->lport, between, remote, end->fport);
}

static void put_connections(const struct follow *f, GString *out) {
	g_string_append(out, "> connections.csv\nnumber,stack,local,remote,t_s,followed\n");
	for (guint i = 0; i < f->ends->len; i++) {
		const struct end *end = f->ends->pdata[i];

		put_end(out, end, ",");
		g_string_append_c(out, ',');
		put_seconds(out, end->begun);
		g_string_append_printf(out, ",%d\n", end->rows != NULL);
	}
}

static void nobody_there(const struct follow *f, GError **error) {
	g_autoptr(GString) there = g_string_new(NULL);
	guint n = f->ends->len;

	for (guint i = 0; i < MIN(n, NAMED_MOST); i++) {
		g_string_append(there, i ? ", " : ": ");
		put_end(there, f->ends->pdata[i], " ");
	}
	if (n > NAMED_MOST)
		g_string_append(there, " ...");
	g_set_error(
		error, LAB_ERROR, LAB_ERROR_INPUT,
		"--follow: no such connection; allowed: one of the %u ends that began (number, stack, "
		"its own, the other's)%s",
		n, there->str);
}

GString *follow_files(const struct follow *f, GError **error) {
	GString *out;

	if (!f->followed) {
		nobody_there(f, error);
		return NULL;
	}
	out = g_string_new(NULL);
	put_connections(f, out);
	for (guint i = 0; i < f->ends->len; i++) {
		const struct end *end = f->ends->pdata[i];

		if (end->rows)
			g_string_append_printf(out, "> tcp-%" G_GUINT64_FORMAT ".csv\n%s",
			                       end->number, end->rows->str);
	}
	return out;
}

/* --- life ------------------------------------------------------------------------------------- */

static void free_end(void *data) {
	struct end *end = data;

	if (end->rows)
		g_string_free(end->rows, TRUE);
	g_free(end->stack);
	g_free(end);
}

void follow_stack(struct follow *f, struct net_stack *st) { net_follow(st, &f->follower); }

struct follow *follow_new(struct world *world, const struct follow_which *which) {
	struct follow *f = g_new0(struct follow, 1);

	f->world = world;
	f->which = *which;
	f->follower = (struct net_follower){.begins = on_begins, .changed = on_changed, .arg = f};
	f->ends = g_ptr_array_new_with_free_func(free_end);
	for (guint i = 0; i < world->stacks->len; i++)
		follow_stack(f, world->stacks->pdata[i]);
	return f;
}

void follow_free(struct follow *f) {
	for (guint i = 0; i < f->world->stacks->len; i++)
		net_follow(f->world->stacks->pdata[i], NULL);
	g_ptr_array_unref(f->ends);
	g_free(f);
}
