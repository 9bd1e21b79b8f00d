/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which run is next?
 *
 * The runs of a row are alike, so rows are what is sorted: those of which one has run by its time, the others by
 * their weight, which says nothing but how they compare with each other.
 */
#include "lab/campaign/longest.h"

struct lane {
	guint row;
	double weight, wall_s; /* of a run; wall_s 0: not known */
	GQueue runs;           /* struct sweep_run, in order */
};

struct longest {
	const struct sweep *sweep;
	struct lane *lanes;    /* one for each row */
	GTree *known, *others; /* struct lane that have runs, the longest first */
	guint left;
	double weight, wall_s; /* of what has ended */
};

static gint by_length(double x, double y, const struct lane *a, const struct lane *b) {
	if (x != y)
		return x > y ? -1 : 1;
	return a->row < b->row ? -1 : a->row > b->row;
}

static gint by_wall(gconstpointer a, gconstpointer b) {
	const struct lane *x = a, *y = b;

	return by_length(x->wall_s, y->wall_s, x, y);
}

static gint by_weight(gconstpointer a, gconstpointer b) {
	const struct lane *x = a, *y = b;

	return by_length(x->weight, y->weight, x, y);
}

struct longest *longest_new(const struct sweep *sweep) {
	struct longest *longest = g_new0(struct longest, 1);

	longest->sweep = sweep;
	longest->lanes = g_new0(struct lane, sweep->rows->len);
	for (guint i = 0; i < sweep->rows->len; i++) {
		const struct sweep_row *row = sweep_row(sweep, i);

		longest->lanes[i] = (struct lane){i, row->weight, row->wall_s, G_QUEUE_INIT};
	}
	longest->known = g_tree_new(by_wall);
	longest->others = g_tree_new(by_weight);
	return longest;
}

void longest_free(struct longest *longest) {
	g_tree_unref(longest->known);
	g_tree_unref(longest->others);
	for (guint i = 0; i < longest->sweep->rows->len; i++)
		g_queue_clear(&longest->lanes[i].runs);
	g_free(longest->lanes);
	g_free(longest);
}

static GTree *tree_of(const struct longest *longest, const struct lane *lane) {
	return lane->wall_s > 0 ? longest->known : longest->others;
}

void longest_add(struct longest *longest, const struct sweep_run *run) {
	struct lane *lane = &longest->lanes[run->row];

	if (g_queue_is_empty(&lane->runs))
		g_tree_insert(tree_of(longest, lane), lane, lane);
	g_queue_push_tail(&lane->runs, (gpointer)(uintptr_t)run);
	longest->left++;
}

guint longest_left(const struct longest *longest) { return longest->left; }

static struct lane *first(GTree *tree) {
	GTreeNode *node = g_tree_node_first(tree);

	return node ? g_tree_node_value(node) : NULL;
}

const struct sweep_run *longest_take(struct longest *longest) {
	struct lane *known = first(longest->known), *other = first(longest->others), *lane;
	/* Before anything has ended there is nothing that is known. */
	double seconds = other && longest->weight > 0
	                         ? other->weight * longest->wall_s / longest->weight
	                         : 0;
	const struct sweep_run *run;

	lane = !known || (other && seconds > known->wall_s) ? other : known;
	if (!lane)
		return NULL;
	run = g_queue_pop_head(&lane->runs);
	if (g_queue_is_empty(&lane->runs))
		g_tree_remove(tree_of(longest, lane), lane);
	longest->left--;
	return run;
}

void longest_learn(struct longest *longest, guint row, double weight, double wall_s) {
	struct lane *lane = &longest->lanes[row];
	bool waits = !g_queue_is_empty(&lane->runs);

	longest->weight += weight;
	longest->wall_s += wall_s;
	if (wall_s <= lane->wall_s)
		return;
	if (waits)
		g_tree_remove(tree_of(longest, lane), lane);
	lane->wall_s = wall_s;
	if (waits)
		g_tree_insert(tree_of(longest, lane), lane, lane);
}
