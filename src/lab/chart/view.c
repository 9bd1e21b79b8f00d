/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is in which column, and what leads from one to another? */
#include "lab/chart/view.h"

#include <string.h>

#include "lab/campaign/partition.h"
#include "lab/figures/layers.h"

/* The order of columns, from program to wire; a task's is its pid behind the first. */
enum order {
	AT_TASKS = 0,
	AT_CALLS = 100000,
	AT_SOFTIRQ = AT_CALLS + LAYER_LOOKS,
	AT_HARDIRQ,
	AT_BUS,
	AT_CARD,
	AT_NIC,
	AT_SWITCH,
	AT_PEER
};

/* How the end of a wire is called that hands frames on. */
#define SWITCH "switch"

struct stage {
	const struct tape *tape;
	enum chart_view view;
	struct scene *scene;
	GHashTable *columns;          /* key -> number, and 1 */
	GHashTable *cards, *nics;     /* names of devices that ends of wires may be */
	GHashTable *transfers;        /* flow -> GPtrArray of tape_span: DMA on the bus */
	GHashTable *runs;             /* flow -> tape_span: a task's stretch behind a wake-up */
	GHashTable *seen;             /* flow -> GPtrArray of tape_mark: frames that arrive */
	GHashTable *wires;            /* flow -> GPtrArray of tape_span: a frame's, on each wire */
	const struct sim_track *host; /* the first; devices interrupt it */
};

/* --- tracks ----------------------------------------------------------------------------------- */

static const struct sim_track *top_of(const struct sim_track *track) {
	while (track->parent)
		track = track->parent;
	return track;
}

static bool is_on(const struct sim_track *track, unsigned rank) {
	return top_of(track)->rank == rank;
}

/* The device whose a track below a bus is. */
static const struct sim_track *device_of(const struct sim_track *track) {
	while (track->parent && track->parent->parent)
		track = track->parent;
	return track;
}

static bool is_host(const struct sim_track *track) {
	const struct sim_track *top = top_of(track);

	return top != track && top->rank == SIM_RANK_TASKS;
}

/* A task's own; "tasks" is between the host and it. */
static bool is_task(const struct sim_track *track) {
	return is_host(track) && track->parent->parent && !track->parent->parent->parent &&
	       track->parent->rank == SIM_RANK_TASKS;
}

static bool is_state(const struct sim_track *track) {
	return track->parent && is_task(track->parent) && g_str_equal(track->name, "state");
}

/* --- columns ---------------------------------------------------------------------------------- */

static guint column(struct stage *st, unsigned order, const char *title, const char *note,
                    size_t look) {
	g_autofree char *key = g_strdup_printf("%u %s %s", order, title, note);
	gpointer known = g_hash_table_lookup(st->columns, key);

	if (!known) {
		known = GUINT_TO_POINTER(scene_column(st->scene, order, title, note, look) + 1);
		g_hash_table_insert(st->columns, g_steal_pointer(&key), known);
	}
	return GPOINTER_TO_UINT(known) - 1;
}

static guint task_column(struct stage *st, const struct sim_track *task) {
	if (st->view == CHART_PLACE)
		return column(st, AT_TASKS, "Program", "", layer_look("user"));
	return column(st, AT_TASKS + task->rank, task->name, top_of(task)->name,
	              layer_look("user"));
}

static guint interrupt_column(struct stage *st) {
	if (st->view == CHART_PLACE)
		return column(st, AT_CALLS + (unsigned)layer_look("irq"), "Interrupts",
		              "and scheduler", layer_look("irq"));
	return column(st, AT_HARDIRQ, "Hard interrupt", st->host ? st->host->name : "",
	              layer_look("irq"));
}

/* Of columns that are layers of the host. */
static const char *const titles[LAYER_LOOKS] = {"Socket layer", "SOP", "TCP/IP", "Drivers",
                                                "Interrupts",   "Bus", "Card",   "Nobody"};

/* Of the host's work: by layer, or by who runs. */
static guint work_column(struct stage *st, const struct tape_span *span) {
	size_t look = layer_look(span->layer);

	if (st->view == CHART_CONTEXT) {
		if (is_task(span->track))
			return task_column(st, span->track);
		if (g_str_equal(span->track->name, "softirq"))
			return column(st, AT_SOFTIRQ, "Softirq", top_of(span->track)->name,
			              layer_look("irq"));
		if (g_str_equal(span->track->name, "hardirq"))
			return column(st, AT_HARDIRQ, "Hard interrupt", top_of(span->track)->name,
			              layer_look("irq"));
		return column(st, AT_SOFTIRQ, "Idle", top_of(span->track)->name, layer_look("irq"));
	}
	if (look == layer_look("irq") || g_str_equal(span->track->name, "hardirq"))
		return interrupt_column(st);
	/* Its accesses to registers are the drivers'. */
	if (look == layer_look("pci"))
		look = layer_look("driver");
	return column(st, AT_CALLS + (unsigned)look, titles[look], "", look);
}

static guint bus_column(struct stage *st, const struct sim_track *bus) {
	return column(st, AT_BUS, "PCI bus", bus->name, layer_look("bus"));
}

static guint card_column(struct stage *st, const char *name) {
	return column(st, AT_CARD, name, "card", layer_look("card"));
}

/* Of an end of a wire. */
static guint end_column(struct stage *st, const char *name, const char *wire) {
	if (g_hash_table_contains(st->cards, name))
		return card_column(st, name);
	if (g_hash_table_contains(st->nics, name))
		return column(st, AT_NIC, name, "Ethernet card", layer_look("driver"));
	return column(st, g_str_equal(name, SWITCH) ? AT_SWITCH : AT_PEER, name, wire,
	              layer_look("user"));
}

static void find_devices(struct stage *st, const struct sim_track *track) {
	const struct sim_track *top = top_of(track), *device = device_of(track);

	if (!st->host && is_host(track))
		st->host = top;
	if (top->rank == SIM_RANK_CARD)
		g_hash_table_add(st->cards, (gpointer)(uintptr_t)top->name);
	else if (top->rank == SIM_RANK_BUS && device != top)
		g_hash_table_add(st->nics, (gpointer)(uintptr_t)device->name);
}

/* --- spans ------------------------------------------------------------------------------------ */

/* What a burst on the bus carries: the transfer of its flow that is under way. */
static const char *carried(const struct stage *st, const struct tape_span *burst) {
	const GPtrArray *all = g_hash_table_lookup(st->transfers, &burst->flow);

	for (guint i = 0; all && i < all->len; i++) {
		const struct tape_span *dma = all->pdata[i];

		if (dma->track->parent == burst->track && dma->start <= burst->start &&
		    dma->end >= burst->end)
			return dma->name;
	}
	return burst->name;
}

static char *bus_name(const struct stage *st, const struct tape_span *span) {
	const struct sim_track *device = device_of(span->track);

	if (g_str_equal(device->name, "bridge"))
		return g_strdup(g_str_equal(span->name, "post") ? "posted write" : span->name);
	return g_strdup_printf("%s %s", device->name, carried(st, span));
}

static void take_work(struct stage *st, const struct tape_span *span) {
	struct chart_bar bar = {.start = span->start,
	                        .end = span->end,
	                        .look = layer_look(span->layer),
	                        .spans = 1};
	g_autofree char *name = NULL;

	if (span->end <= st->scene->from || span->start >= st->scene->to)
		return;
	if (is_on(span->track, SIM_RANK_BUS)) {
		bar.column = bus_column(st, top_of(span->track));
		bar.look = layer_look("bus");
		name = bus_name(st, span);
	} else if (is_on(span->track, SIM_RANK_CARD)) {
		bar.column = card_column(st, top_of(span->track)->name);
	} else if (is_host(span->track)) {
		bar.column = work_column(st, span);
	} else {
		return;
	}
	scene_bar(st->scene, bar, name ? name : span->name);
}

static void take_state(struct stage *st, const struct tape_span *span,
                       const struct tape_span *call) {
	struct chart_bar bar = {
		.start = span->start, .end = span->end, .look = LAYER_LOOKS - 1, .waits = true};

	if (g_str_equal(span->name, "runs") || span->start > st->scene->to)
		return;
	if (st->view == CHART_PLACE && (!call || call->track != span->track->parent))
		return;
	bar.column = task_column(st, span->track->parent);
	scene_bar(st->scene, bar, g_str_equal(span->name, "ready") ? "is ready" : span->name);
}

/* --- arrows ----------------------------------------------------------------------------------- */

static const struct tape_mark *seen_of(const struct stage *st, const struct tape_span *frame) {
	const GPtrArray *all = g_hash_table_lookup(st->seen, &frame->flow);

	for (guint i = 0; all && i < all->len; i++) {
		const struct tape_mark *mark = all->pdata[i];

		if (mark->track == frame->track)
			return mark;
	}
	return NULL;
}

/* A switch that has a frame hands it on, and says nothing else; SIM_NEVER: it does not. */
static sim_time handed_on(const struct stage *st, const struct tape_span *frame) {
	const GPtrArray *all = g_hash_table_lookup(st->wires, &frame->flow);
	sim_time first = SIM_NEVER;

	for (guint i = 0; all && i < all->len; i++) {
		const struct tape_span *wire = all->pdata[i];

		if (g_str_has_prefix(wire->track->name, SWITCH " -> ") &&
		    wire->track != frame->track && wire->start >= frame->end)
			first = MIN(first, wire->start);
	}
	return first;
}

/* When the other end has it; SIM_NEVER: it is lost. */
static sim_time arrival_of(const struct stage *st, const struct tape_span *frame) {
	const struct tape_mark *seen = seen_of(st, frame);

	if (seen)
		return seen->when;
	return g_str_has_suffix(frame->track->name, " -> " SWITCH) ? handed_on(st, frame)
	                                                           : SIM_NEVER;
}

/* From when it leaves to when the other end has it; a frame that is lost arrives nowhere. */
static void take_frame(struct stage *st, const struct tape_span *span) {
	g_auto(GStrv) ends = NULL;
	struct chart_arrow arrow = {.left = span->start, .line = CHART_FRAME};
	g_autofree char *lost = NULL;

	if (span->start < st->scene->from || span->start > st->scene->to)
		return;
	ends = g_strsplit(span->track->name, " -> ", 2);
	arrow.arrived = arrival_of(st, span);
	if (!ends[0] || !ends[1] ||
	    (arrow.arrived == SIM_NEVER && span->end + SIM_MS > st->tape->last))
		return;
	if (arrow.arrived == SIM_NEVER) {
		lost = g_strconcat(span->name, ", lost", NULL);
		arrow.line = CHART_LOST;
		arrow.arrived = span->end;
	}
	if (arrow.arrived > st->scene->to)
		return;
	arrow.from = end_column(st, ends[0], top_of(span->track)->name);
	arrow.to = end_column(st, ends[1], top_of(span->track)->name);
	scene_arrow(st->scene, arrow, lost ? lost : span->name);
}

/* The stretch that a task runs after a wake-up has its flow. */
static void take_wake(struct stage *st, const struct tape_mark *mark) {
	const struct tape_span *runs = g_hash_table_lookup(st->runs, &mark->flow);
	const struct tape_span from = {.track = mark->track, .layer = "sched"};
	struct chart_arrow arrow = {.left = mark->when, .line = CHART_WAKE};

	if (!mark->flow || !runs)
		return;
	arrow.arrived = runs->start;
	if (arrow.left < st->scene->from || arrow.arrived > st->scene->to)
		return;
	arrow.from = work_column(st, &from);
	arrow.to = task_column(st, runs->track->parent);
	scene_arrow(st->scene, arrow, "wake-up");
}

static void take_message(struct stage *st, const struct tape_mark *mark) {
	const struct sim_track *device = device_of(mark->track);
	struct chart_arrow arrow = {
		.left = mark->when, .arrived = mark->when, .line = CHART_MESSAGE};
	bool interrupt = g_str_equal(mark->name, "interrupt");
	guint card;

	if (mark->when < st->scene->from || mark->when > st->scene->to)
		return;
	card = end_column(st, device->name, "");
	arrow.from = interrupt || g_str_equal(mark->name, "completion")
	                     ? card
	                     : bus_column(st, top_of(mark->track));
	arrow.to = interrupt            ? interrupt_column(st)
	           : arrow.from == card ? bus_column(st, top_of(mark->track))
	                                : card;
	scene_arrow(st->scene, arrow, mark->name);
}

static void take_mark(struct stage *st, const struct tape_mark *mark) {
	if (is_on(mark->track, SIM_RANK_BUS))
		take_message(st, mark);
	else if (st->view == CHART_CONTEXT && is_host(mark->track) &&
	         g_str_equal(mark->name, "wake-up"))
		take_wake(st, mark);
}

/* --- what belongs together -------------------------------------------------------------------- */

static void add_to(GHashTable *table, const sim_flow *flow, gconstpointer what) {
	GPtrArray *all = g_hash_table_lookup(table, flow);

	if (!all) {
		all = g_ptr_array_new();
		g_hash_table_insert(table, (gpointer)(uintptr_t)flow, all);
	}
	g_ptr_array_add(all, (gpointer)(uintptr_t)what);
}

/* Keys are the tape's. */
static void find_flows(struct stage *st) {
	GDestroyNotify unref = (GDestroyNotify)g_ptr_array_unref;

	st->transfers = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, unref);
	st->seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, unref);
	st->wires = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, unref);
	st->runs = g_hash_table_new(g_int64_hash, g_int64_equal);
	for (guint i = 0; i < st->tape->spans->len; i++) {
		const struct tape_span *span = tape_span_nth(st->tape, i);

		if (span->layer || !span->flow)
			continue;
		if (is_on(span->track, SIM_RANK_BUS))
			add_to(st->transfers, &span->flow, span);
		else if (is_on(span->track, SIM_RANK_WIRE))
			add_to(st->wires, &span->flow, span);
		else if (is_state(span->track) && !g_hash_table_contains(st->runs, &span->flow))
			g_hash_table_insert(st->runs, (gpointer)(uintptr_t)&span->flow,
			                    (gpointer)(uintptr_t)span);
	}
	for (guint i = 0; i < st->tape->marks->len; i++) {
		const struct tape_mark *mark = tape_mark_nth(st->tape, i);

		if (mark->flow && g_str_equal(mark->name, "seen"))
			add_to(st->seen, &mark->flow, mark);
	}
}

/* --- the call --------------------------------------------------------------------------------- */

/* From the program into the kernel, and back. */
static void take_call(struct stage *st, const struct tape_span *call) {
	g_autofree char *name = g_strconcat(call->name, "()", NULL);
	guint program = task_column(st, call->track);
	const struct tape_span *first = NULL, *last = NULL;

	for (guint i = 0; i < st->tape->spans->len; i++) {
		const struct tape_span *span = tape_span_nth(st->tape, i);

		if (!span->layer || !is_host(span->track) || span->start < call->start ||
		    span->end > call->end)
			continue;
		first = !first || span->start < first->start ? span : first;
		last = !last || span->end > last->end ? span : last;
	}
	if (!first)
		return;
	scene_arrow(st->scene,
	            (struct chart_arrow){.from = program,
	                                 .to = work_column(st, first),
	                                 .left = call->start,
	                                 .arrived = call->start},
	            name);
	scene_arrow(st->scene,
	            (struct chart_arrow){.from = work_column(st, last),
	                                 .to = program,
	                                 .left = call->end,
	                                 .arrived = call->end,
	                                 .line = CHART_WAKE},
	            "");
}

static void take_part(void *arg, const char *layer, const char *name, sim_time start,
                      sim_time end) {
	struct scene *scene = arg;
	struct chart_part part = {start, end, name, layer_look(layer)};
	struct chart_part *last =
		scene->parts->len
			? &g_array_index(scene->parts, struct chart_part, scene->parts->len - 1)
			: NULL;

	if (last && g_strcmp0(last->name, name) == 0 && last->look == part.look)
		last->end = end;
	else
		g_array_append_val(scene->parts, part);
}

static void divide(struct stage *st) {
	struct partition *p = partition_new();

	for (guint i = 0; i < st->tape->spans->len; i++) {
		const struct tape_span *span = tape_span_nth(st->tape, i);

		if (span->layer)
			partition_add(p, span->layer, span->name, span->start, span->end);
	}
	partition_each(p, st->scene->from, st->scene->to, take_part, st->scene);
	partition_free(p);
}

struct scene *chart_scene(const struct tape *tape, enum chart_view view, sim_time from, sim_time to,
                          const struct tape_span *call) {
	struct stage st = {
		.tape = tape,
		.view = view,
		.scene = scene_new(from, to),
		.columns = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
		.cards = g_hash_table_new(g_str_hash, g_str_equal),
		.nics = g_hash_table_new(g_str_hash, g_str_equal),
	};

	find_flows(&st);
	for (guint i = 0; i < tape->spans->len; i++)
		find_devices(&st, tape_span_nth(tape, i)->track);
	for (guint i = 0; i < tape->spans->len; i++) {
		const struct tape_span *span = tape_span_nth(tape, i);

		if (span->layer)
			take_work(&st, span);
		else if (is_on(span->track, SIM_RANK_WIRE))
			take_frame(&st, span);
		else if (is_state(span->track))
			take_state(&st, span, call);
	}
	for (guint i = 0; i < tape->marks->len; i++)
		take_mark(&st, tape_mark_nth(tape, i));
	if (call && view == CHART_PLACE)
		take_call(&st, call);
	if (call)
		divide(&st);
	g_hash_table_unref(st.transfers);
	g_hash_table_unref(st.runs);
	g_hash_table_unref(st.seen);
	g_hash_table_unref(st.wires);
	g_hash_table_unref(st.columns);
	g_hash_table_unref(st.cards);
	g_hash_table_unref(st.nics);
	return st.scene;
}

/* --- calls ------------------------------------------------------------------------------------ */

static gint by_beginning(gconstpointer a, gconstpointer b) {
	const struct tape_span *x = *(const struct tape_span *const *)a,
			       *y = *(const struct tape_span *const *)b;

	return x->start < y->start ? -1 : x->start > y->start;
}

const struct tape_span *chart_call(const struct tape *tape, const char *name, unsigned nth) {
	g_autoptr(GPtrArray) calls = g_ptr_array_new();

	for (guint i = 0; i < tape->spans->len; i++) {
		const struct tape_span *span = tape_span_nth(tape, i);

		if (chart_is_call(span) && (!name || g_str_has_prefix(span->name, name)))
			g_ptr_array_add(calls, (gpointer)(uintptr_t)span);
	}
	g_ptr_array_sort(calls, by_beginning);
	return nth && nth <= calls->len ? calls->pdata[nth - 1] : NULL;
}
